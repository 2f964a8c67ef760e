-- A turn of bench/turns.sh: each line of output is a measurement and its value. Without processes that help, so that all processor time is
-- this backend's, and without a worker: whatever is to be done is called for.
\set QUIET on
SET client_min_messages = warning;
SET enable_seqscan = off;
SET max_parallel_maintenance_workers = 0;
SET maintenance_work_mem = '1GB';
SET slab.auto_compact = off;

-- A table of half the rows, and the index of all
SELECT count(*) / 2 AS half FROM items \gset
CREATE TABLE living WITH (autovacuum_enabled = off) AS SELECT * FROM items WHERE id < :half;

CHECKPOINT;
SELECT spent() AS before \gset
CREATE INDEX items_v ON items USING slab (v);
SELECT 'build, ms', spent() - :before;
SELECT 'size, bytes', pg_relation_size('items_v');

SELECT search(1, 10) \gset
SELECT spent() AS before \gset
SELECT search(5, 10) \gset
SELECT 'query for 10 rows, ms', (spent() - :before) / 5 / count(*) FROM queries;
SELECT 'query for 10 rows, ' || name, mean FROM counted(10);
SELECT spent() AS before \gset
SELECT search(1, 100) \gset
SELECT 'query for 100 rows, ms', (spent() - :before) / count(*) FROM queries;
SELECT 'query for 100 rows, ' || name, mean FROM counted(100);
SET slab.exact = on;
SELECT spent() AS before \gset
SELECT search(1, 10) \gset
SELECT 'exact query, ms', (spent() - :before) / count(*) FROM queries;
RESET slab.exact;
DROP INDEX items_v;

CREATE INDEX living_v ON living USING slab (v);
CHECKPOINT;
SELECT spent() AS before, wal() AS wal \gset
SELECT insert_singly(:half, :half / 2) \gset
SELECT 'insert, us', 1000 * (spent() - :before) / (:half / 2);
SELECT 'insert, bytes of WAL', (wal() - :wal) / (:half / 2);

DELETE FROM living WHERE hashint4(id) % 100 BETWEEN 0 AND 16;
CHECKPOINT;
SELECT spent() AS before, wal() AS wal \gset
VACUUM (INDEX_CLEANUP on, PARALLEL 0) living;
SELECT 'VACUUM after a twelfth was deleted, ms', spent() - :before;
SELECT 'VACUUM after a twelfth was deleted, bytes of WAL', wal() - :wal;

DELETE FROM living WHERE hashint4(id) % 100 BETWEEN -40 AND 16;
CHECKPOINT;
SELECT spent() AS before, wal() AS wal \gset
VACUUM (INDEX_CLEANUP on, PARALLEL 0) living;
SELECT 'VACUUM after a fifth more was deleted, ms', spent() - :before;
SELECT 'VACUUM after a fifth more was deleted, bytes of WAL', wal() - :wal;

CHECKPOINT;
SELECT spent() AS before, wal() AS wal \gset
SELECT slab_compact('living_v', true) \gset
SELECT 'full compaction, ms', spent() - :before;
SELECT 'full compaction, bytes of WAL', wal() - :wal;
DROP TABLE living;
