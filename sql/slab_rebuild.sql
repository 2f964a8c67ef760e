-- Building anew: REINDEX, concurrent builds, rewritten tables, changed options, TRUNCATE.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;

CREATE TABLE slab_rebuild_items (id integer, v vec(2));
INSERT INTO slab_rebuild_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1, 1000) AS i;
CREATE INDEX slab_rebuild_i ON slab_rebuild_items USING slab (v);
INSERT INTO slab_rebuild_items SELECT i, ARRAY[i, 0]::vec FROM generate_series(1001, 1500) AS i;
DELETE FROM slab_rebuild_items WHERE id % 10 = 0;

-- what the index is and whether it is right; the sidecar holds what came after the build
CREATE FUNCTION pg_temp.state(OUT valid boolean, OUT dims integer, OUT storage text, OUT built boolean,
    OUT nearest integer[]) LANGUAGE plpgsql AS $$
BEGIN
    SELECT i.valid, i.dims, i.storage, i.sidecar_rows = 0 INTO valid, dims, storage, built
    FROM slab_indexes AS i WHERE index = 'slab_rebuild_i'::regclass;
    PERFORM slab_check('slab_rebuild_i', true);
    EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM slab_rebuild_items ORDER BY v <-> %L LIMIT 3) AS s',
        '[1200.6' || repeat(',0', dims - 1) || ']') INTO nearest;
END $$;

SELECT * FROM pg_temp.state();
REINDEX INDEX slab_rebuild_i;
SELECT * FROM pg_temp.state();
REINDEX TABLE slab_rebuild_items;
SELECT * FROM pg_temp.state();
REINDEX INDEX CONCURRENTLY slab_rebuild_i;
SELECT * FROM pg_temp.state();
REINDEX TABLE CONCURRENTLY slab_rebuild_items;
SELECT * FROM pg_temp.state();
DROP INDEX slab_rebuild_i;
CREATE INDEX CONCURRENTLY slab_rebuild_i ON slab_rebuild_items USING slab (v);
SELECT * FROM pg_temp.state();
SELECT index FROM slab_indexes WHERE "table" = 'slab_rebuild_items'::regclass;
DROP INDEX CONCURRENTLY slab_rebuild_i;

-- within a transaction that also wrote, and one that fails
BEGIN;
INSERT INTO slab_rebuild_items VALUES (2000, '[1200.6,0]');
CREATE INDEX slab_rebuild_i ON slab_rebuild_items USING slab (v);
INSERT INTO slab_rebuild_items VALUES (2001, '[1200.7,0]');
SELECT * FROM pg_temp.state();
ROLLBACK;
CREATE INDEX slab_rebuild_i ON slab_rebuild_items USING slab (v);
BEGIN;
REINDEX INDEX slab_rebuild_i;
INSERT INTO slab_rebuild_items VALUES (2000, '[1200.6,0]');
ROLLBACK;
SELECT * FROM pg_temp.state();

-- ---- rewritten tables

ALTER TABLE slab_rebuild_items ADD note uuid DEFAULT gen_random_uuid();
SELECT * FROM pg_temp.state();
ALTER TABLE slab_rebuild_items ALTER v TYPE vec(1) USING subvector(v, 1, 1);
SELECT * FROM pg_temp.state();
ALTER TABLE slab_rebuild_items ALTER v TYPE vec(2);
-- to vec without dimensions nothing would be rewritten, and the index could never be rebuilt
ALTER TABLE slab_rebuild_items ALTER v TYPE vec;
SELECT * FROM pg_temp.state();
INSERT INTO slab_rebuild_items VALUES (2000, '[1,2]');
REINDEX INDEX slab_rebuild_i;
ALTER TABLE slab_rebuild_items ALTER v TYPE real[];
ALTER TABLE slab_rebuild_items ALTER v TYPE vec(2) USING v || '[0]';
SELECT * FROM pg_temp.state();
ALTER TABLE slab_rebuild_items DROP note;
VACUUM FULL slab_rebuild_items;
SELECT * FROM pg_temp.state();
ALTER TABLE slab_rebuild_items SET UNLOGGED;
SELECT * FROM pg_temp.state();
ALTER TABLE slab_rebuild_items SET LOGGED;
SELECT * FROM pg_temp.state();

-- ---- storage and place

ALTER INDEX slab_rebuild_i SET (storage = f32);
SELECT * FROM pg_temp.state(); -- as it was built
REINDEX INDEX slab_rebuild_i;
SELECT * FROM pg_temp.state();
ALTER INDEX slab_rebuild_i RESET (storage);
REINDEX INDEX CONCURRENTLY slab_rebuild_i;
SELECT * FROM pg_temp.state();
ALTER INDEX slab_rebuild_i SET (storage = f64);
ALTER INDEX slab_rebuild_i SET TABLESPACE pg_default;
SELECT * FROM pg_temp.state();
ALTER INDEX slab_rebuild_i RENAME TO slab_rebuild_j;
SELECT id FROM slab_rebuild_items ORDER BY v <-> '[1200.6,0]' LIMIT 1;
ALTER INDEX slab_rebuild_j RENAME TO slab_rebuild_i;

-- ---- another embedder than the one it was built for: searches are refused, inserts go on

ALTER INDEX slab_rebuild_i SET (revision = 2);
SELECT id FROM slab_rebuild_items ORDER BY v <-> '[1200.6,0]' LIMIT 1;
INSERT INTO slab_rebuild_items VALUES (3000, '[3000,0]');
SELECT slab_topk('slab_rebuild_i', '[1200.6,0]', 1);
SELECT embedder, revision, slab_check('slab_rebuild_i', true) FROM slab_stats('slab_rebuild_i');
VACUUM slab_rebuild_items;
ALTER INDEX slab_rebuild_i RESET (revision);
SELECT id FROM slab_rebuild_items ORDER BY v <-> '[1200.6,0]' LIMIT 1;
ALTER INDEX slab_rebuild_i SET (embedder = 'new', revision = 2);
SELECT id FROM slab_rebuild_items ORDER BY v <-> '[1200.6,0]' LIMIT 1;
REINDEX INDEX slab_rebuild_i;
SELECT id FROM slab_rebuild_items ORDER BY v <-> '[1200.6,0]' LIMIT 1;
INSERT INTO slab_rebuild_items VALUES (3000, '[3000,0]');
SELECT embedder, revision FROM slab_stats('slab_rebuild_i');
ALTER INDEX slab_rebuild_i SET (embedder = 'old');
INSERT INTO slab_rebuild_items VALUES (3000, '[3000,0]');
ALTER INDEX slab_rebuild_i SET (embedder = 'new');
SELECT * FROM pg_temp.state();

-- ---- TRUNCATE

BEGIN;
TRUNCATE slab_rebuild_items;
INSERT INTO slab_rebuild_items VALUES (1, '[1,0]');
SELECT id FROM slab_rebuild_items ORDER BY v <-> '[1200.6,0]';
ROLLBACK;
SELECT * FROM pg_temp.state();
TRUNCATE slab_rebuild_items;
SELECT id FROM slab_rebuild_items ORDER BY v <-> '[1200.6,0]';
SELECT rows, total_bytes, embedder, revision FROM slab_stats('slab_rebuild_i');
INSERT INTO slab_rebuild_items VALUES (1, '[1,0]'), (2, '[3000,0]');
SELECT * FROM pg_temp.state();
DROP TABLE slab_rebuild_items;
