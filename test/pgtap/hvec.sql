-- The surface of the type hvec as the catalogs show it, what mixtures of vec, hvec and literals mean, and properties that hvec must
-- have for any values.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
SELECT plan(223);

-- ---- the type

SELECT has_type('hvec');
SELECT results_eq(
    $$SELECT typlen, typalign, typstorage, typcategory, typispreferred, typinput::text, typoutput::text, typreceive::text,
             typsend::text, typmodin::text, typmodout::text
      FROM pg_type WHERE oid = 'hvec'::regtype$$,
    $$VALUES (-1::smallint, 'i'::"char", 'e'::"char", 'v'::"char", false, 'hvec_in', 'hvec_out', 'hvec_recv', 'hvec_send',
              'hvec_typmod_in', 'hvec_typmod_out')$$,
    'hvec is of variable length, aligned to 4 bytes, stored uncompressed, of the category of vec');
SELECT is(format_type('hvec'::regtype, 1536), 'hvec(1536)', 'dimensions are shown as the type modifier');
SELECT is(pg_column_size(array_fill(1, ARRAY[768])::hvec), 8 + 2 * 768, 'an element takes two bytes');

-- ---- functions: name, arguments, result

CREATE TEMPORARY TABLE promised (name name, args text[], result text, cost real DEFAULT 1);
INSERT INTO promised (name, args, result, cost) VALUES
    ('l2_distance', '{hvec,hvec}', 'double precision', 20),
    ('inner_product', '{hvec,hvec}', 'double precision', 20),
    ('cosine_distance', '{hvec,hvec}', 'double precision', 20),
    ('l1_distance', '{hvec,hvec}', 'double precision', 20),
    ('hvec_negative_inner_product', '{hvec,hvec}', 'double precision', 20),
    ('vec_l2_squared_distance', '{hvec,hvec}', 'double precision', 20);
INSERT INTO promised (name, args, result) VALUES
    ('hvec_distance_support', '{internal}', 'internal'),
    ('hvec_in', '{cstring,oid,integer}', 'hvec'),
    ('hvec_out', '{hvec}', 'cstring'),
    ('hvec_typmod_in', '{cstring[]}', 'integer'),
    ('hvec_typmod_out', '{integer}', 'cstring'),
    ('hvec_recv', '{internal,oid,integer}', 'hvec'),
    ('hvec_send', '{hvec}', 'bytea'),
    ('vec_dims', '{hvec}', 'integer'),
    ('vec_norm', '{hvec}', 'double precision'),
    ('l2_normalize', '{hvec}', 'hvec'),
    ('subvector', '{hvec,integer,integer}', 'hvec'),
    ('binary_quantize', '{hvec}', 'bit'),
    ('hvec_add', '{hvec,hvec}', 'hvec'),
    ('hvec_sub', '{hvec,hvec}', 'hvec'),
    ('hvec_mul', '{hvec,hvec}', 'hvec'),
    ('hvec_concat', '{hvec,hvec}', 'hvec'),
    ('hvec_lt', '{hvec,hvec}', 'boolean'),
    ('hvec_le', '{hvec,hvec}', 'boolean'),
    ('hvec_eq', '{hvec,hvec}', 'boolean'),
    ('hvec_ne', '{hvec,hvec}', 'boolean'),
    ('hvec_ge', '{hvec,hvec}', 'boolean'),
    ('hvec_gt', '{hvec,hvec}', 'boolean'),
    ('hvec_cmp', '{hvec,hvec}', 'integer'),
    ('hvec_hash', '{hvec}', 'integer'),
    ('hvec_hash_extended', '{hvec,bigint}', 'bigint'),
    ('hvec_accum', '{double precision[],hvec}', 'double precision[]'),
    ('hvec_combine', '{double precision[],double precision[]}', 'double precision[]'),
    ('hvec_avg', '{double precision[]}', 'hvec'),
    ('hvec_sum', '{double precision[]}', 'hvec'),
    ('hvec', '{hvec,integer,boolean}', 'hvec'),
    ('hvec_to_vec', '{hvec,integer,boolean}', 'vec'),
    ('array_to_hvec', '{integer[],integer,boolean}', 'hvec'),
    ('array_to_hvec', '{real[],integer,boolean}', 'hvec'),
    ('array_to_hvec', '{double precision[],integer,boolean}', 'hvec'),
    ('array_to_hvec', '{numeric[],integer,boolean}', 'hvec'),
    ('hvec_to_float4', '{hvec,integer,boolean}', 'real[]'),
    ('hvec_to_float8', '{hvec,integer,boolean}', 'double precision[]');

