-- DROP EXTENSION takes the indexes along, not the rows of other columns; it can be created again.
SELECT current_database() AS here \gset
CREATE DATABASE slab_extension TEMPLATE template0;
\c slab_extension
CREATE SCHEMA elsewhere;
CREATE EXTENSION pgslab SCHEMA elsewhere;
CREATE TABLE slab_extension_items (id integer, v elsewhere.vec(2));
INSERT INTO slab_extension_items SELECT i, ARRAY[i, 0]::elsewhere.vec FROM generate_series(1, 100) AS i;
CREATE INDEX slab_extension_i ON slab_extension_items USING slab (v elsewhere.vec_l1_ops);
SET enable_seqscan = off;
SET slab.exact = on;
-- the operators are found without a search path that names the schema
EXPLAIN (COSTS OFF) SELECT id FROM slab_extension_items ORDER BY v OPERATOR(elsewhere.<+>) '[50.2,0]' LIMIT 2;
SELECT id FROM slab_extension_items ORDER BY v OPERATOR(elsewhere.<+>) '[50.2,0]' LIMIT 2;
SELECT elsewhere.slab_check('slab_extension_i', true);
SELECT index, rows FROM elsewhere.slab_indexes;
SELECT ctid FROM elsewhere.slab_topk('slab_extension_i', '[50.2,0]', 2);
REINDEX INDEX slab_extension_i;
VACUUM FULL slab_extension_items;
ALTER EXTENSION pgslab SET SCHEMA public;
SELECT id FROM slab_extension_items ORDER BY v <+> '[50.2,0]' LIMIT 2;
SELECT index, rows FROM slab_indexes;

DROP EXTENSION pgslab;
\set VERBOSITY terse
DROP EXTENSION pgslab CASCADE;
\set VERBOSITY default
SELECT to_regclass('slab_extension_i'), to_regtype('vec'), to_regclass('slab_indexes');
SELECT count(*) FROM pg_am WHERE amname = 'slab';
SELECT count(*), sum(id) FROM slab_extension_items;

CREATE EXTENSION pgslab;
ALTER TABLE slab_extension_items ADD v vec(2);
UPDATE slab_extension_items SET v = ARRAY[id, 0]::vec;
CREATE INDEX slab_extension_i ON slab_extension_items USING slab (v);
SELECT id FROM slab_extension_items ORDER BY v <-> '[50.2,0]' LIMIT 2;
SELECT slab_check('slab_extension_i', true);
\c :here
DROP DATABASE slab_extension;
