-- Partitioned tables and inheritance: one index per partition, one order over all.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;

CREATE TABLE slab_partition_items (id integer, v vec(2)) PARTITION BY RANGE (id);
CREATE TABLE slab_partition_1 PARTITION OF slab_partition_items FOR VALUES FROM (1) TO (100);
CREATE TABLE slab_partition_2 PARTITION OF slab_partition_items FOR VALUES FROM (100) TO (200);
INSERT INTO slab_partition_items SELECT i, ARRAY[i % 50, i / 50]::vec FROM generate_series(1, 199) AS i;

CREATE INDEX slab_partition_i ON slab_partition_items USING slab (v) WITH (storage = f32);
SELECT relid, parentrelid, isleaf FROM pg_partition_tree('slab_partition_i') ORDER BY 1;
SELECT index, storage, rows FROM slab_indexes WHERE index::text LIKE 'slab_partition%' ORDER BY index::text;

-- an index built before, or none, makes no difference to a partition attached later
CREATE TABLE slab_partition_3 (LIKE slab_partition_items);
CREATE INDEX slab_partition_3_i ON slab_partition_3 USING slab (v) WITH (storage = f32);
INSERT INTO slab_partition_3 SELECT i, ARRAY[i % 50, i / 50]::vec FROM generate_series(200, 299) AS i;
ALTER TABLE slab_partition_items ATTACH PARTITION slab_partition_3 FOR VALUES FROM (200) TO (300);
CREATE TABLE slab_partition_4 (v vec(2), id integer);
INSERT INTO slab_partition_4 SELECT ARRAY[i % 50, i / 50]::vec, i FROM generate_series(300, 399) AS i;
ALTER TABLE slab_partition_items ATTACH PARTITION slab_partition_4 FOR VALUES FROM (300) TO (400);
SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'slab_partition_i'::regclass ORDER BY inhrelid::regclass::text;

EXPLAIN (COSTS OFF) SELECT id FROM slab_partition_items ORDER BY v <-> '[20.2,3.9]' LIMIT 4;
SELECT id FROM slab_partition_items ORDER BY v <-> '[20.2,3.9]' LIMIT 4;
SELECT count(*), count(DISTINCT id), bool_and(distance >= previous)
FROM (SELECT id, distance, lag(distance, 1, 0) OVER () AS previous
      FROM (SELECT id, v <-> '[20.2,3.9]' AS distance FROM slab_partition_items ORDER BY v <-> '[20.2,3.9]') AS s) AS t;
EXPLAIN (COSTS OFF) SELECT id FROM slab_partition_items WHERE id < 150 ORDER BY v <-> '[20.2,3.9]' LIMIT 2;
SELECT id FROM slab_partition_items WHERE id < 150 ORDER BY v <-> '[20.2,3.9]' LIMIT 2;
EXPLAIN (COSTS OFF) SELECT id FROM slab_partition_items WHERE id BETWEEN 210 AND 250 ORDER BY v <-> '[20.2,3.9]' LIMIT 2;
SELECT id FROM slab_partition_items WHERE id BETWEEN 210 AND 250 ORDER BY v <-> '[20.2,3.9]' LIMIT 2;

-- a row moves from one partition to another, and from one index to another
UPDATE slab_partition_items SET id = 399, v = '[-20,-20]' WHERE id = 1;
SELECT tableoid::regclass, id FROM slab_partition_items ORDER BY v <-> '[-20,-20]' LIMIT 1;
SELECT slab_check('slab_partition_1_v_idx', true), slab_check('slab_partition_4_v_idx', true);

-- detached, it answers for itself and no longer for its parent
ALTER TABLE slab_partition_items DETACH PARTITION slab_partition_4;
SELECT id FROM slab_partition_items ORDER BY v <-> '[-20,-20]' LIMIT 1;
SELECT id FROM slab_partition_4 ORDER BY v <-> '[-20,-20]' LIMIT 1;
ALTER TABLE slab_partition_items ATTACH PARTITION slab_partition_4 FOR VALUES FROM (300) TO (400);
SELECT id FROM slab_partition_items ORDER BY v <-> '[-20,-20]' LIMIT 1;

-- the parent's index alone, and its partitions' one by one
DROP INDEX slab_partition_i;
CREATE INDEX slab_partition_i ON ONLY slab_partition_items USING slab (v);
SELECT indisvalid FROM pg_index WHERE indexrelid = 'slab_partition_i'::regclass;
CREATE INDEX slab_partition_1_i ON slab_partition_1 USING slab (v);
CREATE INDEX slab_partition_1_other ON slab_partition_1 USING slab (v vec_l1_ops);
ALTER INDEX slab_partition_i ATTACH PARTITION slab_partition_1_other;
ALTER INDEX slab_partition_i ATTACH PARTITION slab_partition_1_i;
SELECT indisvalid FROM pg_index WHERE indexrelid = 'slab_partition_i'::regclass;

-- options are the partitions' own
ALTER INDEX slab_partition_i SET (storage = f32);
CREATE INDEX slab_partition_wrong ON slab_partition_items USING slab (id);

-- a partition that is partitioned
CREATE TABLE slab_partition_5 PARTITION OF slab_partition_items FOR VALUES FROM (400) TO (600) PARTITION BY LIST (id);
CREATE TABLE slab_partition_5_odd PARTITION OF slab_partition_5 FOR VALUES IN (401, 403);
CREATE TABLE slab_partition_5_rest PARTITION OF slab_partition_5 DEFAULT;
INSERT INTO slab_partition_items VALUES (401, '[100,100]'), (402, '[101,100]'), (403, '[102,100]');
SELECT id FROM slab_partition_items WHERE id >= 400 ORDER BY v <-> '[100.2,100]' LIMIT 3;
DROP TABLE slab_partition_items;

-- ---- inheritance

CREATE TABLE slab_partition_parent (id integer, v vec(2));
CREATE TABLE slab_partition_child (note text) INHERITS (slab_partition_parent);
CREATE INDEX slab_partition_parent_i ON slab_partition_parent USING slab (v);
CREATE INDEX slab_partition_child_i ON slab_partition_child USING slab (v);
INSERT INTO slab_partition_parent SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 50) AS i;
INSERT INTO slab_partition_child SELECT i, ARRAY[i + 0.5, 0]::vec, 'child' FROM generate_series(1, 50) AS i;
EXPLAIN (COSTS OFF) SELECT tableoid::regclass, id FROM slab_partition_parent ORDER BY v <-> '[20.1,0]' LIMIT 3;
SELECT tableoid::regclass, id FROM slab_partition_parent ORDER BY v <-> '[20.1,0]' LIMIT 3;
SELECT tableoid::regclass, id FROM ONLY slab_partition_parent ORDER BY v <-> '[20.1,0]' LIMIT 3;
DROP TABLE slab_partition_parent CASCADE;