SELECT has_function(name, args::name[]) FROM promised;
SELECT results_eq(
    $$SELECT p.name, p.args, format_type(f.prorettype, NULL), f.procost
      FROM promised p JOIN pg_proc f ON f.oid = to_regprocedure(format('%I(%s)', p.name, array_to_string(p.args, ',')))
      ORDER BY 1, 2$$,
    $$SELECT name, args, result, cost FROM promised ORDER BY 1, 2$$,
    'every function has its result type and its cost');
SELECT set_eq(
    $$SELECT f.proname, (SELECT array_agg(format_type(t, NULL) ORDER BY i) FROM unnest(f.proargtypes) WITH ORDINALITY AS a(t, i))
      FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'hvec\_%'$$,
    $$SELECT name, args FROM promised$$,
    'the type has these functions and no others');
SELECT is_empty(
    $$SELECT f.oid::regprocedure FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'hvec\_%'
        AND NOT (f.provolatile = 'i' AND f.proisstrict AND f.proparallel = 's' AND NOT f.proretset AND NOT f.prosecdef)$$,
    'every function of the type is immutable, strict and parallel safe');

-- Whatever vec has, hvec has under the same name, or under its own.
SELECT is_empty(
    $$SELECT p.oid::regprocedure
      FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgslab'
      WHERE 'vec'::regtype = ANY (p.proargtypes::oid[] || p.prorettype) AND NOT 'hvec'::regtype = ANY (p.proargtypes::oid[] || p.prorettype)
        AND p.proname NOT IN ('bit_to_vec', 'vec_hash_embed', 'slab_two_tier')
        AND NOT EXISTS (
            SELECT FROM pg_proc h
            WHERE h.pronamespace = p.pronamespace AND h.proname IN (p.proname, regexp_replace(p.proname, '(^|_)vec', '\1hvec'))
              AND h.proargtypes::oid[] = array_replace(p.proargtypes::oid[], 'vec'::regtype::oid, 'hvec'::regtype::oid)
              AND h.prorettype = CASE p.prorettype WHEN 'vec'::regtype THEN 'hvec'::regtype ELSE p.prorettype END
              AND (h.proisstrict, h.provolatile, h.proparallel, h.procost, h.prorows, h.proretset, h.prokind, h.proargnames)
                  IS NOT DISTINCT FROM (p.proisstrict, p.provolatile, p.proparallel, p.procost, p.prorows, p.proretset, p.prokind, p.proargnames))$$,
    'each function of vec has one of hvec like it');
SELECT is_empty(
    $$SELECT o.oid::regoperator FROM pg_operator o
      WHERE o.oprleft = 'vec'::regtype
        AND NOT EXISTS (SELECT FROM pg_operator h
            WHERE h.oprnamespace = o.oprnamespace AND h.oprname = o.oprname AND h.oprleft = 'hvec'::regtype
              AND h.oprright = CASE o.oprright WHEN 'vec'::regtype THEN 'hvec'::regtype ELSE o.oprright END
              AND h.oprresult = CASE o.oprresult WHEN 'vec'::regtype THEN 'hvec'::regtype ELSE o.oprresult END)$$,
    'each operator of vec has one of hvec like it');

-- ---- aggregates

