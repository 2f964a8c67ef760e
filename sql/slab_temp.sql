-- Temporary and unlogged tables.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;

-- ---- temporary

CREATE TEMPORARY TABLE slab_temp_items (id integer, v vec(2));
INSERT INTO slab_temp_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 500) AS i;
CREATE INDEX slab_temp_i ON slab_temp_items USING slab (v);
INSERT INTO slab_temp_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(501, 3000) AS i;
SELECT id FROM slab_temp_items ORDER BY v <-> '[2500.2,0]' LIMIT 3;
DELETE FROM slab_temp_items WHERE id = 2500;
VACUUM slab_temp_items;
SELECT id FROM slab_temp_items ORDER BY v <-> '[2500.2,0]' LIMIT 3;
SELECT slab_check('slab_temp_i', true);
SELECT rows, live, tombstones, sidecar_rows FROM slab_stats('slab_temp_i');
SELECT index, rows FROM slab_indexes WHERE index = 'slab_temp_i'::regclass;
REINDEX INDEX slab_temp_i;
SELECT rows, live, tombstones, sidecar_rows FROM slab_stats('slab_temp_i');
BEGIN;
INSERT INTO slab_temp_items VALUES (2500, '[2500,0]');
SELECT id FROM slab_temp_items ORDER BY v <-> '[2500.2,0]' LIMIT 1;
ROLLBACK;
SELECT id FROM slab_temp_items ORDER BY v <-> '[2500.2,0]' LIMIT 1;
DROP TABLE slab_temp_items;

-- emptied at each commit
CREATE TEMPORARY TABLE slab_temp_items (id integer, v vec(2)) ON COMMIT DELETE ROWS;
CREATE INDEX slab_temp_i ON slab_temp_items USING slab (v) WITH (storage = f32);
BEGIN;
INSERT INTO slab_temp_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 500) AS i;
SELECT id FROM slab_temp_items ORDER BY v <-> '[100.2,0]' LIMIT 2;
COMMIT;
SELECT id FROM slab_temp_items ORDER BY v <-> '[100.2,0]' LIMIT 2;
SELECT rows, storage FROM slab_stats('slab_temp_i');
BEGIN;
INSERT INTO slab_temp_items VALUES (1, '[1,0]');
SELECT id FROM slab_temp_items ORDER BY v <-> '[100.2,0]' LIMIT 2;
SELECT slab_check('slab_temp_i', true);
COMMIT;
DROP TABLE slab_temp_items;

-- dropped at commit
BEGIN;
CREATE TEMPORARY TABLE slab_temp_items (id integer, v vec(2)) ON COMMIT DROP;
CREATE INDEX slab_temp_i ON slab_temp_items USING slab (v);
INSERT INTO slab_temp_items VALUES (1, '[1,0]');
SELECT id FROM slab_temp_items ORDER BY v <-> '[100.2,0]' LIMIT 2;
COMMIT;
SELECT to_regclass('slab_temp_i');

-- ---- unlogged: as it will be after a crash, the index is empty and readable

CREATE UNLOGGED TABLE slab_unlogged_items (id integer, v vec(2));
CREATE INDEX slab_unlogged_i ON slab_unlogged_items USING slab (v);
SELECT relpersistence, pg_relation_size('slab_unlogged_i', 'init') AS init_bytes
FROM pg_class WHERE oid = 'slab_unlogged_i'::regclass;
INSERT INTO slab_unlogged_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 3000) AS i;
SELECT id FROM slab_unlogged_items ORDER BY v <-> '[2500.2,0]' LIMIT 3;
DELETE FROM slab_unlogged_items WHERE id % 2 = 0;
VACUUM slab_unlogged_items;
SELECT id FROM slab_unlogged_items ORDER BY v <-> '[2500.2,0]' LIMIT 3;
SELECT slab_check('slab_unlogged_i', true);
TRUNCATE slab_unlogged_items;
SELECT pg_relation_size('slab_unlogged_i', 'init') AS init_bytes;
INSERT INTO slab_unlogged_items VALUES (1, '[1,0]');
SELECT id FROM slab_unlogged_items ORDER BY v <-> '[2500.2,0]' LIMIT 3;
ALTER TABLE slab_unlogged_items SET LOGGED;
SELECT pg_relation_size('slab_unlogged_i', 'init') AS init_bytes;
SELECT id FROM slab_unlogged_items ORDER BY v <-> '[2500.2,0]' LIMIT 3;
DROP TABLE slab_unlogged_items;
