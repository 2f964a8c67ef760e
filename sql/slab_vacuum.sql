-- Dead rows: VACUUM's tombstones, addresses used again, hints left by scans. In temporary tables, where no other
-- session's snapshot can keep a row from being dead.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;

-- ---- tombstones

CREATE TEMPORARY TABLE slab_vacuum_items (id integer, v vec(2)) WITH (fillfactor = 100);
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 1000) AS i;
CREATE INDEX slab_vacuum_i ON slab_vacuum_items USING slab (v);
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1001, 1500) AS i;
CREATE TEMPORARY VIEW stats AS
SELECT rows, live, tombstones, tombstone_ratio, sidecar_rows, generation FROM slab_stats('slab_vacuum_i');

VACUUM slab_vacuum_items;
SELECT * FROM stats;
CREATE TEMPORARY TABLE dead AS SELECT ctid AS tid FROM slab_vacuum_items WHERE id % 4 = 0;
DELETE FROM slab_vacuum_items WHERE id % 4 = 0;
SELECT * FROM stats;
VACUUM slab_vacuum_items;
SELECT * FROM stats;
SELECT reltuples FROM pg_class WHERE oid = 'slab_vacuum_i'::regclass;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[100.1,0]' LIMIT 3;
SELECT sum(tombstones) FROM slab_pages('slab_vacuum_i') WHERE role = 'record';
SELECT bool_and(checksum_ok) FROM slab_pages('slab_vacuum_i');
SELECT slab_check('slab_vacuum_i', true);

-- new rows get the addresses of dead ones, and are not taken for them
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 7]::vec FROM generate_series(2001, 2300) AS i;
SELECT count(*) > 200 AS used_again FROM slab_vacuum_items WHERE id > 2000 AND ctid IN (SELECT tid FROM dead);
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[2100.1,7]' LIMIT 3;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[100.1,0]' LIMIT 3;
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]') AS s;
SELECT slab_check('slab_vacuum_i', true);
SELECT * FROM stats;

-- all of them, and again: tombstones are counted once
DELETE FROM slab_vacuum_items;
VACUUM slab_vacuum_items;
SELECT * FROM stats;
VACUUM slab_vacuum_items;
SELECT * FROM stats;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[2100.1,7]' LIMIT 3;
INSERT INTO slab_vacuum_items VALUES (1, '[1,1]');
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[2100.1,7]' LIMIT 3;
SELECT slab_check('slab_vacuum_i', true);
VACUUM FULL slab_vacuum_items;
SELECT * FROM stats;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[2100.1,7]' LIMIT 3;

-- what ROLLBACK left is dead as well
BEGIN;
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(2, 11) AS i;
ROLLBACK;
SELECT rows, tombstones FROM stats;
VACUUM slab_vacuum_items;
SELECT rows, tombstones FROM stats;

-- without the index, and with nothing to do
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(12, 21) AS i;
DELETE FROM slab_vacuum_items WHERE id > 11;
VACUUM (INDEX_CLEANUP off) slab_vacuum_items;
SELECT rows, tombstones FROM stats;
VACUUM (INDEX_CLEANUP on) slab_vacuum_items;
SELECT rows, tombstones FROM stats;
ANALYZE slab_vacuum_items;
SELECT rows, tombstones FROM stats;

-- ---- a scan that meets a row dead to everybody says so

TRUNCATE slab_vacuum_items;
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 500) AS i;
DELETE FROM slab_vacuum_items WHERE id <= 10;
SELECT tombstones FROM stats;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]' LIMIT 1;
SELECT tombstones FROM stats;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]' LIMIT 1;
SELECT sum(tombstones), bool_and(checksum_ok) FROM slab_pages('slab_vacuum_i');
SELECT slab_check('slab_vacuum_i', true);
-- not those that a transaction under way has deleted
BEGIN;
DELETE FROM slab_vacuum_items WHERE id <= 20;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]' LIMIT 1;
ROLLBACK;
SELECT tombstones FROM stats;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]' LIMIT 1;
-- more of them than a scan remembers: the rest next time
DELETE FROM slab_vacuum_items;
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(501, 2500) AS i;
DELETE FROM slab_vacuum_items WHERE id < 2500;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]';
SELECT tombstones BETWEEN 1000 AND 1100 AS some FROM stats;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]';
SELECT tombstones BETWEEN 2000 AND 2200 AS more FROM stats;
SELECT id FROM slab_vacuum_items ORDER BY v <-> '[0,0]';
SELECT rows, live FROM stats;
-- also by slab_topk(), and by each scan of a nested loop
INSERT INTO slab_vacuum_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(3001, 3100) AS i;
DELETE FROM slab_vacuum_items WHERE id IN (3001, 3100);
SELECT distance FROM slab_topk('slab_vacuum_i', '[3101,0]', 1);
SELECT rows - live AS dead FROM stats;
SELECT q.column1, s.id FROM (VALUES ('[3000,0]'::vec), ('[3101,0]')) AS q,
    LATERAL (SELECT id FROM slab_vacuum_items ORDER BY v <-> q.column1 LIMIT 1) AS s;
SELECT rows - live AS dead FROM stats;
VACUUM slab_vacuum_items;
SELECT rows - live AS dead FROM stats;
SELECT slab_check('slab_vacuum_i', true);

DROP VIEW stats;
DROP TABLE slab_vacuum_items, dead;
