-- The surface of pgslab_compat as the catalogs show it: what pgvector has, by its names, and what there is besides.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
CREATE EXTENSION pgslab_compat;
SELECT plan(50);

CREATE TEMPORARY TABLE members AS
SELECT classid, objid FROM pg_depend
WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pgslab_compat');

-- ---- types

SELECT results_eq(
    $$SELECT typname, typlen, typalign, typstorage, typcategory, typispreferred, typinput::text, typoutput::text, typreceive::text,
             typsend::text, typmodin::text, typmodout::text
      FROM pg_type WHERE oid IN (SELECT objid FROM members WHERE classid = 'pg_type'::regclass) AND typelem = 0 ORDER BY 1$$,
    $$SELECT (t COLLATE "C")::name, -1::smallint, 'i'::"char", 'e'::"char", 'v'::"char", false, t || '_in', t || '_out', t || '_recv', t || '_send',
             t || '_typmod_in', '-'
      FROM unnest(ARRAY['halfvec', 'sparsevec', 'vector']) AS t$$,
    'there are three types, of variable length, aligned to 4 bytes, stored uncompressed, of the category of vec');
SELECT is(format_type('vector'::regtype, 768), 'vector(768)', 'dimensions are shown as the type modifier');

-- ---- functions: name, arguments, result. T is each of vector and halfvec.

CREATE TEMPORARY TABLE promised (name text, args text, result text, cost real DEFAULT 1);
INSERT INTO promised
SELECT replace(name, 'T', t), replace(args, 'T', t), replace(result, 'T', t), cost
FROM unnest(ARRAY['vector', 'halfvec']) AS t, (VALUES
    ('T_in', 'cstring,oid,integer', 'T', 1), ('T_out', 'T', 'cstring', 1), ('T_typmod_in', 'cstring[]', 'integer', 1),
    ('T_recv', 'internal,oid,integer', 'T', 1), ('T_send', 'T', 'bytea', 1),
    ('l2_distance', 'T,T', 'double precision', 20), ('inner_product', 'T,T', 'double precision', 20),
    ('cosine_distance', 'T,T', 'double precision', 20), ('l1_distance', 'T,T', 'double precision', 20),
    ('T_negative_inner_product', 'T,T', 'double precision', 20), ('T_l2_squared_distance', 'T,T', 'double precision', 20),
    ('vector_dims', 'T', 'integer', 1), ('l2_normalize', 'T', 'T', 1), ('binary_quantize', 'T', 'bit', 1),
    ('subvector', 'T,integer,integer', 'T', 1),
    ('T_add', 'T,T', 'T', 1), ('T_sub', 'T,T', 'T', 1), ('T_mul', 'T,T', 'T', 1), ('T_concat', 'T,T', 'T', 1),
    ('T_lt', 'T,T', 'boolean', 1), ('T_le', 'T,T', 'boolean', 1), ('T_eq', 'T,T', 'boolean', 1), ('T_ne', 'T,T', 'boolean', 1),
    ('T_ge', 'T,T', 'boolean', 1), ('T_gt', 'T,T', 'boolean', 1), ('T_cmp', 'T,T', 'integer', 1),
    ('T_accum', 'double precision[],T', 'double precision[]', 1), ('T_avg', 'double precision[]', 'T', 1),
    ('T_combine', 'double precision[],double precision[]', 'double precision[]', 1),
    ('T', 'T,integer,boolean', 'T', 1), ('array_to_T', 'integer[],integer,boolean', 'T', 1), ('array_to_T', 'real[],integer,boolean', 'T', 1),
    ('array_to_T', 'double precision[],integer,boolean', 'T', 1), ('array_to_T', 'numeric[],integer,boolean', 'T', 1),
    ('T_to_float4', 'T,integer,boolean', 'real[]', 1),
    -- not in pgvector
    ('T_hash', 'T', 'integer', 1), ('T_hash_extended', 'T,bigint', 'bigint', 1), ('T_sum', 'double precision[]', 'T', 1),
    ('T_distance_support', 'internal', 'internal', 1), ('slab_satisfies', 'T,record', 'boolean', 1),
    ('slab_T_l2', 'internal', 'internal', 1), ('slab_T_ip', 'internal', 'internal', 1), ('slab_T_cosine', 'internal', 'internal', 1),
    ('slab_T_l1', 'internal', 'internal', 1),
    ('l2_within', 'T,T,double precision', 'boolean', 1), ('cosine_within', 'T,T,double precision', 'boolean', 1),
    ('l1_within', 'T,T,double precision', 'boolean', 1), ('ip_within', 'T,T,double precision', 'boolean', 1))
    AS dense(name, args, result, cost);
