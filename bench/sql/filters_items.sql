-- The table that is searched, from what was loaded. A condition u100 = 7 takes one row in 100, by chance, and so do those on payload and on
-- area, which are for other indexes; hundred = 7 takes a hundred rows, and each other value of that column about as many.
\set QUIET on
\ir common.sql
SELECT greatest(count(*) / 100, 1) AS hundreds FROM loaded \gset

CREATE TABLE items AS
SELECT id, embedding, by_chance(id, 2) AS u2, by_chance(id, 10) AS u10, by_chance(id, 100) AS u100, by_chance(id, 1000) AS u1000,
       by_chance(id, 10000) AS u10000, jsonb_build_object('id', id, 'u100', by_chance(id, 100)) AS payload,
       box(point(10 * by_chance(id, 100) + 1, 1), point(10 * by_chance(id, 100) + 2, 2)) AS area, near, hashint8extended(id, 5) AS big,
       CASE WHEN row_number() OVER (ORDER BY hashint8extended(id, 3)) <= 100 THEN 7 ELSE 1000 + by_chance(id, :hundreds) END AS hundred
FROM loaded JOIN places USING (id) ORDER BY id;
ALTER TABLE items ADD PRIMARY KEY (id);
-- Vectors are stored beside the table, which makes it look too small for a parallel build.
ALTER TABLE items SET (parallel_workers = 1);
VACUUM (FREEZE, ANALYZE) items;

-- Queries are stored in the row: a plan that compares many rows must not fetch its query for each of them.
CREATE TABLE queries AS SELECT id, embedding, nearest, farthest FROM loaded_queries JOIN query_places USING (id) LIMIT 0;
ALTER TABLE queries ALTER embedding SET STORAGE PLAIN;
INSERT INTO queries SELECT id, embedding, nearest, farthest FROM loaded_queries JOIN query_places USING (id);
ANALYZE queries;
DROP TABLE loaded, loaded_queries, places, query_places;
