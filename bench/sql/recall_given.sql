-- Vectors from files: queries as given, and made of rows.
\set QUIET on
SELECT :centre <> 0 AS has_centre \gset
\if :has_centre
UPDATE base SET v = v + array_fill(:centre::real, ARRAY[vec_dims(v)])::vec;
UPDATE given SET v = v + array_fill(:centre::real, ARRAY[vec_dims(v)])::vec;
\endif
SELECT setseed(0.2) \gset
CREATE TEMP TABLE deviations AS
SELECT array_agg(d ORDER BY i)::real[] AS d
FROM (SELECT i, stddev(x) AS d FROM (SELECT v FROM base LIMIT 2000) AS s, unnest(v::real[]) WITH ORDINALITY AS e(x, i) GROUP BY i) AS s;
CREATE TABLE asked AS SELECT 'given' AS kind, v FROM given LIMIT :queries;
CREATE TEMP TABLE chosen AS SELECT row_number() OVER () AS n, v FROM (SELECT v FROM base ORDER BY random() LIMIT 2 * :queries) AS s;
INSERT INTO asked SELECT 'noise', noisy(v, d, 0.5) FROM chosen, deviations WHERE n <= :queries;
INSERT INTO asked SELECT 'half', halved(v) FROM chosen WHERE n <= :queries;
INSERT INTO asked SELECT 'middle', middle(a.v, b.v) FROM chosen AS a JOIN chosen AS b ON b.n = a.n + :queries WHERE a.n <= :queries;
CALL ask_differences(:queries);

TRUNCATE operators;
INSERT INTO operators VALUES (:'op');
