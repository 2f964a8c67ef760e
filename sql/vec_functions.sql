-- Distances, arithmetic, parts and measures of vec.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- L2
SELECT l2_distance('[0,0]', '[3,4]'), '[0,0]'::vec <-> '[3,4]' AS op;
SELECT l2_distance('[1,2,3]', '[1,2,3]'), vec_l2_squared_distance('[0,0]', '[3,4]');
SELECT l2_distance('[3e38]', '[-3e38]') BETWEEN 5.9e38 AND 6.1e38 AS finite;

-- inner product
SELECT inner_product('[1,2]', '[3,4]'), '[1,2]'::vec <#> '[3,4]' AS op;
SELECT vec_negative_inner_product('[1,0]', '[0,1]') AS zero_without_sign;

-- cosine distance
SELECT cosine_distance('[1,0]', '[2,0]') AS same, '[1,0]'::vec <=> '[0,2]' AS right_angle,
       '[1,0]'::vec <=> '[-3,0]' AS opposite;
SELECT round(cosine_distance('[3,4]', '[4,3]')::numeric, 6);
-- a zero vector has no direction: NaN, which sorts last
SELECT cosine_distance('[0,0]', '[1,2]'), cosine_distance('[0,0]', '[0,0]');
SELECT v FROM (VALUES ('[0,0]'::vec), ('[-1,0]'), ('[1,0]')) AS t(v) ORDER BY v <=> '[1,0]';

-- L1
SELECT l1_distance('[0,0]', '[3,-4]'), '[1,2]'::vec <+> '[1,2]' AS op;

-- measures
SELECT vec_dims('[1,2,3]'), vec_norm('[3,4]'), vec_norm('[0]');
SELECT l2_normalize('[3,4]'), l2_normalize('[0,0]'), l2_normalize('[1e-40,0]'), l2_normalize('[3e38,0]');

-- parts: positions count from 1, what lies outside is left out
SELECT subvector('[1,2,3,4,5]', 1, 3), subvector('[1,2,3,4,5]', 4, 10), subvector('[1,2,3,4,5]', -1, 4);
SELECT subvector('[1,2,3]', 3, 2147483647), subvector('[1,2,3]', -2147483640, 2147483647);

-- signs
SELECT binary_quantize('[1,0,-1]'), binary_quantize('[0,0.1,-0.2,-0.3,0.4,0.5,0.6,-0.7,0.8,-0.9,1]');
SELECT length(binary_quantize('[1,0,-1]')), binary_quantize('[1,2,3,4,5,6,7,8]') = B'11111111' AS eight;
SELECT pg_typeof(binary_quantize('[1]'));

-- arithmetic
SELECT '[1,2,3]'::vec + '[4,5,6]', '[1,2,3]'::vec - '[4,5,6]', '[1,2,3]'::vec * '[4,5,6]';
SELECT '[1,2]'::vec || '[3]';
SELECT '[1e-30]'::vec * '[1e-30]' AS underflow_is_zero;

-- strict
SELECT l2_distance(NULL, '[1]') IS NULL AND '[1]'::vec + NULL IS NULL AND l2_normalize(NULL) IS NULL AS strict;

-- every element counts, whatever the remainder of a block of lanes
SELECT count(*) FROM generate_series(1, 300) AS n,
LATERAL (SELECT array_agg(i)::vec AS a, array_agg(-i)::vec AS b FROM generate_series(1, n) AS i) AS v
WHERE l1_distance(a, b) <> n * (n + 1)
   OR vec_dims(a) <> n
   OR l2_distance(a, a) <> 0
   OR abs(inner_product(a, b) / (-n * (n + 1) * (2 * n + 1) / 6) - 1) > 1e-6
   OR abs(l2_distance(a, b) / (2 * vec_norm(a)) - 1) > 1e-6
   OR abs(cosine_distance(a, b) - 2) > 1e-6;
