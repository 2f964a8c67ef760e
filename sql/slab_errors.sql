-- Every way of being refused by an index: SQLSTATE, message, detail and hint.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;


CREATE TABLE slab_errors_items (id integer, v vec(3), any_dims vec);
INSERT INTO slab_errors_items VALUES (1, '[1,2,3]', '[1,2,3]');
CREATE INDEX slab_errors_i ON slab_errors_items USING slab (v);
CREATE INDEX slab_errors_expression ON slab_errors_items USING slab ((any_dims::vec(3)));
CREATE INDEX slab_errors_btree ON slab_errors_items (id);
CREATE INDEX slab_errors_embedder ON slab_errors_items USING slab (v vec_ip_ops) WITH (embedder = 'old', revision = 1);
ALTER INDEX slab_errors_embedder SET (embedder = 'new', revision = 2);
CREATE TABLE slab_errors_parts (id integer, v vec(3)) PARTITION BY LIST (id);
CREATE INDEX slab_errors_parts_i ON slab_errors_parts USING slab (v);
CREATE ROLE regress_slab_errors;
GRANT SELECT ON slab_errors_items TO regress_slab_errors;
SET enable_seqscan = off;

\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n  '

-- making an index
SELECT statement, e.* FROM unnest(ARRAY[
    'CREATE INDEX ON slab_errors_items USING slab (any_dims)',
    'CREATE INDEX ON slab_errors_items USING slab (v) WITH (storage = int3)',
    $$CREATE INDEX ON slab_errors_items USING slab (v) WITH (revision = '0123456789012345678901234567890123456789012345678901234567890123')$$,
    $$CREATE INDEX ON slab_errors_items USING slab (v) WITH (embedder = '0123456789012345678901234567890123456789012345678901234567890123')$$,
    'CREATE INDEX ON slab_errors_items USING slab (v) WITH (no_such_option = 1)',
    'CREATE INDEX ON slab_errors_items USING slab ((any_dims::vec(4)))',
    'CREATE INDEX ON slab_errors_items USING slab (id)',
    'CREATE UNIQUE INDEX ON slab_errors_items USING slab (v)',
    'CREATE INDEX ON slab_errors_items USING slab (v, v)'
]) AS statement, refused(statement) AS e;

-- changing rows
SELECT statement, e.* FROM unnest(ARRAY[
    $$INSERT INTO slab_errors_items (v) VALUES ('[1,2]')$$,
    $$INSERT INTO slab_errors_items (any_dims) VALUES ('[1,2]')$$
]) AS statement, refused(statement) AS e;

-- searching
SELECT statement, e.* FROM unnest(ARRAY[
    $$SELECT FROM slab_errors_items ORDER BY v <-> '[1,2]'$$,
    $$SELECT FROM slab_errors_items ORDER BY any_dims::vec(3) <-> '[1,2,3,4]'$$,
    $$SELECT FROM slab_errors_items ORDER BY v <#> '[1,2,3]'$$,
    $$SELECT FROM slab_errors_items ORDER BY v <-> '[1,2,x]'$$
]) AS statement, refused(statement) AS e;

-- functions
SELECT statement, e.* FROM unnest(ARRAY[
    $$SELECT slab_topk('slab_errors_i', '[1,2]', 1)$$,
    $$SELECT slab_topk('slab_errors_i', '[1,2,3]', -2147483648)$$,
    $$SELECT slab_topk('slab_errors_embedder', '[1,2,3]', 1)$$,
    $$SELECT slab_topk('slab_errors_btree', '[1,2,3]', 1)$$,
    $$SELECT slab_topk('slab_errors_parts_i', '[1,2,3]', 1)$$,
    $$SELECT slab_topk('slab_errors_i', '[1,2,3]', 1, NULL, 'true, true')$$,
    $$SELECT slab_topk('slab_errors_i', '[1,2,3]', 1, NULL, 'id = $1')$$,
    $$SELECT slab_topk('slab_errors_i', '[1,2,3]', 1, NULL, 'id')$$,
    $$SELECT slab_topk('slab_errors_embedder', '[1,2,3]', 1, NULL, 'id = 1')$$,
    $$SELECT slab_stats('slab_errors_items')$$,
    $$SELECT slab_pages('slab_errors_btree')$$,
    $$SELECT slab_check('slab_errors_parts_i')$$,
    $$SELECT slab_stats(4294967295::oid::regclass)$$,
    $$SELECT slab_warm('slab_errors_i', 'vectors')$$,
    $$SELECT slab_warm('slab_errors_i', 'all', 0)$$,
    $$SELECT slab_warm('slab_errors_btree')$$
]) AS statement, refused(statement) AS e;

-- privileges
SET ROLE regress_slab_errors;
SELECT statement, e.* FROM unnest(ARRAY[
    $$SELECT slab_check('slab_errors_i')$$,
    $$SELECT slab_pages('slab_errors_i')$$
]) AS statement, refused(statement) AS e;
RESET ROLE;
REVOKE SELECT ON slab_errors_items FROM regress_slab_errors;
SET ROLE regress_slab_errors;
SELECT statement, e.* FROM unnest(ARRAY[
    $$SELECT slab_stats('slab_errors_i')$$,
    $$SELECT slab_warm('slab_errors_i')$$,
    $$SELECT slab_topk('slab_errors_i', '[1,2,3]', 1)$$,
    $$SELECT slab_topk('slab_errors_i', '[1,2,3]', 1, NULL, 'true')$$
]) AS statement, refused(statement) AS e;
RESET ROLE;

-- settings
SELECT statement, e.* FROM unnest(ARRAY[
    'SET slab.isa = z80',
    'SET slab.no_such_setting = 1'
]) AS statement, refused(statement) AS e;

DROP TABLE slab_errors_items, slab_errors_parts;
DROP ROLE regress_slab_errors;
