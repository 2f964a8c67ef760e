-- The order of svec, and its btree and hash operator classes.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- by the first element that differs, zeros included, then by dimensions
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, svec_cmp(a, b)
FROM (VALUES
    ('{1:1,3:3}/3'::svec, '{1:1,3:3}/3'::svec),
    ('{1:1,3:3}/3', '{1:1,3:4}/3'),
    ('{1:1}/3', '{1:1,3:3}/3'),
    ('{1:1}/3', '{1:1,3:-3}/3'),
    ('{2:1}/3', '{1:1}/3'),
    ('{}/3', '{}/4'),
    ('{}/3', '{4:-1}/4'),
    ('{2:0}/3', '{2:-0}/3')) AS t(a, b);

CREATE TABLE svec_order_items (id integer, v svec);
INSERT INTO svec_order_items VALUES
    (1, '{1:2}/9'), (2, '{1:1,9:5}/9'), (3, '{1:1}/9'), (4, '{1:-3}/9'), (5, '{2:1}/9'), (6, '{}/8'), (7, NULL),
    (8, '{1:1,9:5}/9');
SELECT v FROM svec_order_items ORDER BY v DESC NULLS LAST, id;
SELECT DISTINCT v FROM svec_order_items WHERE v > '{}/9' ORDER BY v;
SELECT v, count(*) FROM svec_order_items GROUP BY v ORDER BY v;

-- btree
CREATE INDEX svec_order_btree ON svec_order_items (v);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM svec_order_items WHERE v = '{1:1,9:5}/9';
SELECT id FROM svec_order_items WHERE v = '{1:1,9:5}/9' ORDER BY id;
EXPLAIN (COSTS OFF) SELECT id FROM svec_order_items WHERE v < '{1:1}/9' ORDER BY v;
SELECT id FROM svec_order_items WHERE v >= '{1:1}/9' AND v < '{1:2}/9' ORDER BY v, id;
DROP INDEX svec_order_btree;

-- hash
CREATE INDEX svec_order_hash ON svec_order_items USING hash (v);
EXPLAIN (COSTS OFF) SELECT id FROM svec_order_items WHERE v = '{1:1}/9';
SELECT id FROM svec_order_items WHERE v = '{1:1}/9' ORDER BY id;
SELECT id FROM svec_order_items WHERE v = '{1:1}/8' ORDER BY id;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- what is equal hashes alike, what differs seldom does
SELECT svec_hash('{2:0,3:1}/3') = svec_hash('{3:1}/3') AS zeros,
       svec_hash_extended('{3:1}/3', 0) <> svec_hash_extended('{3:1}/3', 1) AS seed_matters,
       svec_hash('{3:1}/3') <> svec_hash('{3:1}/4') AS dims_matter,
       svec_hash('{3:1}/3') <> svec_hash('{2:1}/3') AS indices_matter;

DROP TABLE svec_order_items;
