-- slab_topk(): the k nearest visible rows, by the index it is given.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

CREATE TABLE slab_topk_items (id integer, v vec(2));
INSERT INTO slab_topk_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 50) AS i;
CREATE INDEX slab_topk_l2 ON slab_topk_items USING slab (v);

-- ---- k

SELECT t.ctid, id, distance FROM slab_topk('slab_topk_l2', '[10.25,0]', 4) AS k JOIN slab_topk_items AS t ON t.ctid = k.ctid
ORDER BY distance;
-- nearest first, without asking
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 4);
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 0);
SELECT count(*), min(distance), max(distance) FROM slab_topk('slab_topk_l2', '[0,0]', 50);
SELECT count(*), count(DISTINCT ctid) FROM slab_topk('slab_topk_l2', '[0,0]', 51);
SELECT count(*) FROM slab_topk('slab_topk_l2', '[0,0]', 2147483647);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0]', -1);
SELECT * FROM slab_topk(NULL, '[0,0]', 1);
SELECT * FROM slab_topk('slab_topk_l2', NULL, 1);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0]', NULL);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0]', 1, NULL);
SELECT * FROM slab_topk('slab_topk_l2', '[0]', 1);
SELECT * FROM slab_topk('slab_topk_l2', '[0,0,0]', 0);
SELECT * FROM slab_topk(index => 'slab_topk_l2', query => '[3,4]', k => 1, min_score => -5);
-- for each of several queries
SELECT q, array_agg(distance) FROM unnest(ARRAY['[1,0]', '[50,0]']::vec[]) AS q, slab_topk('slab_topk_l2', q, 2) GROUP BY q ORDER BY q;

-- ---- min_score: at least so near, the bound included

-- L2: minus the distance
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 100, -1.25);
SELECT * FROM slab_topk('slab_topk_l2', '[10.25,0]', 2, -1.25);
SELECT * FROM slab_topk('slab_topk_l2', '[10,0]', 100, 0);
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, 0.001);
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, '-Infinity');
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, 'Infinity');
SELECT count(*) FROM slab_topk('slab_topk_l2', '[10,0]', 100, 'NaN');
-- L1: minus the distance
CREATE INDEX slab_topk_l1 ON slab_topk_items USING slab (v vec_l1_ops);
SELECT * FROM slab_topk('slab_topk_l1', '[10.25,1]', 100, -1.75);
-- inner product: the inner product
CREATE INDEX slab_topk_ip ON slab_topk_items USING slab (v vec_ip_ops);
SELECT * FROM slab_topk('slab_topk_ip', '[0.5,9]', 100, 24);
-- cosine: the cosine of the angle
CREATE TABLE slab_topk_circle (id integer, v vec(2));
INSERT INTO slab_topk_circle VALUES (1, '[1,0]'), (2, '[4,3]'), (3, '[0,2]'), (4, '[-3,4]'), (5, '[-5,0]'), (6, '[0,0]'), (7, NULL);
CREATE INDEX slab_topk_cosine ON slab_topk_circle USING slab (v vec_cosine_ops);
SELECT ctid, round(distance::numeric, 6) FROM slab_topk('slab_topk_cosine', '[2,0]', 100);
SELECT ctid, round(distance::numeric, 6) FROM slab_topk('slab_topk_cosine', '[2,0]', 100, 0.79);
SELECT ctid, round(distance::numeric, 6) FROM slab_topk('slab_topk_cosine', '[2,0]', 100, -0.5);
-- a zero query is at no distance from any row, so any will do and none is near
SELECT count(*), bool_and(distance = 'NaN') FROM slab_topk('slab_topk_cosine', '[0,0]', 3);
SELECT count(*) FROM slab_topk('slab_topk_cosine', '[0,0]', 3, -1);
DROP TABLE slab_topk_circle;

-- ---- which rows: those this snapshot sees

BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO slab_topk_items VALUES (51, '[10,0.5]');
DELETE FROM slab_topk_items WHERE id = 10;
UPDATE slab_topk_items SET v = '[10,0.25]' WHERE id = 40;
UPDATE slab_topk_items SET id = -id WHERE id = 11;
SELECT id, distance FROM slab_topk('slab_topk_l2', '[10,0]', 4) AS k JOIN slab_topk_items AS t ON t.ctid = k.ctid
ORDER BY distance, id;
ROLLBACK;
SELECT distance FROM slab_topk('slab_topk_l2', '[10,0]', 1);
-- a cursor's snapshot is that of its opening, whatever happened since
BEGIN;
DECLARE c CURSOR FOR SELECT distance FROM slab_topk('slab_topk_l2', '[10,0]', 1);
DELETE FROM slab_topk_items WHERE id = 10;
FETCH ALL FROM c;
SELECT distance FROM slab_topk('slab_topk_l2', '[10,0]', 1);
ROLLBACK;
-- of a row updated in place the address is that of the version that is seen
UPDATE slab_topk_items SET id = 1000 WHERE id = 10;
SELECT t.id FROM slab_topk('slab_topk_l2', '[10,0]', 1) AS k JOIN slab_topk_items AS t ON t.ctid = k.ctid;

-- ---- which indexes

-- (of a table without old versions of rows, which would make these indexes wait for older transactions)
CREATE TABLE slab_topk_rows AS SELECT id, v FROM slab_topk_items ORDER BY id;
CREATE INDEX slab_topk_partial ON slab_topk_rows USING slab (v) WHERE id > 20;
SELECT * FROM slab_topk('slab_topk_partial', '[1,0]', 2) ORDER BY distance;
CREATE INDEX slab_topk_expression ON slab_topk_rows USING slab (((v || '[7]')::vec(3)));
SELECT distance FROM slab_topk('slab_topk_expression', '[20.5,0,7]', 2);
SELECT * FROM slab_topk('slab_topk_expression', '[20.5,0]', 2);
CREATE INDEX slab_topk_btree ON slab_topk_items (id);
SELECT * FROM slab_topk('slab_topk_btree', '[0,0]', 1);
SELECT * FROM slab_topk('slab_topk_items', '[0,0]', 1);
SELECT * FROM slab_topk('slab_indexes', '[0,0]', 1);
SELECT * FROM slab_topk('no_such_index', '[0,0]', 1);
CREATE TABLE slab_topk_parts (id integer, v vec(2)) PARTITION BY LIST (id);
CREATE TABLE slab_topk_part PARTITION OF slab_topk_parts DEFAULT;
CREATE INDEX slab_topk_parts_i ON slab_topk_parts USING slab (v);
INSERT INTO slab_topk_parts VALUES (1, '[1,1]');
SELECT * FROM slab_topk('slab_topk_parts_i', '[0,0]', 1);
SELECT * FROM slab_topk('slab_topk_part_v_idx', '[1,0]', 1);
SELECT slab_stats('slab_topk_parts_i');
SELECT slab_check('slab_topk_btree');
SELECT slab_pages('slab_topk_items');

DROP TABLE slab_topk_items, slab_topk_rows, slab_topk_parts;
