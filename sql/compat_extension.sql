-- The extension pgslab_compat as such: in a schema of the user's choice, dropped and made again, and not beside pgvector.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS compat_own CASCADE;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

CREATE SCHEMA compat_own;
CREATE EXTENSION pgslab_compat SCHEMA compat_own;
SELECT extversion, nspname, extrelocatable FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'pgslab_compat';
CREATE TABLE compat_own.items (id integer, v compat_own.vector(3));
INSERT INTO compat_own.items SELECT i, ARRAY[i, 1, 2] FROM generate_series(1, 500) AS i;
CREATE INDEX items_v ON compat_own.items USING hnsw (v compat_own.vector_l2_ops);
ANALYZE compat_own.items;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM compat_own.items ORDER BY v OPERATOR(compat_own.<->) '[7,1,2]' LIMIT 3;
EXPLAIN (COSTS OFF) SELECT id FROM compat_own.items ORDER BY compat_own.l2_distance(v, '[7,1,2]') LIMIT 3;
SELECT id FROM compat_own.items ORDER BY v OPERATOR(compat_own.<->) '[7,1,2]' LIMIT 3;
SELECT id FROM compat_own.items WHERE v OPERATOR(compat_own.<->) '[7,1,2]' < 1.5 AND compat_own.l2_within(v, '[7,1,2]', 1) ORDER BY id;
RESET enable_seqscan;
SELECT ctid, distance FROM slab_topk('compat_own.items_v', '[7,1,2]', 2);

-- elsewhere afterwards
ALTER EXTENSION pgslab_compat SET SCHEMA public;
SELECT id FROM compat_own.items ORDER BY v <-> '[7,1,2]' LIMIT 3;
SELECT slab_check('compat_own.items_v', true);

-- pgslab is needed, and does not go by itself
\set VERBOSITY terse
DROP EXTENSION pgslab;
\set VERBOSITY default

-- the access methods are there once in a database
SELECT amname, amhandler FROM pg_am WHERE amname IN ('hnsw', 'ivfflat') ORDER BY 1;
DROP EXTENSION pgslab_compat;
DROP SCHEMA compat_own CASCADE;
DROP EXTENSION pgslab_compat;
SELECT count(*) FROM pg_am WHERE amname IN ('hnsw', 'ivfflat');

-- Who may create extensions in a database may create it.
CREATE ROLE regress_compat;
CREATE SCHEMA compat_theirs AUTHORIZATION regress_compat;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_compat', current_database()); END $$;
SET ROLE regress_compat;
CREATE EXTENSION pgslab_compat SCHEMA compat_theirs;
CREATE TABLE compat_theirs.items (v compat_theirs.vector(3));
CREATE INDEX ON compat_theirs.items USING hnsw (v compat_theirs.vector_l2_ops);
DROP TABLE compat_theirs.items;
DROP EXTENSION pgslab_compat;
RESET ROLE;
DROP OWNED BY regress_compat;
DROP ROLE regress_compat;

-- Not beside pgvector: a database is taken for one with it that has an extension of its name.
BEGIN;
UPDATE pg_extension SET extname = 'vector' WHERE extname = 'pgslab';
INSERT INTO pg_extension SELECT (oid::bigint + 1)::oid, 'pgslab', extowner, extnamespace, extrelocatable, extversion, extconfig, extcondition
FROM pg_extension WHERE extname = 'vector';
\set SHOW_CONTEXT never
CREATE EXTENSION pgslab_compat;
\set SHOW_CONTEXT errors
ROLLBACK;
CREATE EXTENSION pgslab_compat;
DROP EXTENSION pgslab_compat;
