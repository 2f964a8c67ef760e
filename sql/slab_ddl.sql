-- CREATE INDEX ... USING slab: what can be indexed, options, and what is refused.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;
SET enable_seqscan = off;

CREATE TABLE slab_ddl_items (id integer, any_dims vec, note text, v vec(3));
INSERT INTO slab_ddl_items SELECT i, ARRAY[i, 0]::vec, 'n', ARRAY[i, i % 7, 0]::vec FROM generate_series(1, 50) AS i;

-- ---- operator classes and options, as they are shown and as they were built

CREATE INDEX slab_ddl_default ON slab_ddl_items USING slab (v);
CREATE INDEX slab_ddl_ip ON slab_ddl_items USING slab (v vec_ip_ops) WITH (storage = f16);
CREATE INDEX slab_ddl_cosine ON slab_ddl_items USING slab (v vec_cosine_ops) WITH (storage = 'F32');
CREATE INDEX slab_ddl_l1 ON slab_ddl_items USING slab (v vec_l1_ops)
    WITH (storage = f32, embedder = 'a model', revision = 3);
CREATE INDEX slab_ddl_longest ON slab_ddl_items USING slab (v)
    WITH (embedder = '123456789 123456789 123456789 123456789 123456789 123456789 123', revision = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde');
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'slab_ddl_items'::regclass ORDER BY indexrelid::regclass::text;
SELECT index, metric, storage, dims, rows, embedder, revision
FROM slab_indexes WHERE "table" = 'slab_ddl_items'::regclass ORDER BY index::text;
DROP INDEX slab_ddl_default, slab_ddl_ip, slab_ddl_cosine, slab_ddl_l1, slab_ddl_longest;

CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WITH (storage = f8);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WITH (storage = '');
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WITH (storage);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v)
    WITH (embedder = '123456789 123456789 123456789 123456789 123456789 123456789 1234');
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v)
    WITH (revision = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef');
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WITH (colour = red);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WITH (fillfactor = 70);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WITH (storage = f32, storage = f16);

-- options of maintenance, which may be changed at any time
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WITH (seal_threshold = 1000000, vacuum_threshold = 1);
ALTER INDEX slab_ddl_i SET (seal_threshold = 0, vacuum_threshold = 0.01);
ALTER INDEX slab_ddl_i SET (seal_threshold = -1);
ALTER INDEX slab_ddl_i SET (seal_threshold = 1000001);
ALTER INDEX slab_ddl_i SET (vacuum_threshold = 0);
ALTER INDEX slab_ddl_i SET (vacuum_threshold = 1.01);
ALTER INDEX slab_ddl_i SET (vacuum_threshold = NaN);
ALTER INDEX slab_ddl_i SET (vacuum_threshold = few);
SELECT pg_get_indexdef('slab_ddl_i'::regclass);
ALTER INDEX slab_ddl_i RESET (seal_threshold, vacuum_threshold);
SELECT pg_get_indexdef('slab_ddl_i'::regclass);
SELECT slab_check('slab_ddl_i', true);
DROP INDEX slab_ddl_i;

-- ---- what PostgreSQL refuses because the access method does not offer it

CREATE UNIQUE INDEX slab_ddl_i ON slab_ddl_items USING slab (v);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v, v);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) INCLUDE (id);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v ASC);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v DESC);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v NULLS FIRST);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v vec_hamming_ops);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (id);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (id vec_l2_ops);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab ((ARRAY[id, 1]::real[]));
-- these messages name the schema from PostgreSQL 17 on
\set VERBOSITY sqlstate
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v COLLATE "C");
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v vec_l2_ops (x = 1));
ALTER TABLE slab_ddl_items ADD EXCLUDE USING slab (v WITH =);
\set VERBOSITY default
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v);
CLUSTER slab_ddl_items USING slab_ddl_i;
DROP INDEX slab_ddl_i;
CREATE MATERIALIZED VIEW slab_ddl_view AS SELECT id, v FROM slab_ddl_items WHERE id > 40;
CREATE INDEX slab_ddl_i ON slab_ddl_view USING slab (v);
REFRESH MATERIALIZED VIEW slab_ddl_view;
SELECT id FROM slab_ddl_view ORDER BY v <-> '[1,0,0]' LIMIT 1;
DROP MATERIALIZED VIEW slab_ddl_view;