SELECT results_eq(
    $$SELECT aggfnoid::regprocedure::text, aggtransfn::text, aggcombinefn::text, aggfinalfn::text, aggserialfn::text,
             aggtranstype::regtype::text, agginitval COLLATE "default", proparallel
      FROM pg_aggregate JOIN pg_proc ON pg_proc.oid = aggfnoid
      WHERE aggfnoid IN ('avg(hvec)'::regprocedure, 'sum(hvec)'::regprocedure) ORDER BY 1$$,
    $$VALUES ('avg(hvec)', 'hvec_accum', 'hvec_combine', 'hvec_avg', '-', 'double precision[]', '{0}', 's'::"char"),
             ('sum(hvec)', 'hvec_accum', 'hvec_combine', 'hvec_sum', '-', 'double precision[]', '{0}', 's'::"char")$$,
    'avg(hvec) and sum(hvec) keep their state in double precision and run in parallel');

-- ---- operators

SELECT has_operator('hvec', name::name, 'hvec', result::name) FROM (VALUES
    ('<->', 'double precision'), ('<#>', 'double precision'), ('<=>', 'double precision'), ('<+>', 'double precision'),
    ('+', 'hvec'), ('-', 'hvec'), ('*', 'hvec'), ('||', 'hvec'),
    ('<', 'boolean'), ('<=', 'boolean'), ('=', 'boolean'), ('<>', 'boolean'), ('>=', 'boolean'), ('>', 'boolean'))
    AS promised_operators(name, result);
SELECT results_eq(
    $$SELECT o.oprname, f.proname::text COLLATE "default", coalesce(c.oprname, ''), coalesce(n.oprname, ''),
             o.oprrest::text, o.oprjoin::text, o.oprcanhash, o.oprcanmerge
      FROM pg_operator o JOIN pg_proc f ON f.oid = o.oprcode
      LEFT JOIN pg_operator c ON c.oid = o.oprcom LEFT JOIN pg_operator n ON n.oid = o.oprnegate
      WHERE o.oprleft = 'hvec'::regtype AND o.oprright = 'hvec'::regtype ORDER BY 1$$,
    $$VALUES ('*'::name, 'hvec_mul', '*'::name, ''::name, '-', '-', false, false),
             ('+', 'hvec_add', '+', '', '-', '-', false, false),
             ('-', 'hvec_sub', '', '', '-', '-', false, false),
             ('<', 'hvec_lt', '>', '>=', 'scalarltsel', 'scalarltjoinsel', false, false),
             ('<#>', 'hvec_negative_inner_product', '<#>', '', '-', '-', false, false),
             ('<+>', 'l1_distance', '<+>', '', '-', '-', false, false),
             ('<->', 'l2_distance', '<->', '', '-', '-', false, false),
             ('<=', 'hvec_le', '>=', '>', 'scalarlesel', 'scalarlejoinsel', false, false),
             ('<=>', 'cosine_distance', '<=>', '', '-', '-', false, false),
             ('<>', 'hvec_ne', '<>', '=', 'neqsel', 'neqjoinsel', false, false),
             ('=', 'hvec_eq', '=', '<>', 'eqsel', 'eqjoinsel', true, true),
             ('>', 'hvec_gt', '<', '<=', 'scalargtsel', 'scalargtjoinsel', false, false),
             ('>=', 'hvec_ge', '<=', '<', 'scalargesel', 'scalargejoinsel', false, false),
             ('||', 'hvec_concat', '', '', '-', '-', false, false)$$,
    'every operator has its function, commutator, negator and selectivity, and there are no others');
SELECT is_empty(
    $$SELECT oid::regoperator FROM pg_operator
      WHERE 'hvec'::regtype IN (oprleft, oprright) AND NOT (oprleft = oprright OR oprname = '<?>')$$,
    'and none has an hvec on one side only');

-- ---- casts

