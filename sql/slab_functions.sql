-- slab_stats(), slab_pages(), slab_check() and the view slab_indexes.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET enable_seqscan = off;

CREATE TABLE slab_functions_items (id integer, v vec(4));
INSERT INTO slab_functions_items SELECT i, ARRAY[i, 1, 2, 3]::vec FROM generate_series(1, 10) AS i;
CREATE INDEX slab_functions_i ON slab_functions_items USING slab (v vec_ip_ops)
    WITH (storage = f32, embedder = 'model', revision = 7);
INSERT INTO slab_functions_items VALUES (11, '[11,1,2,3]');

-- ---- what an index is and holds; the eleventh row begins an extent of 8 pages

\x on
SELECT * FROM slab_stats('slab_functions_i');
SELECT * FROM slab_indexes WHERE index = 'slab_functions_i'::regclass;
\x off
SELECT block, role, kind, part, generation, sequence, used_bytes, records, tombstones, checksum_ok
FROM slab_pages('slab_functions_i') ORDER BY block;
SELECT count(*) = pg_relation_size('slab_functions_i') / 8192 FROM slab_pages('slab_functions_i');
SELECT slab_stats(NULL) IS NULL AS stats, slab_check(NULL) IS NULL AS "check", count(*) FROM slab_pages(NULL);

-- ---- slab_check: pages alone, and with the table

SELECT slab_check('slab_functions_i');
SELECT slab_check('slab_functions_i', false);
SELECT slab_check('slab_functions_i', heap_all_indexed => true);
SELECT slab_check(index => 'slab_functions_i', heap_all_indexed => NULL) IS NULL;
-- of rows that only this transaction sees, that it deleted, that came after its snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM slab_functions_items;
INSERT INTO slab_functions_items VALUES (12, '[12,1,2,3]');
DELETE FROM slab_functions_items WHERE id = 1;
UPDATE slab_functions_items SET v = v * '[1,1,1,-1]' WHERE id = 2;
UPDATE slab_functions_items SET id = -id WHERE id = 3;
SELECT slab_check('slab_functions_i', true);
ROLLBACK;
SELECT slab_check('slab_functions_i', true);
-- an index younger than the transaction's snapshot, over rows with older versions
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM slab_functions_items;
UPDATE slab_functions_items SET id = id + 100;
CREATE INDEX slab_functions_young ON slab_functions_items USING slab (v);
SELECT id FROM slab_functions_items ORDER BY v <-> '[1,1,2,3]' LIMIT 1;
SELECT slab_check('slab_functions_young', true);
ROLLBACK;
-- rows without a place in the index
INSERT INTO slab_functions_items VALUES (13, NULL), (14, '[0,0,0,0]');
CREATE INDEX slab_functions_cosine ON slab_functions_items USING slab (v vec_cosine_ops);
SELECT slab_check('slab_functions_cosine', true), (slab_stats('slab_functions_cosine')).rows;

-- ---- a row that the index was not told of, as if a build were under way

SET allow_system_table_mods = on;
UPDATE pg_index SET indisready = false, indisvalid = false WHERE indexrelid = 'slab_functions_i'::regclass;
INSERT INTO slab_functions_items VALUES (15, '[15,1,2,3]');
SELECT index FROM slab_indexes WHERE "table" = 'slab_functions_items'::regclass;
SELECT slab_stats('slab_functions_i');
SELECT slab_check('slab_functions_i');
SELECT slab_topk('slab_functions_i', '[1,1,2,3]', 1);
-- told of rows from now on, but not to be asked yet
UPDATE pg_index SET indisready = true WHERE indexrelid = 'slab_functions_i'::regclass;
SELECT index, valid, rows FROM slab_indexes WHERE "table" = 'slab_functions_items'::regclass ORDER BY valid;
SELECT slab_check('slab_functions_i');
SELECT slab_check('slab_functions_i', true);
SELECT slab_topk('slab_functions_i', '[1,1,2,3]', 1);
SELECT plan_of($$SELECT id FROM slab_functions_items ORDER BY v <#> '[1,1,2,3]' LIMIT 1$$);
UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'slab_functions_i'::regclass;
RESET allow_system_table_mods;
SELECT slab_check('slab_functions_i');
\set VERBOSITY terse
SELECT slab_check('slab_functions_i', true);
\set VERBOSITY default
SELECT slab_check('slab_functions_cosine', true);
REINDEX INDEX slab_functions_i;
SELECT slab_check('slab_functions_i', true);

-- an invalid index, as a failed concurrent build leaves it
CREATE TABLE slab_functions_mixed (id integer, v vec);
INSERT INTO slab_functions_mixed VALUES (1, '[1]'), (2, '[1,2]');
CREATE INDEX CONCURRENTLY slab_functions_invalid ON slab_functions_mixed USING slab ((v::vec(1)));
SELECT index, valid, rows, problem FROM slab_indexes WHERE "table" = 'slab_functions_mixed'::regclass;
SELECT slab_check('slab_functions_invalid', true);
SELECT slab_topk('slab_functions_invalid', '[1]', 1);
SELECT plan_of($$SELECT id FROM slab_functions_mixed WHERE id = 1 ORDER BY v::vec(1) <-> '[1]'$$);
TRUNCATE slab_functions_mixed;
INSERT INTO slab_functions_mixed VALUES (1, '[1]');
REINDEX INDEX slab_functions_invalid;
SELECT slab_check('slab_functions_invalid', true);

DROP TABLE slab_functions_items, slab_functions_mixed;
