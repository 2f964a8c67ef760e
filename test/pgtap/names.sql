-- Everything that the extension's script names is what was meant, whatever functions and operators somebody has put into the
-- schema before: they are called as whoever uses the extension.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
SELECT plan(12);

-- ---- what the extension defines and calls, as its objects say

CREATE TEMPORARY TABLE members AS
SELECT classid, objid FROM pg_depend
WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pgslab');

CREATE TEMPORARY TABLE rules AS
SELECT ev_action::text AS tree FROM pg_rewrite
WHERE ev_class IN (SELECT objid FROM members WHERE classid = 'pg_class'::regclass);

CREATE TEMPORARY TABLE called_operators AS
SELECT o.oid, o.oprname AS name, o.oprleft, o.oprright, o.oprresult, o.oprcode, o.oprrest, o.oprjoin
FROM pg_operator AS o
WHERE o.oid IN (SELECT objid FROM members WHERE classid = 'pg_operator'::regclass
                UNION SELECT m[1]::oid FROM rules, regexp_matches(tree, ':opno (\d+)', 'g') AS m);

CREATE TEMPORARY TABLE called AS
SELECT p.oid, p.proname AS name, ARRAY(SELECT unnest(p.proargtypes)) AS types, p.prorettype AS result, p.pronamespace
FROM pg_proc AS p
WHERE p.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass
                UNION SELECT m[1]::oid FROM rules, regexp_matches(tree, ':(?:funcid|opfuncid) (\d+)', 'g') AS m
                UNION SELECT unnest(ARRAY[oprcode, oprrest, oprjoin]) FROM called_operators);

SELECT cmp_ok((SELECT count(*) FROM called), '>', 80::bigint, 'there are functions to mistake');
SELECT cmp_ok((SELECT count(*) FROM called WHERE pronamespace = 'pg_catalog'::regnamespace), '>', 15::bigint,
    'some of them the server''s');
SELECT cmp_ok((SELECT count(*) FROM called_operators), '>', 15::bigint, 'and operators');

-- ---- functions of the same names for all kinds of arguments, and operators

-- The types of the extension are not there yet. Those of the server that only C takes are for the superuser to use.
CREATE TEMPORARY TABLE plants AS
WITH own AS (
    SELECT array_agg(t.oid) AS new_types FROM members
    JOIN pg_type AS t ON objid IN (t.oid, t.typelem) WHERE classid = 'pg_type'::regclass
), others(type) AS (
    SELECT unnest(ARRAY['oid', 'regclass', 'text', 'name', 'varchar', '"char"', 'int2', 'int4', 'int8', 'float8', 'real[]',
        'double precision[]', 'anyelement', 'anyarray', 'anycompatible', 'record']::regtype[])::oid
), known AS (
    SELECT name, pronamespace, result,
           ARRAY(SELECT CASE WHEN type = ANY (new_types) THEN 'real[]'::regtype::oid ELSE type END
                 FROM unnest(types) WITH ORDINALITY AS t(type, n) ORDER BY n) AS types,
           types && new_types AS changed
    FROM called, own
    WHERE NOT types && ARRAY['internal', 'cstring', 'cstring[]', 'trigger']::regtype[]::oid[]
), varied AS (
    -- as it is
    SELECT name, types, '' AS last FROM known WHERE changed OR pronamespace = 'pg_catalog'::regnamespace
    UNION ALL -- one argument or all of another type
    SELECT name, types[:n - 1] || type || types[n + 1:], '' FROM known, others, generate_series(1, cardinality(types)) AS n
    UNION ALL
    SELECT name, array_fill(type, ARRAY[cardinality(types)]), '' FROM known, others WHERE cardinality(types) > 0
    UNION ALL -- one more that need not be given: with a function of the extension that is an ambiguity, see the end
    SELECT name, types || 'text'::regtype::oid, 'default' FROM known WHERE pronamespace = 'pg_catalog'::regnamespace
    UNION ALL
    SELECT name, types || 'text[]'::regtype::oid, 'variadic' FROM known WHERE pronamespace = 'pg_catalog'::regnamespace
)
SELECT DISTINCT ON (v.name, v.types) v.name, v.types, v.last
FROM varied AS v
WHERE NOT EXISTS (SELECT FROM called AS c WHERE c.name = v.name AND c.types = v.types
                  AND c.pronamespace <> 'pg_catalog'::regnamespace)
ORDER BY v.name, v.types, v.last;

