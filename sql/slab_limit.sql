-- slab_last_scan(), and that a scan knows how many rows its query wants: LIMIT and OFFSET in all their places.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE TABLE slab_limit_items (id integer, v vec(2));
INSERT INTO slab_limit_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 300) AS i;
CREATE INDEX slab_limit_i ON slab_limit_items USING slab (v);
CREATE VIEW slab_limit_last AS SELECT index, expected, rows FROM slab_last_scan();
SET enable_seqscan = off;

-- nothing yet
\c
SET enable_seqscan = off;
SELECT * FROM slab_last_scan();
SELECT slab_last_scan() IS NULL AS nothing;

-- ---- simple queries

SELECT id FROM slab_limit_items ORDER BY v <-> '[7,0]' LIMIT 1 \g /dev/null
SELECT index, exact, expected, rows, passes, buffers > 0 AS buffers, compared > 0 AS compared FROM slab_last_scan();
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 2 OFFSET 3 \g /dev/null
TABLE slab_limit_last;
SELECT id FROM slab_limit_items ORDER BY v <-> '[7,0]' FETCH FIRST ROW WITH TIES \g /dev/null
TABLE slab_limit_last;
SELECT id FROM slab_limit_items ORDER BY v <-> '[7,0]', id LIMIT 1 \g /dev/null
TABLE slab_limit_last;
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 1 + length('two')::bigint \g /dev/null
TABLE slab_limit_last;
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT (SELECT 2) OFFSET (SELECT count(*) FROM slab_limit_items) - 299 \g /dev/null
TABLE slab_limit_last;
SELECT id FROM slab_limit_items WHERE id % 100 = 1 ORDER BY v <-> '[7,0]' LIMIT 2 \g /dev/null
SELECT index, expected, rows > 100 AS many_rows FROM slab_last_scan();
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 1 FOR UPDATE \g /dev/null
TABLE slab_limit_last;
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 1 OFFSET 9223372036854775800 \g /dev/null
TABLE slab_limit_last;
-- none
SELECT count(*) FROM (SELECT id FROM slab_limit_items ORDER BY v <-> '[7,0]' OFFSET 0) AS s;
TABLE slab_limit_last;
SELECT id FROM slab_limit_items ORDER BY v <-> '[7,0]' LIMIT ALL OFFSET 299 \g /dev/null
TABLE slab_limit_last;
-- a scan that never begins is none
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 3 \g /dev/null
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 0;
TABLE slab_limit_last;

-- ---- below other nodes

