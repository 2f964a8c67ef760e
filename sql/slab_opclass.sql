-- Operator classes: those that come with the extension are valid; wrong ones are reported.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
SET slab.exact = on;

SELECT opcname, opcdefault, opcintype::regtype, amvalidate(c.oid)
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod WHERE amname = 'slab' ORDER BY opcname;
SELECT name, pg_indexam_has_property(a.oid, name) FROM pg_am AS a,
    unnest(ARRAY['can_order', 'can_unique', 'can_multi_col', 'can_exclude', 'can_include']) AS name
WHERE amname = 'slab';
CREATE TABLE slab_opclass_items (id integer, v vec(2));
CREATE INDEX slab_opclass_i ON slab_opclass_items USING slab (v);
SELECT name, pg_index_has_property('slab_opclass_i', name)
FROM unnest(ARRAY['clusterable', 'index_scan', 'bitmap_scan', 'backward_scan']) AS name;
SELECT name, pg_index_column_has_property('slab_opclass_i', 1, name)
FROM unnest(ARRAY['asc', 'desc', 'nulls_first', 'nulls_last', 'orderable', 'returnable',
    'search_array', 'search_nulls']) AS name;
DROP INDEX slab_opclass_i;

-- without a support function, without an operator, with others than are meant
CREATE OPERATOR CLASS slab_opclass_a FOR TYPE vec USING slab AS OPERATOR 1 <-> FOR ORDER BY float_ops;
CREATE OPERATOR CLASS slab_opclass_b FOR TYPE vec USING slab AS FUNCTION 1 slab_vec_l2(internal);
CREATE OPERATOR CLASS slab_opclass_c FOR TYPE vec USING slab AS
    OPERATOR 2 <-> FOR ORDER BY float_ops, FUNCTION 1 slab_vec_l2(internal);
CREATE OPERATOR CLASS slab_opclass_d FOR TYPE vec USING slab AS
    OPERATOR 1 <, FUNCTION 1 slab_vec_l2(internal);
CREATE OPERATOR CLASS slab_opclass_e FOR TYPE vec USING slab AS
    OPERATOR 1 <-> FOR ORDER BY float_ops, FUNCTION 1 vec_dims(vec);
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcname = 'slab_opclass_a';
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcname = 'slab_opclass_b';
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcname = 'slab_opclass_c';
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcname = 'slab_opclass_d';
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcname = 'slab_opclass_e';
CREATE INDEX slab_opclass_i ON slab_opclass_items USING slab (v slab_opclass_a);

-- one that somebody made is as good as ours
CREATE FUNCTION slab_opclass_distance(vec, vec) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT AS 'BEGIN RETURN public.l1_distance($1, $2); END';
CREATE OPERATOR <~~> (LEFTARG = vec, RIGHTARG = vec, FUNCTION = slab_opclass_distance, COMMUTATOR = <~~>);
CREATE OPERATOR CLASS slab_opclass_f FOR TYPE vec USING slab AS
    OPERATOR 1 <~~> FOR ORDER BY float_ops, FUNCTION 1 slab_vec_l1(internal);
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcname = 'slab_opclass_f';
INSERT INTO slab_opclass_items VALUES (1, '[1,1]'), (2, '[0,1.5]'), (3, '[-1,2]');
CREATE INDEX slab_opclass_i ON slab_opclass_items USING slab (v slab_opclass_f);
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id, v <~~> '[0,0]' AS distance FROM slab_opclass_items ORDER BY v <~~> '[0,0]';
SELECT id, v <~~> '[0,0]' AS distance FROM slab_opclass_items ORDER BY v <~~> '[0,0]';
SELECT ctid, distance FROM slab_topk('slab_opclass_i', '[0,0]', 2);
RESET enable_seqscan;

DROP TABLE slab_opclass_items;
DROP OPERATOR FAMILY slab_opclass_a USING slab;
DROP OPERATOR FAMILY slab_opclass_b USING slab;
DROP OPERATOR FAMILY slab_opclass_c USING slab;
DROP OPERATOR FAMILY slab_opclass_d USING slab;
DROP OPERATOR FAMILY slab_opclass_e USING slab;
DROP OPERATOR FAMILY slab_opclass_f USING slab;
DROP OPERATOR <~~> (vec, vec);
DROP FUNCTION slab_opclass_distance;
