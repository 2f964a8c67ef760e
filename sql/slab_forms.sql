-- The function forms of distances use an index as their operators do.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;
CREATE TABLE slab_forms (id integer, v vec(2));
INSERT INTO slab_forms SELECT i, ARRAY[i, 301 - i]::vec FROM generate_series(1, 300) AS i;
CREATE INDEX slab_forms_l2 ON slab_forms USING slab (v);
CREATE INDEX slab_forms_ip ON slab_forms USING slab (v vec_ip_ops);
CREATE INDEX slab_forms_cosine ON slab_forms USING slab (v vec_cosine_ops);
CREATE INDEX slab_forms_l1 ON slab_forms USING slab (v vec_l1_ops);
ANALYZE slab_forms;
SET enable_seqscan = off;
-- The index of a statement's plan, and what it is searched for.
CREATE FUNCTION pg_temp.searched(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    result text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        result := concat_ws(' ', nullif(result, ''), substring(line FROM 'Index Scan using \w+|Seq Scan|(?:Order By|Index Cond): .*'));
    END LOOP;
    RETURN regexp_replace(result, '\$0|\(InitPlan 1\).col1', 'q');
END $$;
-- ---- each function, and its arguments either way
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY l2_distance(v, '[7,9]') LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY l2_distance('[7,9]', v) LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY vec_negative_inner_product(v, '[7,9]') LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY cosine_distance(v, '[7,9]') LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY l1_distance('[7,9]', v) LIMIT 3$$);
-- these have no operator
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY inner_product(v, '[7,9]') LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY vec_l2_squared_distance(v, '[7,9]') LIMIT 3$$);
-- ---- the same answers
SELECT array_agg(id ORDER BY d) AS by_index FROM (SELECT id, l2_distance(v, '[50,251.4]') AS d FROM slab_forms ORDER BY d LIMIT 3) AS s;
SET enable_indexscan = off;
SET enable_seqscan = on;
SELECT array_agg(id ORDER BY d) AS without FROM (SELECT id, l2_distance(v, '[50,251.4]') AS d FROM slab_forms ORDER BY d LIMIT 3) AS s;
RESET enable_indexscan;
SET enable_seqscan = off;
-- ---- wherever the argument comes from
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY l2_distance(v, ARRAY[7, 9]::vec(2)) LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY l2_distance(v, (SELECT avg(v) FROM slab_forms)) LIMIT 3$$);
SELECT pg_temp.searched($$SELECT n.id FROM slab_forms AS q, LATERAL
    (SELECT id FROM slab_forms AS i ORDER BY cosine_distance(i.v, q.v) LIMIT 1) AS n WHERE q.id = 5$$);
PREPARE nearest(vec) AS SELECT id FROM slab_forms ORDER BY l2_distance(v, $1) LIMIT 3;
SET plan_cache_mode = force_custom_plan;
SELECT pg_temp.searched($$EXECUTE nearest('[7,9]')$$);
SET plan_cache_mode = force_generic_plan;
SELECT pg_temp.searched($$EXECUTE nearest('[7,9]')$$);
RESET plan_cache_mode;
DEALLOCATE nearest;
-- whatever the search path
SET search_path = pg_catalog, pg_temp;
SELECT pg_temp.searched($$SELECT id FROM public.slab_forms ORDER BY public.l2_distance(v, '[7,9]') LIMIT 3$$);
RESET search_path;
-- ---- what is stored stays as it was written
CREATE VIEW slab_forms_view AS SELECT id, l2_distance(v, '[7,9]') AS d FROM slab_forms;
SELECT pg_temp.searched('SELECT id FROM slab_forms_view ORDER BY d LIMIT 3');
SELECT pg_get_viewdef('slab_forms_view'::regclass) ~ 'l2_distance' AS as_written;
DROP VIEW slab_forms_view;
-- ---- indexes on expressions and with conditions, written in either form, for queries in either form
DROP INDEX slab_forms_l2, slab_forms_ip, slab_forms_cosine, slab_forms_l1;
CREATE INDEX slab_forms_called ON slab_forms (l2_distance(v, '[7,9]'));
SELECT pg_get_indexdef('slab_forms_called'::regclass);
SELECT pg_temp.searched($$SELECT id FROM slab_forms WHERE l2_distance(v, '[7,9]') = 1$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms WHERE v <-> '[7,9]' = 1$$);
DROP INDEX slab_forms_called;
CREATE INDEX slab_forms_written ON slab_forms ((v <-> '[7,9]'));
SELECT pg_temp.searched($$SELECT id FROM slab_forms WHERE l2_distance(v, '[7,9]') = 1$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms WHERE v <-> '[7,9]' = 1$$);
DROP INDEX slab_forms_written;
CREATE INDEX slab_forms_partial ON slab_forms USING slab (v) WHERE l2_distance(v, '[7,9]') < 100;
SELECT pg_temp.searched($$SELECT id FROM slab_forms WHERE l2_distance(v, '[7,9]') < 100 ORDER BY l2_distance(v, '[1,2]') LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms WHERE v <-> '[7,9]' < 100 ORDER BY v <-> '[1,2]' LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms WHERE v <-> '[7,9]' < 101 ORDER BY v <-> '[1,2]' LIMIT 3$$);
DROP INDEX slab_forms_partial;
CREATE UNIQUE INDEX slab_forms_unique ON slab_forms (l1_distance(v, '[0,-10000]'), id);
INSERT INTO slab_forms VALUES (1, '[1,300]') ON CONFLICT (l1_distance(v, '[0,-10000]'), id) DO UPDATE SET v = NULL;
SELECT id, v FROM slab_forms WHERE id = 1;
DROP INDEX slab_forms_unique;
-- ---- who may not call the function may not use the operator
CREATE ROLE slab_forms_other;
GRANT SELECT ON slab_forms TO slab_forms_other;
BEGIN;
REVOKE EXECUTE ON FUNCTION l2_distance(vec, vec) FROM PUBLIC;
SET LOCAL ROLE slab_forms_other;
SELECT id FROM slab_forms ORDER BY l2_distance(v, '[7,9]') LIMIT 3;
ROLLBACK;
REVOKE SELECT ON slab_forms FROM slab_forms_other;
DROP ROLE slab_forms_other;
-- ---- what else can be written, and what of it uses an index
CREATE INDEX slab_forms_l2 ON slab_forms USING slab (v);
CREATE INDEX slab_forms_cosine ON slab_forms USING slab (v vec_cosine_ops);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY v <-> '[7,9]' ASC NULLS LAST LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY v <-> '[7,9]' ASC NULLS FIRST LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY (v <-> '[7,9]') + 0 LIMIT 3$$);
SELECT pg_temp.searched($$SELECT id FROM slab_forms ORDER BY 1 - (v <=> '[7,9]') DESC LIMIT 3$$);
DROP TABLE slab_forms;
