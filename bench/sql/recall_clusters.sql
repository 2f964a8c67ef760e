-- 30 000 rows in 100 clusters; queries from the clusters, and from anywhere.
\set QUIET on
SELECT setseed(0.3) \gset
CREATE TEMP TABLE centre AS
SELECT c, (SELECT array_agg(random()) FROM generate_series(1, 48) WHERE c > 0)::vec AS v FROM generate_series(1, 100) AS c;
CREATE TABLE base AS
SELECT i AS id, (centre.v + (SELECT array_agg((random() - 0.5) * 0.1) FROM generate_series(1, 48) WHERE i > 0)::vec)::vec(48) AS v
FROM generate_series(1, 30000) AS i JOIN centre ON c = 1 + i % 100;
CREATE TABLE asked AS
SELECT 'rows' AS kind, centre.v + (SELECT array_agg((random() - 0.5) * 0.1) FROM generate_series(1, 48) WHERE i > 0)::vec AS v
FROM generate_series(1, :queries) AS i JOIN centre ON c = 1 + i % 100
UNION ALL
SELECT 'uniform', (SELECT array_agg(random()) FROM generate_series(1, 48) WHERE i > 0)::vec FROM generate_series(1, :queries) AS i;
CALL ask_differences(:queries);

TRUNCATE operators;
INSERT INTO operators VALUES ('<->');