UPDATE promised SET cost = 100 WHERE name LIKE '%\_within'; -- as of any function in SQL
INSERT INTO promised (name, args, result) VALUES
    ('vector_norm', 'vector', 'double precision'), ('l2_norm', 'halfvec', 'double precision'),
    ('vector_to_halfvec', 'vector,integer,boolean', 'halfvec'), ('halfvec_to_vector', 'halfvec,integer,boolean', 'vector'),
    ('sparsevec_in', 'cstring,oid,integer', 'sparsevec'), ('sparsevec_out', 'sparsevec', 'cstring'),
    ('sparsevec_typmod_in', 'cstring[]', 'integer'), ('sparsevec_recv', 'internal,oid,integer', 'sparsevec'),
    ('sparsevec_send', 'sparsevec', 'bytea'),
    ('l2_norm', 'sparsevec', 'double precision'), ('l2_normalize', 'sparsevec', 'sparsevec'),
    ('sparsevec_lt', 'sparsevec,sparsevec', 'boolean'), ('sparsevec_le', 'sparsevec,sparsevec', 'boolean'),
    ('sparsevec_eq', 'sparsevec,sparsevec', 'boolean'), ('sparsevec_ne', 'sparsevec,sparsevec', 'boolean'),
    ('sparsevec_ge', 'sparsevec,sparsevec', 'boolean'), ('sparsevec_gt', 'sparsevec,sparsevec', 'boolean'),
    ('sparsevec_cmp', 'sparsevec,sparsevec', 'integer'),
    ('sparsevec', 'sparsevec,integer,boolean', 'sparsevec'), ('vector_to_sparsevec', 'vector,integer,boolean', 'sparsevec'),
    ('sparsevec_to_vector', 'sparsevec,integer,boolean', 'vector'), ('halfvec_to_sparsevec', 'halfvec,integer,boolean', 'sparsevec'),
    ('sparsevec_to_halfvec', 'sparsevec,integer,boolean', 'halfvec'),
    ('array_to_sparsevec', 'integer[],integer,boolean', 'sparsevec'), ('array_to_sparsevec', 'real[],integer,boolean', 'sparsevec'),
    ('array_to_sparsevec', 'double precision[],integer,boolean', 'sparsevec'),
    ('array_to_sparsevec', 'numeric[],integer,boolean', 'sparsevec'),
    ('sparsevec_hash', 'sparsevec', 'integer'), ('sparsevec_hash_extended', 'sparsevec,bigint', 'bigint'),
    ('hnswhandler', 'internal', 'index_am_handler'), ('ivfflathandler', 'internal', 'index_am_handler');
INSERT INTO promised
SELECT name, 'sparsevec,sparsevec', 'double precision', 20
FROM unnest(ARRAY['l2_distance', 'inner_product', 'cosine_distance', 'l1_distance', 'sparsevec_negative_inner_product',
    'sparsevec_l2_squared_distance']) AS name;

SELECT set_eq(
    $$SELECT proname::text, (SELECT coalesce(string_agg(format_type(a, NULL), ',' ORDER BY i), '') FROM unnest(proargtypes) WITH ORDINALITY AS u(a, i)),
             format_type(prorettype, NULL), procost
      FROM pg_proc WHERE prokind = 'f' AND oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)$$,
    $$SELECT name, args, result, cost FROM promised$$,
    'the extension has these functions and no others');
