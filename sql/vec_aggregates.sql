-- avg(vec) and sum(vec).
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE TABLE vec_aggregates_items (id integer, v vec);
INSERT INTO vec_aggregates_items VALUES (1, '[1,2]'), (1, '[3,5]'), (2, '[7,8]'), (2, NULL), (3, NULL);

SELECT avg(v), sum(v) FROM vec_aggregates_items;
SELECT id, avg(v), sum(v) FROM vec_aggregates_items GROUP BY id ORDER BY id;
SELECT avg(v), sum(v) FROM vec_aggregates_items WHERE id > 3;
SELECT id, sum(v) OVER (ORDER BY id) FROM vec_aggregates_items WHERE id < 3 ORDER BY id, sum;
SELECT avg(DISTINCT v) FROM (VALUES ('[1]'::vec), ('[1]'), ('[3]')) AS t(v);

-- sums are kept in double precision: in float4, 16777216 + 1 is 16777216
SELECT sum(v) FROM (VALUES ('[16777216]'::vec), ('[1]'), ('[1]')) AS t(v);
-- and a sum that leaves float4 on its way still has an average
SELECT avg(v), sum(v - '[3e38]') FROM (VALUES ('[3e38]'::vec), ('[3e38]')) AS t(v);

-- the functions beneath, called by hand
SELECT vec_accum('{0}', '[1,2]'), vec_accum('{1,1,2}', '[10,20]');
SELECT vec_combine('{0}', '{0}'), vec_combine('{0}', '{2,3,4}'), vec_combine('{2,3,4}', '{0}'),
       vec_combine('{2,3,4}', '{1,10,20}');
SELECT vec_avg('{2,3,5}'), vec_sum('{2,3,5}'), vec_avg('{0}') IS NULL AS avg_of_none, vec_sum('{0}') IS NULL AS sum_of_none;

-- in parallel; some workers may meet no vec at all
CREATE TABLE vec_aggregates_many (id integer, v vec);
INSERT INTO vec_aggregates_many
SELECT i, CASE WHEN i % 2 = 0 THEN ARRAY[i, -i, 1]::vec END FROM generate_series(1, 10000) AS i;
ANALYZE vec_aggregates_many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT avg(v), sum(v) FROM vec_aggregates_many;
SELECT avg(v), sum(v) FROM vec_aggregates_many;
SELECT avg(v), sum(v) FROM vec_aggregates_many WHERE id = 10000;
SELECT avg(v), sum(v) FROM vec_aggregates_many WHERE id < 0;
SET max_parallel_workers_per_gather = 0;
SELECT avg(v), sum(v) FROM vec_aggregates_many;
RESET ALL;

DROP TABLE vec_aggregates_items, vec_aggregates_many;
