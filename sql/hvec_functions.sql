-- Distances, arithmetic, parts, measures, aggregates and the order of hvec.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- distances
SELECT l2_distance('[0,0]'::hvec, '[3,4]'), '[0,0]'::hvec <-> '[3,4]' AS op, vec_l2_squared_distance('[0,0]'::hvec, '[3,4]');
SELECT '[65504]'::hvec <-> '[-65504]' AS beyond_halves;
SELECT inner_product('[1,2]'::hvec, '[3,4]'), '[1,2]'::hvec <#> '[3,4]' AS op;
SELECT hvec_negative_inner_product('[1,0]', '[0,1]') AS zero_without_sign;
SELECT cosine_distance('[1,0]'::hvec, '[2,0]') AS same, '[1,0]'::hvec <=> '[0,2]' AS right_angle,
       '[1,0]'::hvec <=> '[-3,0]' AS opposite, '[0,0]'::hvec <=> '[1,2]' AS of_zero;
SELECT l1_distance('[0,0]'::hvec, '[3,-4]'), '[1,2]'::hvec <+> '[1,2]' AS op;
SELECT l2_within('[0,0]'::hvec, '[3,4]', 5) AS at, l2_within('[0,0]'::hvec, '[3,4]', 4.9) AS beyond,
       cosine_within('[1,0]'::hvec, '[0,1]', 1), l1_within('[0]'::hvec, '[2]', 1), ip_within('[1,2]'::hvec, '[3,4]', 11);
-- smaller than any half, and larger
SELECT '[6e-8]'::hvec <#> '[6e-8]' AS tiny, inner_product('[65504,65504]'::hvec, '[65504,65504]') AS large;

-- measures
SELECT vec_dims('[1,2,3]'::hvec), vec_norm('[3,4]'::hvec), vec_norm('[0]'::hvec);
SELECT l2_normalize('[3,4]'::hvec), l2_normalize('[0,0]'::hvec), l2_normalize('[6e-8,0]'::hvec), l2_normalize('[65504,0]'::hvec);
SELECT subvector('[1,2,3,4,5]'::hvec, 1, 3), subvector('[1,2,3,4,5]'::hvec, 4, 10), subvector('[1,2,3,4,5]'::hvec, -1, 4);
SELECT binary_quantize('[1,0,-1]'::hvec), binary_quantize('[0,0.1,-0.2,-0.3,0.4,0.5,0.6,-0.7,0.8,-0.9,1]'::hvec);

-- arithmetic: the nearest half to what is exact
SELECT '[1,2,3]'::hvec + '[4,5,6]', '[1,2,3]'::hvec - '[4,5,6]', '[1,2,3]'::hvec * '[4,5,6]';
SELECT '[1,2]'::hvec || '[3]';
SELECT '[2048]'::hvec + '[1]' AS tie, '[2048]'::hvec + '[1.001]' AS above, '[6e-8]'::hvec * '[0.5]' AS underflow;
SELECT l2_distance(NULL::hvec, '[1]') IS NULL AND '[1]'::hvec + NULL IS NULL AS strict;

-- every element counts, whatever the remainder of a block of lanes, and of a piece that is widened at once
SELECT count(*) FROM generate_series(1, 1100, 7) AS n,
LATERAL (SELECT array_agg(i % 30)::hvec AS a, array_agg(-(i % 30))::hvec AS b, sum(i % 30) AS total FROM generate_series(1, n) AS i) AS v
WHERE l1_distance(a, b) <> 2 * total OR vec_dims(a) <> n OR l2_distance(a, a) <> 0
   OR a::vec <-> b::vec <> a <-> b OR a::vec <#> b::vec <> a <#> b OR a::vec <=> b::vec <> a <=> b;

-- aggregates: sums are kept in double precision, and rounded once
CREATE TABLE hvec_functions_items (id integer, v hvec);
INSERT INTO hvec_functions_items VALUES (1, '[1,2]'), (1, '[3,5]'), (2, '[7,8]'), (2, NULL), (3, NULL);
SELECT avg(v), sum(v) FROM hvec_functions_items;
SELECT id, avg(v), sum(v) FROM hvec_functions_items GROUP BY id ORDER BY id;
SELECT avg(v) IS NULL, sum(v) IS NULL FROM hvec_functions_items WHERE id > 3;
SELECT sum(v) FROM (VALUES ('[2048]'::hvec), ('[1]'), ('[1]')) AS t(v);
-- by way of float4 it would be a tie, and 2048
SELECT sum(v) FROM (VALUES ('[2048]'::hvec), ('[1]'), ('[6e-8]')) AS t(v);
SELECT avg(v) FROM (VALUES ('[8192]'::hvec), ('[4]'), ('[6e-8]'), ('[0]')) AS t(v);
SELECT avg(v), sum(v - '[6e4]') FROM (VALUES ('[6e4]'::hvec), ('[6e4]')) AS t(v);
SELECT hvec_accum('{1,1,2}', '[10,20]'), hvec_combine('{2,3,4}', '{1,10,20}'), hvec_avg('{2,3,5}'), hvec_sum('{2,3,5}');

-- the order
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, hvec_cmp(a, b)
FROM (VALUES ('[1,2,3]'::hvec, '[1,2,3]'::hvec), ('[1,2,3]', '[1,2,4]'), ('[1,3]', '[1,2,9]'), ('[1,2]', '[1,2,-9]'),
    ('[-1]', '[1]'), ('[-2]', '[-1]'), ('[6e-8]', '[0]'), ('[0,-0]', '[-0,0]')) AS t(a, b);
CREATE INDEX hvec_functions_btree ON hvec_functions_items (v);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM hvec_functions_items WHERE v = '[3,5]';
SELECT id FROM hvec_functions_items WHERE v >= '[2]' ORDER BY v;
DROP INDEX hvec_functions_btree;
CREATE INDEX hvec_functions_hash ON hvec_functions_items USING hash (v);
EXPLAIN (COSTS OFF) SELECT id FROM hvec_functions_items WHERE v = '[3,5]';
SELECT id FROM hvec_functions_items WHERE v = '[3,5]';
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT hvec_hash('[0,-0,1]') = hvec_hash('[-0,0,1]') AS zeros, hvec_hash_extended('[1]', 0) <> hvec_hash_extended('[1]', 1) AS seed_matters;
SELECT count(DISTINCT hvec_hash(ARRAY[i]::hvec)) > 990 AS spreads FROM generate_series(1, 1000) AS i;
ANALYZE hvec_functions_items;
SELECT n_distinct FROM pg_stats WHERE tablename = 'hvec_functions_items' AND attname = 'v';
DROP TABLE hvec_functions_items;
