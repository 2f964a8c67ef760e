-- Reciprocal rank fusion.
SELECT rrf(1), rrf(1, 1) = 2 / 61.0::float8 AS twice, rrf(3, NULL, 10) = 1 / 63.0::float8 + 1 / 70.0::float8 AS without_null;
SELECT rrf(NULL::bigint), rrf(VARIADIC ARRAY[]::bigint[]), rrf(VARIADIC NULL::bigint[]) IS NULL AS no_array;
SELECT rrf(ARRAY[1, 2], 0), rrf(ARRAY[1, NULL, 3]::bigint[], 1), rrf(ARRAY[1]::bigint[], 0.5) = 1 / 1.5::float8 AS half;
SELECT rrf(VARIADIC ARRAY[1, 2]::bigint[]) = rrf(1, 2) AS as_array, rrf(9223372036854775807) > 0 AS large;
-- columns of ranks, as a fusion of two searches has them
SELECT id, round(rrf(a.rank, b.rank)::numeric, 6) AS score
FROM (VALUES (1, 1), (2, 2), (3, 3)) AS a(id, rank)
FULL JOIN (VALUES (3, 1), (4, 2), (1, 3)) AS b(id, rank) USING (id)
ORDER BY rrf(a.rank, b.rank) DESC, id;
-- what is no rank, or no k0
\set SHOW_CONTEXT never
SELECT rrf(0);
SELECT rrf(3, -1);
SELECT rrf(ARRAY[1]::bigint[], -1);
SELECT rrf(ARRAY[1]::bigint[], 'NaN');
SELECT rrf(ARRAY[1]::bigint[], 'infinity');
