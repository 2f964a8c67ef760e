-- Distances, arithmetic, measures and aggregates of svec, and vectors of terms.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- L2
SELECT l2_distance('{}/2'::svec, '{1:3,2:4}/2'), '{}/2'::svec <-> '{1:3,2:4}/2' AS op;
SELECT l2_distance('{1:1,9:2}/9'::svec, '{1:1,9:2}/9'), vec_l2_squared_distance('{1:3}/9'::svec, '{9:4}/9');
SELECT l2_distance('{1:3e38}/1'::svec, '{1:-3e38}/1') BETWEEN 5.9e38 AND 6.1e38 AS finite;

-- inner product
SELECT inner_product('{1:1,3:2}/5'::svec, '{2:9,3:4}/5'), '{1:1,3:2}/5'::svec <#> '{1:3,3:4}/5' AS op;
SELECT svec_negative_inner_product('{1:1}/2', '{2:1}/2') AS zero_without_sign;

-- cosine distance
SELECT cosine_distance('{1:1}/2'::svec, '{1:2}/2') AS same, '{1:1}/2'::svec <=> '{2:2}/2' AS right_angle,
       '{1:1}/2'::svec <=> '{1:-3}/2' AS opposite;
SELECT round(cosine_distance('{1:3,2:4}/2'::svec, '{1:4,2:3}/2')::numeric, 6);
-- a zero vector has no direction: NaN, which sorts last
SELECT cosine_distance('{}/2'::svec, '{1:1}/2'), cosine_distance('{}/2'::svec, '{}/2');
SELECT v FROM (VALUES ('{}/2'::svec), ('{1:-1}/2'), ('{1:1}/2')) AS t(v) ORDER BY v <=> '{1:1}/2';

-- L1
SELECT l1_distance('{1:3}/9'::svec, '{9:-4}/9'), '{1:1,2:2}/2'::svec <+> '{1:1,2:2}/2' AS op;

-- measures
SELECT vec_norm('{1:3,9:4}/9'::svec), vec_norm('{}/9'::svec);
SELECT l2_normalize('{1:3,9:4}/9'::svec), l2_normalize('{}/2'::svec), l2_normalize('{2:1e-45}/2'::svec),
       l2_normalize('{1:3e38,2:1e-45}/2'::svec) AS small_value_is_gone;

-- arithmetic
SELECT '{1:1,3:2}/5'::svec + '{3:4,5:6}/5', '{1:1,3:2}/5'::svec - '{3:4,5:6}/5', '{1:1,3:2}/5'::svec * '{3:4,5:6}/5';
SELECT '{1:1,3:2}/5'::svec - '{1:1,3:2}/5' AS nothing_is_left, '{1:1e-30}/1'::svec * '{1:1e-30}/1' AS underflow_is_zero;
SELECT '{}/5'::svec + '{}/5', '{}/5'::svec * '{1:1}/5', '{}/5'::svec - '{1:1}/5';

-- aggregates
CREATE TABLE svec_functions_items (id integer, v svec);
INSERT INTO svec_functions_items VALUES
    (1, '{1:1,2:2}/9'), (1, '{1:3,9:5}/9'), (2, '{1:-4,3:8}/9'), (2, NULL), (3, NULL);
SELECT avg(v), sum(v) FROM svec_functions_items;
SELECT id, avg(v), sum(v) FROM svec_functions_items GROUP BY id ORDER BY id;
SELECT avg(v), sum(v) FROM svec_functions_items WHERE id > 3;
SELECT id, sum(v) OVER (ORDER BY id) FROM svec_functions_items WHERE id < 3 AND v IS NOT NULL ORDER BY id, sum;
SELECT id, sum(v) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM (VALUES (1, '{1:1}/9'::svec), (2, '{1:1,2:5}/9'), (3, NULL), (4, '{3:7}/9')) AS t(id, v) ORDER BY id;
SELECT avg(DISTINCT v) FROM (VALUES ('{1:1}/2'::svec), ('{1:1}/2'), ('{1:3}/2')) AS t(v);
SELECT sum(v) FROM (VALUES ('{}/2'::svec), ('{}/2')) AS t(v);
-- sums are kept in double precision: in float4, 16777216 + 1 is 16777216
SELECT sum(v) FROM (VALUES ('{1:16777216}/1'::svec), ('{1:1}/1'), ('{1:1}/1')) AS t(v);
-- and a sum that leaves float4 on its way still has an average
SELECT avg(v), sum(v - '{1:3e38}/1') FROM (VALUES ('{1:3e38}/1'::svec), ('{1:3e38}/1')) AS t(v);

-- in parallel; some workers may meet no svec at all
CREATE TABLE svec_functions_many (id integer, v svec);
INSERT INTO svec_functions_many
SELECT i, CASE WHEN i % 2 = 0 THEN format('{%s:1,1000:%s}/1000000', i % 500 + 1, i)::svec END FROM generate_series(1, 10000) AS i;
ANALYZE svec_functions_many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT avg(v), sum(v) FROM svec_functions_many;
SELECT svec_nnz(avg(v)), svec_nnz(sum(v)), vec_norm(sum(v)) FROM svec_functions_many;
SELECT avg(v), sum(v) FROM svec_functions_many WHERE id = 10000;
SELECT avg(v), sum(v) FROM svec_functions_many WHERE id < 0;
-- of different dimensions, which may meet between workers only
INSERT INTO svec_functions_many SELECT i, '{}/7' FROM generate_series(10001, 20000) AS i;
\set VERBOSITY sqlstate
SELECT avg(v) FROM svec_functions_many;
\set VERBOSITY default
DELETE FROM svec_functions_many WHERE id > 10000;
SET max_parallel_workers_per_gather = 0;
SELECT svec_nnz(avg(v)), svec_nnz(sum(v)), vec_norm(sum(v)) FROM svec_functions_many;
RESET ALL;

-- terms: each goes where its hash says, and weights that meet are added up
SELECT svec_hash_terms('{cat,vector}', '{1.5,2}', 1000);
SELECT svec_hash_terms('{vector,cat,vector}', '{1,1.5,1}', dims => 1000);
SELECT svec_hash_terms('{cat,vector}', '{1.5,2}', 1), svec_hash_terms('{}', '{}', 7);
SELECT svec_hash_terms('{cat,car}', '{1,-1}', 1) AS nothing_is_left;
SELECT svec_hash_terms('{cat,vector}', ARRAY[1.5, 2], 1000000000);
SELECT svec_hash_terms(array_agg(lexeme), array_agg(cardinality(positions)), 1000000)
    <#> svec_hash_terms('{cat,mat}', '{1,1}', 1000000) AS minus_three
FROM unnest(to_tsvector('simple', 'the cat sat on the mat, the other cat'));

-- strict
SELECT l2_distance(NULL, '{}/1'::svec) IS NULL AND '{}/1'::svec + NULL IS NULL AND l2_normalize(NULL::svec) IS NULL
       AND svec_hash_terms(NULL, '{}', 1) IS NULL AS strict;

DROP TABLE svec_functions_items, svec_functions_many;