-- ---- dimensions

CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (any_dims);
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab ((any_dims || v));
CREATE INDEX CONCURRENTLY slab_ddl_i ON slab_ddl_items USING slab (any_dims);
-- refused before anything is there
SELECT indexrelid::regclass, indisvalid FROM pg_index WHERE indrelid = 'slab_ddl_items'::regclass;

-- ---- expressions: the cast says how many dimensions there are

CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab ((any_dims::vec(2)));
SELECT pg_get_indexdef('slab_ddl_i'::regclass);
SELECT plan_of($$SELECT id FROM slab_ddl_items ORDER BY any_dims::vec(2) <-> '[9.9,0]' LIMIT 2$$);
SELECT id FROM slab_ddl_items ORDER BY any_dims::vec(2) <-> '[9.9,0]' LIMIT 2;
SELECT plan_of($$SELECT id FROM slab_ddl_items ORDER BY any_dims <-> '[9.9,0]' LIMIT 2$$);
INSERT INTO slab_ddl_items (id, any_dims) VALUES (51, '[9.9,0]'), (52, NULL);
INSERT INTO slab_ddl_items (id, any_dims) VALUES (53, '[1,2,3]');
SELECT id FROM slab_ddl_items ORDER BY any_dims::vec(2) <-> '[9.9,0]' LIMIT 2;
SELECT slab_check('slab_ddl_i', true);
DROP INDEX slab_ddl_i;

-- for those rows only that have so many
INSERT INTO slab_ddl_items (id, any_dims) VALUES (53, '[1,2,3]');
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab ((any_dims::vec(2)));
CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab ((any_dims::vec(2))) WHERE vec_dims(any_dims) = 2;
SELECT id FROM slab_ddl_items WHERE vec_dims(any_dims) = 2 ORDER BY any_dims::vec(2) <-> '[9.9,0]' LIMIT 2;
SELECT slab_check('slab_ddl_i', true);
DROP INDEX slab_ddl_i;

CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab ((subvector(v, 1, 2)::vec(2)) vec_l1_ops);
SELECT id FROM slab_ddl_items ORDER BY subvector(v, 1, 2)::vec(2) <+> '[14.2,0]' LIMIT 1;
DROP INDEX slab_ddl_i;

-- ---- partial indexes: used when the condition is known to hold

CREATE INDEX slab_ddl_i ON slab_ddl_items USING slab (v) WHERE id > 20;
SELECT rows FROM slab_stats('slab_ddl_i');
SELECT plan_of($$SELECT id FROM slab_ddl_items WHERE id > 30 ORDER BY v <-> '[1,0,0]' LIMIT 2$$);
SELECT id FROM slab_ddl_items WHERE id > 30 ORDER BY v <-> '[1,0,0]' LIMIT 2;
SELECT plan_of($$SELECT id FROM slab_ddl_items WHERE id > 20 ORDER BY v <-> '[1,0,0]' LIMIT 2$$);
SELECT id FROM slab_ddl_items WHERE id > 20 ORDER BY v <-> '[1,0,0]' LIMIT 2;
SELECT plan_of($$SELECT id FROM slab_ddl_items ORDER BY v <-> '[1,0,0]' LIMIT 2$$);
SELECT id FROM slab_ddl_items ORDER BY v <-> '[1,0,0]', id LIMIT 2;
-- rows come into it and leave it
UPDATE slab_ddl_items SET id = id + 100 WHERE id IN (1, 2);
UPDATE slab_ddl_items SET id = 3 - id WHERE id = 21;
UPDATE slab_ddl_items SET id = -id WHERE id = 22;
SELECT slab_check('slab_ddl_i', true);
SELECT array_agg(id ORDER BY id) FROM
    (SELECT id FROM slab_ddl_items WHERE id > 20 ORDER BY v <-> '[1,1,0]' LIMIT 3) AS s;
DROP TABLE slab_ddl_items;
