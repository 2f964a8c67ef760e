-- The order of vec, and its btree and hash operator classes.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- by the first element that differs, then by length; -0 equals 0
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, vec_cmp(a, b)
FROM (VALUES
    ('[1,2,3]'::vec, '[1,2,3]'::vec),
    ('[1,2,3]', '[1,2,4]'),
    ('[1,3]', '[1,2,9]'),
    ('[1,2]', '[1,2,-9]'),
    ('[-1]', '[1]'),
    ('[0,-0]', '[-0,0]')) AS t(a, b);

CREATE TABLE vec_order_items (id integer, v vec);
INSERT INTO vec_order_items VALUES
    (1, '[2]'), (2, '[1,5]'), (3, '[1]'), (4, '[-3,0]'), (5, '[0,1]'), (6, '[-0,1]'), (7, NULL), (8, '[1,5]');
SELECT v FROM vec_order_items ORDER BY v DESC NULLS LAST, id;
SELECT DISTINCT v FROM vec_order_items WHERE v > '[0]' AND id <> 6 ORDER BY v;
SELECT v, count(*) FROM vec_order_items WHERE id <> 6 GROUP BY v ORDER BY v;

-- btree
CREATE INDEX vec_order_btree ON vec_order_items (v);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM vec_order_items WHERE v = '[1,5]';
SELECT id FROM vec_order_items WHERE v = '[1,5]' ORDER BY id;
SELECT id FROM vec_order_items WHERE v = '[0,1]' ORDER BY id;
EXPLAIN (COSTS OFF) SELECT id FROM vec_order_items WHERE v < '[1]' ORDER BY v;
SELECT id FROM vec_order_items WHERE v >= '[1]' AND v < '[2]' ORDER BY v, id;
DROP INDEX vec_order_btree;

-- hash
CREATE INDEX vec_order_hash ON vec_order_items USING hash (v);
EXPLAIN (COSTS OFF) SELECT id FROM vec_order_items WHERE v = '[-0,1]';
SELECT id FROM vec_order_items WHERE v = '[-0,1]' ORDER BY id;
SELECT id FROM vec_order_items WHERE v = '[1]' ORDER BY id;
SELECT id FROM vec_order_items WHERE v = '[1,0]' ORDER BY id;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- what is equal hashes alike, what differs seldom does
SELECT vec_hash('[0,-0,1]') = vec_hash('[-0,0,1]') AS zeros,
       vec_hash_extended('[0,-0,1]', 5) = vec_hash_extended('[-0,0,1]', 5) AS zeros_extended,
       vec_hash_extended('[1]', 0) <> vec_hash_extended('[1]', 1) AS seed_matters,
       (vec_hash_extended('[1,2]', 0) & 4294967295) = (vec_hash('[1,2]')::bigint & 4294967295) AS agree_at_seed_0;
SELECT count(DISTINCT vec_hash(ARRAY[i]::vec)) > 990 AS spreads FROM generate_series(1, 1000) AS i;

-- hash join and merge join
SET enable_nestloop = off;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT a.id, b.id FROM vec_order_items a JOIN vec_order_items b USING (v);
SELECT a.id, b.id FROM vec_order_items a JOIN vec_order_items b USING (v) WHERE a.id < b.id ORDER BY 1, 2;
RESET enable_mergejoin;
SET enable_hashjoin = off;
EXPLAIN (COSTS OFF) SELECT a.id, b.id FROM vec_order_items a JOIN vec_order_items b USING (v);
SELECT a.id, b.id FROM vec_order_items a JOIN vec_order_items b USING (v) WHERE a.id < b.id ORDER BY 1, 2;
RESET ALL;

-- uniqueness and partitioning
CREATE TABLE vec_order_unique (v vec PRIMARY KEY);
INSERT INTO vec_order_unique VALUES ('[0]'), ('[0,0]');
INSERT INTO vec_order_unique VALUES ('[-0]') ON CONFLICT DO NOTHING;
SELECT v FROM vec_order_unique ORDER BY v;
CREATE TABLE vec_order_parts (v vec) PARTITION BY HASH (v);
CREATE TABLE vec_order_parts_0 PARTITION OF vec_order_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE vec_order_parts_1 PARTITION OF vec_order_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO vec_order_parts SELECT ARRAY[i]::vec FROM generate_series(1, 100) AS i;
SELECT count(*) FROM vec_order_parts WHERE v = '[50]';
SELECT count(*) BETWEEN 20 AND 80 AS both_parts_used FROM vec_order_parts_0;

-- planner statistics can be gathered: 5 different values in 8 rows
ANALYZE vec_order_items;
SELECT n_distinct FROM pg_stats WHERE tablename = 'vec_order_items' AND attname = 'v';

DROP TABLE vec_order_items, vec_order_unique, vec_order_parts;