SELECT cmp_ok((SELECT count(*) FROM promised), '=', 133::bigint, 'which are so many');
SELECT is_empty(
    $$SELECT oid::regprocedure FROM pg_proc
      WHERE prokind = 'f' AND oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
        AND prorettype NOT IN ('index_am_handler'::regtype)
        AND NOT (provolatile = 'i' AND proparallel = 's' AND NOT proretset AND NOT prosecdef)$$,
    'all but the handlers are immutable and parallel safe');
SELECT is_empty(
    $$SELECT oid::regprocedure FROM pg_proc
      WHERE prokind = 'f' AND oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
        AND NOT proisstrict AND prorettype NOT IN ('index_am_handler'::regtype) AND proname !~ '^slab_'$$,
    'and strict, but for what index searches call');
SELECT is_empty(
    $$SELECT oid::regprocedure, prosrc FROM pg_proc JOIN members ON classid = 'pg_proc'::regclass AND objid = pg_proc.oid
      WHERE prokind = 'f' AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
        AND NOT (probin = '$libdir/pgslab' AND prosrc ~ '^(compat|svec|slab)_')$$,
    'no function has a name in the library that pgvector''s library has, too');
SELECT results_eq(
    $$SELECT aggfnoid::regprocedure::text, aggtransfn::text, aggcombinefn::text, aggfinalfn::text, aggtranstype::regtype::text,
             agginitval COLLATE "default", proparallel
      FROM pg_aggregate JOIN pg_proc ON pg_proc.oid = aggfnoid
      WHERE pg_proc.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass) ORDER BY 1$$,
    $$SELECT format('%s(%s)', a, t), t || '_accum', t || '_combine', t || '_' || a, 'double precision[]', '{0}', 's'::"char"
      FROM unnest(ARRAY['avg', 'sum']) AS a, unnest(ARRAY['halfvec', 'vector']) AS t ORDER BY 1$$,
    'there are aggregates of vector and halfvec, computed in double precision, in parallel');

-- ---- operators

SELECT set_eq(
    $$SELECT oprname::text, oprleft::regtype::text, oprright::regtype::text, oprresult::regtype::text
      FROM pg_operator WHERE oid IN (SELECT objid FROM members WHERE classid = 'pg_operator'::regclass)$$,
    $$SELECT name, t AS l, t AS r, 'double precision' AS result FROM unnest(ARRAY['vector', 'halfvec', 'sparsevec']) AS t,
             unnest(ARRAY['<->', '<#>', '<=>', '<+>']) AS name
      UNION ALL SELECT name, t, t, t FROM unnest(ARRAY['vector', 'halfvec']) AS t, unnest(ARRAY['+', '-', '*', '||']) AS name
      UNION ALL SELECT name, t, t, 'boolean' FROM unnest(ARRAY['vector', 'halfvec', 'sparsevec']) AS t,
             unnest(ARRAY['<', '<=', '=', '<>', '>=', '>']) AS name
      UNION ALL SELECT '<?>', t, 'record', 'boolean' FROM unnest(ARRAY['vector', 'halfvec']) AS t$$,
    'there are the operators of pgvector, and the planner''s own');