CREATE TEMPORARY TABLE planted_operators AS
SELECT DISTINCT o.name, l.type AS l, r.type AS r
FROM called_operators AS o
CROSS JOIN LATERAL (SELECT unnest(ARRAY['oid', 'name', 'text', '"char"', 'int8', 'real[]', 'anyelement']::regtype[])) AS l(type)
CROSS JOIN LATERAL (SELECT unnest(ARRAY['oid', 'name', 'text', '"char"', 'int8', 'real[]', 'anyelement']::regtype[])) AS r(type);

DROP EXTENSION pgslab CASCADE;
CREATE SCHEMA target;

CREATE FUNCTION pg_temp.plant() RETURNS void LANGUAGE plpgsql AS $plant$
DECLARE
    plant record;
BEGIN
    FOR plant IN
        SELECT name, (SELECT string_agg(CASE WHEN n < cardinality(types) OR last = '' THEN format_type(type, -1)
                                             WHEN last = 'default' THEN 'a text DEFAULT NULL'
                                             ELSE 'VARIADIC a text[] DEFAULT NULL' END, ', ' ORDER BY n)
                      FROM unnest(types) WITH ORDINALITY AS t(type, n)) AS arguments
        FROM plants
    LOOP
        EXECUTE format($$CREATE FUNCTION target.%I(%s) RETURNS integer LANGUAGE plpgsql AS 'BEGIN RAISE ''planted''; END'$$,
            plant.name, plant.arguments);
    END LOOP;
    FOR plant IN SELECT DISTINCT l, r FROM planted_operators LOOP
        EXECUTE format($$CREATE FUNCTION target.planted(%s, %s) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''planted''; END'$$,
            plant.l, plant.r);
    END LOOP;
    FOR plant IN SELECT name, l, r FROM planted_operators LOOP
        EXECUTE format('CREATE OPERATOR target.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = target.planted)',
            plant.name, plant.l, plant.r);
    END LOOP;
END
$plant$;
SELECT pg_temp.plant();
CREATE TEMPORARY TABLE planted AS
SELECT 'pg_proc'::regclass AS classid, oid AS objid FROM pg_proc WHERE pronamespace = 'target'::regnamespace
UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator WHERE oprnamespace = 'target'::regnamespace;
SELECT cmp_ok((SELECT count(*) FROM planted), '>', 3000::bigint, 'there is much to be mistaken for it');

-- ---- none of them is used

SELECT lives_ok('CREATE EXTENSION pgslab SCHEMA target', 'the extension can be created among them');
SELECT is_empty(
    $$SELECT pg_describe_object(d.classid, d.objid, d.objsubid), pg_describe_object(d.refclassid, d.refobjid, 0)
      FROM pg_depend AS d JOIN planted AS p ON (p.classid, p.objid) = (d.refclassid, d.refobjid)
      WHERE (d.classid, d.objid) NOT IN (SELECT classid, objid FROM planted)$$,
    'nothing depends on them');
SELECT is_empty(
    $$SELECT o.oid::regoperator FROM pg_operator AS o JOIN planted AS p ON p.objid IN (o.oprcom, o.oprnegate)
      WHERE o.oid NOT IN (SELECT objid FROM planted)$$,
    'no operator has one of them for its commutator or negator');
-- With the schema in the search path the test's own calls would be ambiguous.
CREATE TABLE items (id integer, v target.vec(3));
INSERT INTO items SELECT i, ARRAY[i, 0, 1]::real[]::target.vec FROM generate_series(1, 100) AS i;
CREATE INDEX items_i ON items USING slab (v);
SELECT results_eq('SELECT index::text, rows, problem FROM target.slab_indexes', $$VALUES ('items_i', 100::bigint, NULL::text)$$,
    'slab_indexes calls none of them');
SELECT is_empty('SELECT * FROM target.slab_maintenance', 'slab_maintenance calls none of them');
SELECT is((SELECT target.avg(v)::text FROM items), '[50.5,0,1]', 'aggregates call none of them');

-- ---- what could be mistaken for a function of the extension is not: CREATE EXTENSION fails

DROP EXTENSION pgslab CASCADE;
CREATE FUNCTION target.slab_try_stats(regclass) RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT throws_ok('CREATE EXTENSION pgslab SCHEMA target', '42723', NULL, 'a function of the same signature is not replaced');
DROP FUNCTION target.slab_try_stats(regclass);
CREATE FUNCTION target.slab_try_stats(regclass, text DEFAULT NULL) RETURNS integer LANGUAGE sql AS 'SELECT 1';
SELECT throws_ok('CREATE EXTENSION pgslab SCHEMA target', '42725', NULL, 'one that can be called in the same way is not called');

SELECT * FROM finish();
ROLLBACK;
