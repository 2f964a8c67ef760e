-- Rows of a few hidden dimensions; queries like them, and such as another encoder would make of them: moved by one vector, with noise.
\set QUIET on
SELECT setseed(0.7) \gset
CREATE TEMP TABLE axis AS
SELECT a, (SELECT array_agg(random() - 0.5) FROM generate_series(1, 96) WHERE a > 0)::vec AS v FROM generate_series(1, 12) AS a;
CREATE FUNCTION hidden(seed integer) RETURNS vec LANGUAGE sql AS $$
    SELECT sum(v * array_fill(((random() + random() + random() - 1.5) * (1 + 6.0 / a))::real, ARRAY[96])::vec) FROM axis WHERE seed IS NOT NULL
$$;
CREATE TABLE base AS SELECT i AS id, (hidden(i) + (SELECT array_agg((random() - 0.5) * 0.6) FROM generate_series(1, 96) WHERE i > 0)::vec)::vec(96) AS v
FROM generate_series(1, 40000) AS i;
CREATE TABLE asked AS
SELECT 'rows' AS kind, hidden(i) + (SELECT array_agg((random() - 0.5) * 0.6) FROM generate_series(1, 96) WHERE i > 0)::vec AS v
FROM generate_series(1, :queries) AS i
UNION ALL
SELECT 'offset', hidden(i) + (SELECT array_agg(0.6 * sin(e) + (random() - 0.5) * 0.9) FROM generate_series(1, 96) AS e WHERE i > 0)::vec
FROM generate_series(1, :queries) AS i;
DROP FUNCTION hidden;
CALL ask_differences(:queries);

TRUNCATE operators;
INSERT INTO operators VALUES ('<=>');
