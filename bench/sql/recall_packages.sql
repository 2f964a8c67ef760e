-- Descriptions of packages, embedded by their words; queries are descriptions that are no rows, and one to four words of them.
\set QUIET on
CREATE TABLE listed (name text, section text, description text);
\copy listed FROM pstdin
SELECT setseed(0.5) \gset
CREATE TABLE base AS
SELECT row_number() OVER () AS id, vec_hash_embed(name || ' ' || description, 256)::vec(256) AS v, description FROM listed ORDER BY random();
CREATE TABLE asked (kind text, v vec);
WITH out AS (DELETE FROM base WHERE id % 40 = 7 RETURNING v)
INSERT INTO asked SELECT 'rows', v FROM out LIMIT :queries;
INSERT INTO asked
SELECT 'words ' || n, vec_hash_embed(array_to_string((regexp_split_to_array(description, '\W+'))[at:at + n - 1], ' '), 256)
FROM generate_series(1, 4) AS n,
     LATERAL (SELECT description, 1 + (random() * 8)::integer AS at FROM base WHERE length(description) > 60 ORDER BY random(), n LIMIT :queries) AS chosen;
DELETE FROM asked WHERE v <#> v = 0;
CALL ask_differences(:queries);

TRUNCATE operators;
INSERT INTO operators VALUES ('<=>');