-- All types have the same: those of svec are stated in svec.sql.
SELECT set_eq(
    format($$SELECT oprname, replace(oprcode::regproc::text, %1$L, 'svec') AS code, (SELECT oprname FROM pg_operator c WHERE c.oid = o.oprcom) AS com,
             (SELECT oprname FROM pg_operator n WHERE n.oid = o.oprnegate) AS neg, oprrest::text, oprjoin::text, oprcanhash, oprcanmerge
      FROM pg_operator o WHERE oprleft = %1$L::regtype AND oprright = %1$L::regtype AND oprname NOT IN ('+', '-', '*', '||')$$, t),
    $$SELECT oprname, oprcode::regproc::text AS code, (SELECT oprname FROM pg_operator c WHERE c.oid = o.oprcom) AS com,
             (SELECT oprname FROM pg_operator n WHERE n.oid = o.oprnegate) AS neg, oprrest::text, oprjoin::text, oprcanhash, oprcanmerge
      FROM pg_operator o WHERE oprleft = 'svec'::regtype AND oprright = 'svec'::regtype AND oprname NOT IN ('+', '-', '*', '||')$$,
    'operators of ' || t || ' are declared as those of svec')
FROM unnest(ARRAY['vector', 'halfvec', 'sparsevec']) AS t;

-- ---- casts

SELECT results_eq(
    $$SELECT castsource::regtype::text COLLATE "C", casttarget::regtype::text COLLATE "C", castcontext, castmethod
      FROM pg_cast WHERE oid IN (SELECT objid FROM members WHERE classid = 'pg_cast'::regclass) ORDER BY 1, 2$$,
    $$VALUES ('double precision[]' COLLATE "C", 'halfvec' COLLATE "C", 'a'::"char", 'f'::"char"),
             ('double precision[]', 'sparsevec', 'a', 'f'), ('double precision[]', 'vector', 'a', 'f'),
             ('halfvec', 'halfvec', 'i', 'f'), ('halfvec', 'hvec', 'i', 'b'), ('halfvec', 'real[]', 'a', 'f'),
             ('halfvec', 'sparsevec', 'i', 'f'), ('halfvec', 'vector', 'a', 'f'),
             ('hvec', 'halfvec', 'a', 'b'),
             ('integer[]', 'halfvec', 'a', 'f'), ('integer[]', 'sparsevec', 'a', 'f'), ('integer[]', 'vector', 'a', 'f'),
             ('numeric[]', 'halfvec', 'a', 'f'), ('numeric[]', 'sparsevec', 'a', 'f'), ('numeric[]', 'vector', 'a', 'f'),
             ('real[]', 'halfvec', 'a', 'f'), ('real[]', 'sparsevec', 'a', 'f'), ('real[]', 'vector', 'a', 'f'),
             ('sparsevec', 'halfvec', 'a', 'f'), ('sparsevec', 'sparsevec', 'i', 'f'), ('sparsevec', 'svec', 'i', 'b'),
             ('sparsevec', 'vector', 'a', 'f'),
             ('svec', 'sparsevec', 'a', 'b'),
             ('vec', 'vector', 'a', 'b'),
             ('vector', 'halfvec', 'i', 'f'), ('vector', 'real[]', 'i', 'f'), ('vector', 'sparsevec', 'i', 'f'),
             ('vector', 'vec', 'i', 'b'), ('vector', 'vector', 'i', 'f')$$,
    'casts are as implicit as in pgvector; our types are taken for these on assignment, and these for ours implicitly');

-- ---- access methods and operator classes; sql/compat_indexes.sql has what they are for

SELECT results_eq(
    $$SELECT amname, amhandler::text, amtype FROM pg_am WHERE oid IN (SELECT objid FROM members WHERE classid = 'pg_am'::regclass) ORDER BY 1$$,
    $$VALUES ('hnsw'::name, 'hnswhandler', 'i'::"char"), ('ivfflat', 'ivfflathandler', 'i')$$,
    'there are two access methods');
SELECT is_empty(
    $$SELECT opcname FROM pg_opclass WHERE oid IN (SELECT objid FROM members WHERE classid = 'pg_opclass'::regclass) AND NOT amvalidate(oid)$$,
    'every operator class is complete');

-- ---- what mixtures mean