SELECT results_eq(
    $$SELECT castsource::regtype::text COLLATE "C", casttarget::regtype::text COLLATE "C", castcontext, castmethod
      FROM pg_cast WHERE 'hvec'::regtype IN (castsource, casttarget) ORDER BY 1, 2$$,
    $$VALUES ('double precision[]' COLLATE "C", 'hvec' COLLATE "C", 'a'::"char", 'f'::"char"),
             ('hvec', 'double precision[]', 'a', 'f'),
             ('hvec', 'hvec', 'i', 'f'),
             ('hvec', 'real[]', 'i', 'f'),
             ('hvec', 'svec', 'a', 'f'),
             ('hvec', 'vec', 'a', 'f'),
             ('integer[]', 'hvec', 'a', 'f'),
             ('numeric[]', 'hvec', 'a', 'f'),
             ('real[]', 'hvec', 'a', 'f'),
             ('svec', 'hvec', 'a', 'f'),
             ('vec', 'hvec', 'i', 'f')$$,
    'vec becomes hvec implicitly, hvec becomes vec on assignment, as svec and hvec each other, arrays as with vec');

-- ---- what mixtures mean: no call is ambiguous

CREATE FUNCTION pg_temp.type_of(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    type regtype;
BEGIN
    EXECUTE format('SELECT pg_typeof(%s)', expression) INTO type;
    RETURN type;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
CREATE TEMPORARY TABLE h AS SELECT '[1,2]'::hvec AS h, '[3,4]'::vec AS v, ARRAY[5, 6]::real[] AS r;

SELECT is(pg_temp.type_of(expression), type, expression || ' is of type ' || type) FROM (VALUES
    -- beside a literal: the other side's type
    ($$'[1,2]'::hvec + '[1,2]'$$, 'hvec'), ($$'[1,2]' + '[1,2]'::hvec$$, 'hvec'), ($$'[1,2]'::vec + '[1,2]'$$, 'vec'),
    ($$'[1,2]' - '[1,2]'::vec$$, 'vec'), ($$'[1]'::hvec || '[2]'$$, 'hvec'), ($$'[1]'::vec || '[2]'$$, 'vec'),
    -- of both: hvec
    ($$'[1,2]'::hvec + '[1,2]'::vec$$, 'hvec'), ($$'[1,2]'::vec + '[1,2]'::hvec$$, 'hvec'),
    ($$'[1,2]'::vec || '[1,2]'::hvec$$, 'hvec'), ($$coalesce('[1]'::hvec, '[1]'::vec)$$, 'hvec'),
    ($$ARRAY['[1]'::hvec, '[1]'::vec]$$, 'hvec[]'), ($$CASE WHEN true THEN '[1]'::vec ELSE '[1]'::hvec END$$, 'hvec'),
    ($$greatest('[1]'::hvec, '[1]'::vec)$$, 'hvec'), ($$ARRAY['[1]'::hvec, '[1]']$$, 'hvec[]'),
    -- the other way round what is preferred comes first, as ELSE does, and then there is no way
    ($$coalesce('[1]'::vec, '[1]'::hvec)$$, '42846'), ($$ARRAY['[1]'::vec, '[1]'::hvec]$$, '42846'),
    ($$CASE WHEN true THEN '[1]'::hvec ELSE '[1]'::vec END$$, '42846'),
    -- of none: vec
    ($$l2_normalize('[3,4]')$$, 'vec'), ($$subvector('[3,4]', 1, 1)$$, 'vec'), ($$l2_normalize('[3,4]'::hvec)$$, 'hvec'),
    ($$l2_distance('[1]', '[2]')$$, 'double precision'), ($$vec_dims('[1]')$$, 'integer'), ($$vec_norm('[1]')$$, 'double precision'),
    ($$binary_quantize('[1]')$$, 'bit'), ($$cosine_within('[1]', '[1]', 1)$$, 'boolean'),
    -- aggregates
    ($$(SELECT avg(x) FROM (VALUES ('[1]'::hvec), ('[2]'::vec)) AS t(x))$$, 'hvec'),
    ($$(SELECT sum(x) FROM (VALUES ('[1]'::vec), ('[2]')) AS t(x))$$, 'vec'))
    AS mixtures(expression, type);

SELECT is(
    (SELECT array_agg(d) FROM h, LATERAL (VALUES (h <-> v), (v <-> h), (l2_distance(h, v)), (l2_distance(v, h)), (h <-> '[3,4]'), ('[3,4]' <-> h),
        (l2_distance(h, '[3,4]')), (l2_distance('[3,4]', h)), (h::vec <-> v)) AS s(d)),
    array_fill(sqrt(8::float8), ARRAY[9]), 'distances of mixtures are computed');
SELECT is((SELECT count(*) FROM h WHERE h = h::vec AND h::vec = h AND h < v AND v >= h AND h IN (h::vec, v) AND l2_within(h, v, 3) AND l2_within(v, h, 3)
    AND ip_within(h, '[1,1]', 3) AND cosine_within(v, '[1,1]', 1)), 1::bigint, 'and so are comparisons');
SELECT is('[0.1]'::vec = '[0.1]'::hvec, true, 'a vec is rounded where it meets an hvec');
PREPARE mixed AS SELECT h <-> $1, $2 <-> v, l2_distance(h, $3), l2_distance($4, $5), l2_normalize($6), slab_topk(0, $7, 1), h + $8 FROM h;
SELECT is((SELECT parameter_types::text FROM pg_prepared_statements WHERE name = 'mixed'), '{hvec,vec,hvec,vec,vec,vec,vec,hvec}',
    'a parameter has the type of what it stands beside, and of a call without any type that of vec');

-- ---- operator classes

SELECT results_eq(
    $$SELECT amname, opcname, opcdefault, opckeytype, amvalidate(pg_opclass.oid)
      FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod WHERE opcintype = 'hvec'::regtype ORDER BY 1, 2$$,
    $$VALUES ('btree'::name, 'hvec_ops'::name, true, 0::oid, true), ('hash', 'hvec_hash_ops', true, 0, true),
             ('slab', 'hvec_cosine_ops', false, 0, true), ('slab', 'hvec_ip_ops', false, 0, true),
             ('slab', 'hvec_l1_ops', false, 0, true), ('slab', 'hvec_l2_ops', true, 0, true)$$,
    'btree, hash and slab have operator classes for hvec, which PostgreSQL finds complete');

-- ---- bytes on the wire: int16 dims, int16 zero, IEEE binary16, all big-endian

SELECT is(hvec_send(text::hvec), wire, text || ' on the wire') FROM (VALUES
    ('[1]', '\x000100003c00'::bytea), ('[1,-2.5,65504]', '\x000300003c00c1007bff'), ('[-0]', '\x000100008000'),
    ('[5.9604645e-08,6.097555e-05,6.1035156e-05]', '\x0003000000 01 03ff 0400'), ('[0.333251953125]', '\x000100003555'))
    AS pinned(text, wire);
SELECT throws_ok(format('SELECT %L::vec::hvec', text), '22003', format('"%s" is out of range for type hvec', number), text || ' does not fit')
FROM (VALUES ('[65520]', '65520'), ('[1,-70000]', '-70000'), ('[3e38]', '3e+38')) AS beyond(text, number);

-- ---- properties, on generated vectors

SELECT setseed(0.5);
-- Adding 0 times id and i makes each subquery, and each of its rows, draw numbers of its own.
CREATE TEMPORARY TABLE sample AS
SELECT id, dims,
       (SELECT array_agg(((random() - 0.5) * 10 ^ (random() * 12 - 8 + (id + i) * 0))::real)::hvec
        FROM generate_series(1, dims) AS i) AS v,
       (SELECT array_agg((random() - 0.5 + (id + i) * 0)::real)::hvec FROM generate_series(1, dims) AS i) AS w
FROM (SELECT id, 1 + (id * 7) % 100 AS dims FROM generate_series(1, 400) AS id) AS ids;
SELECT is_empty($$SELECT id FROM sample WHERE vec_dims(v) <> dims$$, 'vec_dims() counts');
SELECT is_empty($$SELECT id FROM sample WHERE hvec_send(v::text::hvec) <> hvec_send(v)$$, 'text reads back the same, to the bit');
SELECT is_empty($$SELECT id FROM sample WHERE v::real[]::hvec <> v OR v::double precision[]::hvec <> v OR v::vec::hvec <> v
                  OR v::real[]::numeric[]::hvec <> v$$, 'so do arrays, and a vec');
SELECT is_empty($$SELECT id FROM sample WHERE v::text <> v::vec::text OR v::text::vec <> v::vec$$, 'its text is that of the vec it is');
SELECT is_empty(
    $$SELECT id FROM sample WHERE v <-> w <> w <-> v OR v <#> w <> w <#> v OR v <=> w <> w <=> v OR v <+> w <> w <+> v$$,
    'distances are symmetric');
SELECT is_empty(
    $$SELECT id FROM sample
      WHERE v <-> w <> v::vec <-> w::vec OR v <#> w <> v::vec <#> w::vec OR v <=> w <> v::vec <=> w::vec OR v <+> w <> v::vec <+> w::vec
         OR vec_l2_squared_distance(v, w) <> vec_l2_squared_distance(v::vec, w::vec) OR inner_product(v, w) <> inner_product(v::vec, w::vec)
         OR vec_norm(v) <> vec_norm(v::vec)$$,
    'and to the bit those of the same numbers as vec');
SELECT is_empty(
    $$SELECT id FROM sample
      WHERE v + w <> (v::vec + w::vec)::hvec OR v - w <> (v::vec - w::vec)::hvec OR v * w <> (v::vec * w::vec)::hvec
         OR v || w <> (v::vec || w::vec)::hvec OR subvector(v, 1, 5) <> subvector(v::vec, 1, 5)::hvec
         OR binary_quantize(v) <> binary_quantize(v::vec)$$,
    'arithmetic gives the nearest hvec');
SELECT is_empty($$SELECT id FROM sample WHERE abs(vec_norm(l2_normalize(v)) - 1) > 1e-3$$, 'l2_normalize() gives norm 1');
SELECT is(sum(w), sum(w::vec)::hvec, 'a sum is that of the vecs') FROM sample WHERE dims = 50;
SELECT is(avg(w), avg(w::vec)::hvec, 'and an average') FROM sample WHERE dims = 50;
SELECT is_empty(
    $$SELECT a.id, b.id FROM sample a, sample b
      WHERE hvec_cmp(a.v, b.v) <> -hvec_cmp(b.v, a.v) OR (a.v < b.v) <> (a.v::vec < b.v::vec) OR (a.v = b.v) <> (a.id = b.id)
         OR hvec_cmp(a.v, b.v) <> vec_cmp(a.v::vec, b.v::vec)$$,
    'the order is that of the vecs');
SELECT is_empty($$SELECT id FROM sample WHERE hvec_hash(v) <> vec_hash(v::vec) OR hvec_hash_extended(v, 7) <> vec_hash_extended(v::vec, 7)$$,
    'and so are hashes');
-- Of a vec with elements near the middle between two halves, the nearer one.
SELECT is_empty(
    $$SELECT i FROM generate_series(0, 31742) AS i,
      LATERAL (SELECT CASE WHEN i < 1024 THEN i * 2.0::float8 ^ -24 ELSE (1024 + i % 1024) * 2.0::float8 ^ (i / 1024 - 25) END AS half,
                      2.0::float8 ^ (greatest(i / 1024, 1) - 25) AS spacing) AS s,
      LATERAL (SELECT (half + spacing / 2)::real AS middle) AS m
      WHERE (SELECT hvec_send(ARRAY[half]::float8[]::hvec)) <> '\x00010000'::bytea || int2send(i::int2)
         OR ARRAY[middle]::real[]::hvec <> ARRAY[CASE WHEN i % 2 = 0 THEN half ELSE half + spacing END]::float8[]::hvec
         OR ARRAY[middle::float8 * (1 + 1e-9)]::hvec <> ARRAY[half + spacing]::float8[]::hvec
         OR ARRAY[middle::float8 * (1 - 1e-9)]::hvec <> ARRAY[half]::float8[]::hvec$$,
    'every half is exact, and what lies between two of them goes to the nearer');

-- ---- an index gives the distances of a sequential scan, for each metric

CREATE FUNCTION pg_temp.distances(tab text, operator text, query hvec, by_index boolean) RETURNS double precision[] LANGUAGE plpgsql AS $$
DECLARE
    result double precision[];
    line text;
    is_used boolean := false;
    statement text := format('SELECT v %1$s $1 AS d FROM %2$I WHERE vec_norm(v) > 0 ORDER BY v %1$s $1', operator, tab);
BEGIN
    PERFORM set_config('enable_indexscan', by_index::text, true), set_config('enable_seqscan', (NOT by_index)::text, true);
    FOR line IN EXECUTE 'EXPLAIN ' || statement USING query LOOP
        is_used := is_used OR line LIKE '%Index Scan%';
    END LOOP;
    IF is_used <> by_index THEN
        RAISE 'not the plan that was asked for';
    END IF;
    EXECUTE format('SELECT array_agg(d) FROM (%s) AS s', statement) INTO result USING query;
    RETURN result;
END $$;

-- Of several magnitudes, with ties, and where halves end; half of the rows come after the index.
CREATE TEMPORARY TABLE kinds (kind text, factor float8, origin float8);
INSERT INTO kinds VALUES ('ordinary', 1, 0), ('tiny', 1e-7, 0), ('large', 6e4, 0), ('far', 1, 1000), ('integers', 8, 0);
CREATE FUNCTION pg_temp.fill(tab text, kind text, factor float8, origin float8, metric text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    expression text := CASE kind WHEN 'integers' THEN 'round(hashint4extended(d, i) / 2e19 * %1$s)' ELSE 'hashint4extended(d, i) / 1e19 * %1$s' END;
    rows text := format('SELECT i, (SELECT array_agg(%1$s + %2$s)::hvec FROM generate_series(1, 20) AS d) FROM generate_series',
                        format(expression, factor), origin);
BEGIN
    EXECUTE format('CREATE TABLE %I (id integer, v hvec(20))', tab);
    EXECUTE format('INSERT INTO %I %s(1, 500) AS i', tab, rows);
    EXECUTE format('CREATE INDEX ON %I USING slab (v hvec_%s_ops)', tab, metric);
    EXECUTE format('INSERT INTO %I %s(501, 1000) AS i', tab, rows);
    EXECUTE format('DELETE FROM %I WHERE id %% 7 = 0', tab);
    RETURN tab;
END $$;
SET LOCAL slab.exact = on;
CREATE TEMPORARY TABLE filled AS
SELECT pg_temp.fill(kind || '_' || metric, kind, factor, origin, metric) AS tab, operator, kind, factor
FROM kinds, (VALUES ('l2', '<->'), ('ip', '<#>'), ('cosine', '<=>'), ('l1', '<+>')) AS m(metric, operator);
SELECT is(pg_temp.distances(tab, operator, query, true), pg_temp.distances(tab, operator, query, false),
          format('%s: the %s. query finds every row at its distance', tab, n))
FROM filled, LATERAL (
    SELECT n, (SELECT array_agg(hashint4extended(d, -n) / 1e19 * (ARRAY[factor, 1, 6e4])[n])::hvec FROM generate_series(1, 20) AS d) AS query
    FROM generate_series(1, 3) AS n) AS q;
SELECT is(
    (SELECT array_agg(distance) FROM slab_topk(i.indexrelid::regclass, q, 50)),
    (pg_temp.distances(tab, operator, q, false))[:50], format('%s: and so does slab_topk()', tab))
FROM filled JOIN pg_index AS i ON i.indrelid = tab::regclass, LATERAL (SELECT array_fill(factor / 3, ARRAY[20])::hvec AS q) AS s;
SELECT lives_ok(format('SELECT slab_check(%L, true)', i.indexrelid::regclass), tab || ': the index agrees with its table')
FROM filled JOIN pg_index AS i ON i.indrelid = tab::regclass;

SELECT * FROM finish();
ROLLBACK;