SELECT sum(id) FROM (SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 4) AS s \g /dev/null
TABLE slab_limit_last;
SELECT * FROM (SELECT id, id + 1 AS next FROM slab_limit_items ORDER BY v <-> '[7.1,0]' OFFSET 0) AS s WHERE next > 0 LIMIT 2 \g /dev/null
TABLE slab_limit_last;
WITH s AS MATERIALIZED (SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 3) SELECT count(*) FROM s;
TABLE slab_limit_last;
SELECT (SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 1) FROM generate_series(1, 2) \g /dev/null
TABLE slab_limit_last;
-- the nearest LIMIT counts
SELECT id FROM (SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 3) AS s LIMIT 2 \g /dev/null
TABLE slab_limit_last;
-- above a sort, an aggregate or a join it says nothing about the scan
SELECT id FROM (SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' OFFSET 0) AS s ORDER BY id LIMIT 2 \g /dev/null
TABLE slab_limit_last;
SELECT a.id FROM (SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' OFFSET 0) AS a
JOIN generate_series(250, 251) AS b (id) ON a.id = b.id LIMIT 1 \g /dev/null
SELECT expected FROM slab_last_scan();
-- but the outer side of a nested loop
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
SELECT a.id FROM slab_limit_items AS a JOIN generate_series(1, 300) AS b (id) ON a.id = b.id
ORDER BY a.v <-> '[7.1,0]' LIMIT 3;
TABLE slab_limit_last;
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
-- which scans are exact: those whose rows may all be taken, though the LIMIT is small
CREATE FUNCTION pg_temp.is_exact(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN exact FROM slab_last_scan();
END $$;
SELECT statement, pg_temp.is_exact(statement) FROM (VALUES
    ($$SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 2$$),
    ($$SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]'$$),
    ($$SELECT DISTINCT v <-> '[7.1,0]' AS d FROM slab_limit_items ORDER BY d LIMIT 2$$),
    ($$SELECT v <-> '[7.1,0]' AS d, count(*) FROM slab_limit_items GROUP BY d ORDER BY d LIMIT 2$$),
    ($$SELECT v <-> '[7.1,0]' AS d FROM slab_limit_items GROUP BY d HAVING count(*) < 2 ORDER BY d LIMIT 2$$),
    ($$SELECT id, rank() OVER (ORDER BY v <-> '[7.1,0]') FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 2$$),
    ($$SELECT a.id FROM slab_limit_items a JOIN generate_series(1, 300) b ON a.id <> b ORDER BY a.v <-> '[7.1,0]' LIMIT 2$$)) AS s (statement);
-- for each query its own
SELECT q.k, count(*) FROM (VALUES (1), (3), (2)) AS q (k)
CROSS JOIN LATERAL (SELECT id FROM slab_limit_items ORDER BY v <-> ARRAY[q.k, 0]::vec LIMIT q.k) AS n GROUP BY q.k ORDER BY q.k;
SELECT expected IN (1, 2, 3) AS expected FROM slab_last_scan();
-- several scans of one index at once
SELECT count(*) FROM (SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 1) AS a,
    LATERAL (SELECT id FROM slab_limit_items WHERE id >= a.id ORDER BY v <-> '[9.1,0]' LIMIT 2) AS b;
SELECT expected IN (1, 2) AS expected FROM slab_last_scan();

-- partitions: each might have to give all of them
CREATE TABLE slab_limit_parts (id integer, v vec(2)) PARTITION BY RANGE (id);
CREATE TABLE slab_limit_part_1 PARTITION OF slab_limit_parts FOR VALUES FROM (0) TO (50);
CREATE TABLE slab_limit_part_2 PARTITION OF slab_limit_parts FOR VALUES FROM (50) TO (100);
INSERT INTO slab_limit_parts SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 99) AS i;
CREATE INDEX slab_limit_parts_i ON slab_limit_parts USING slab (v);
EXPLAIN (COSTS OFF) SELECT id FROM slab_limit_parts ORDER BY v <-> '[7.1,0]' LIMIT 6;
SELECT count(*) FROM (SELECT id FROM slab_limit_parts ORDER BY v <-> '[7.1,0]' LIMIT 6) AS s;
SELECT expected FROM slab_last_scan();
DROP TABLE slab_limit_parts;

-- ---- statements prepared, in functions, by cursors

PREPARE nearest (vec, bigint) AS SELECT id FROM slab_limit_items ORDER BY v <-> $1 LIMIT $2;
SET plan_cache_mode = force_generic_plan;
EXECUTE nearest ('[7.1,0]', 2) \g /dev/null
TABLE slab_limit_last;
EXECUTE nearest ('[7.1,0]', 3) \g /dev/null
TABLE slab_limit_last;
SELECT count(*) FROM (SELECT) AS s; -- (something else in between)
EXECUTE nearest ('[298,0]', NULL) \g /dev/null
TABLE slab_limit_last;
RESET plan_cache_mode;

-- a query within a query within a query, each with a limit of its own
CREATE FUNCTION pg_temp.neighbour(integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    result integer;
BEGIN
    SELECT id INTO result FROM slab_limit_items WHERE id <> $1 ORDER BY v <-> ARRAY[$1 + 0.1, 0]::vec LIMIT 2;
    RAISE NOTICE 'inner scan: %', (SELECT expected FROM slab_last_scan());
    RETURN 1;
END $$;
SELECT pg_temp.neighbour(id) FROM slab_limit_items ORDER BY v <-> '[20.1,0]' LIMIT 3;
TABLE slab_limit_last;

-- an error on the way leaves no trace
DO $$
BEGIN
    PERFORM 1 / (id - id) FROM slab_limit_items ORDER BY v <-> '[5,0]' LIMIT 20;
EXCEPTION WHEN division_by_zero THEN
    RAISE NOTICE 'caught';
END $$;
SELECT 1 / (id - id) FROM slab_limit_items ORDER BY v <-> '[5,0]' LIMIT 20;
SELECT id FROM slab_limit_items ORDER BY v <-> '[7.1,0]' LIMIT 1 \g /dev/null
TABLE slab_limit_last;

-- cursors take what they take; those with a LIMIT know
BEGIN;
DECLARE a CURSOR FOR SELECT id FROM slab_limit_items ORDER BY v <-> '[0,0]' LIMIT 100;
DECLARE b CURSOR FOR SELECT id FROM slab_limit_items ORDER BY v <-> '[400,0]';
FETCH 2 FROM a \g /dev/null
FETCH 2 FROM b \g /dev/null
FETCH 1 FROM a \g /dev/null
CLOSE a;
TABLE slab_limit_last;
CLOSE b;
TABLE slab_limit_last;
COMMIT;

-- slab_topk() knows, too
SELECT count(*) FROM slab_topk('slab_limit_i', '[7,0]', 5);
SELECT expected, rows >= 5 AS rows FROM slab_last_scan();

DROP VIEW slab_limit_last;
DROP TABLE slab_limit_items;