CREATE FUNCTION pg_temp.type_of(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    type regtype;
BEGIN
    EXECUTE format('SELECT pg_typeof(%s)', expression) INTO type;
    RETURN type;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT is(pg_temp.type_of(expression), type, expression || ' is of type ' || type) FROM (VALUES
    -- beside a literal: the type that is there
    ($$'[1]'::vector + '[1]'$$, 'vector'), ($$'[1]' || '[1]'::halfvec$$, 'halfvec'), ($$'{}/2'::sparsevec <-> '{}/2'$$, 'double precision'),
    ($$coalesce('[1]'::vector, '[1]')$$, 'vector'),
    -- among the three: as in pgvector
    ($$'[1]'::vector + '[1]'::halfvec$$, 'halfvec'), ($$'[1]'::halfvec - '[1]'::vector$$, 'halfvec'),
    ($$'[1]'::vector <=> '{}/1'::sparsevec$$, 'double precision'), ($$'{}/1'::sparsevec <-> '[1]'::halfvec$$, 'double precision'),
    -- with one of ours: ours
    ($$'[1]'::vector + '[1]'::vec$$, 'vec'), ($$'[1]'::vec * '[1]'::vector$$, 'vec'), ($$'[1]'::halfvec + '[1]'::hvec$$, 'hvec'), ($$'[1]'::halfvec + '[1]'::vec$$, 'hvec'),
    ($$'{}/2'::sparsevec + '{}/2'::svec$$, 'svec'), ($$l2_distance('[1]'::vec, '[1]'::vector)$$, 'double precision'),
    -- with another of ours: none
    ($$'[1]'::vector + '[1]'::hvec$$, '42883'), ($$'{}/1'::sparsevec <-> '[1]'::vec$$, '42883'),
    -- what only ours has
    ($$vec_dims('[1]'::vector)$$, 'integer'), ($$'{}/2'::sparsevec + '{}/2'::sparsevec$$, 'svec'), ($$sum('{}/2'::sparsevec)$$, 'svec'),
    -- with arrays: as in pgvector
    ($$'[1]'::vector <-> ARRAY[1]$$, '42883'), ($$'[1]'::vector <-> ARRAY[1]::vector$$, 'double precision'),
    ($$array_length('[1]'::vector::real[], 1)$$, 'integer'),
    -- bits
    ($$B'1' <~> B'0'$$, 'double precision'), ($$hamming_distance(B'1', '0')$$, 'double precision'),
    -- of no type: vec, where vec has it
    ($$l2_normalize('[3,4]')$$, 'vec'), ($$vector_norm('[3,4]')$$, 'double precision'), ($$vector_dims('[1]')$$, '42725'))
    AS mixtures(expression, type);

-- ---- bytes are shared

SELECT is(vector_send('[1,-2.5]'), vec_send('[1,-2.5]'), 'a vector is on the wire as a vec');
SELECT is(ARRAY['[1,-2.5]'::vector]::vec[], ARRAY['[1,-2.5]'::vec], 'arrays of vectors become arrays of vecs');

-- ---- what it needs of pgslab is not taken for something else

DROP EXTENSION pgslab_compat;
CREATE SCHEMA planted;
SAVEPOINT before;
SELECT throws_ok(
    plant || '; CREATE EXTENSION pgslab_compat SCHEMA planted', '42710', 'schema "planted" has objects that would be taken for pgslab''s',
    'the extension is not made where there is ' || substring(plant FROM 8 FOR 40))
FROM unnest(ARRAY['CREATE TYPE planted.vec AS (x integer)', 'CREATE DOMAIN planted.hvec AS text', 'CREATE DOMAIN planted.svec AS integer',
    'CREATE OPERATOR planted.<~> (LEFTARG = varbit, RIGHTARG = varbit, FUNCTION = varbiteq)',
    'CREATE OPERATOR planted.<%> (LEFTARG = varbit, RIGHTARG = varbit, FUNCTION = varbiteq)']) AS plant;
SELECT lives_ok('CREATE EXTENSION pgslab_compat SCHEMA planted', 'but where there is not');

SELECT * FROM finish();
ROLLBACK;
