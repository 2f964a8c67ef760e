-- The surface of the type svec as the catalogs show it, and properties it must have for any values.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
SELECT plan(109);

-- ---- the type

SELECT has_type('svec');
SELECT results_eq(
    $$SELECT typlen, typalign, typstorage, typcategory, typispreferred, typinput::text, typoutput::text, typreceive::text,
             typsend::text, typmodin::text, typmodout::text
      FROM pg_type WHERE oid = 'svec'::regtype$$,
    $$VALUES (-1::smallint, 'i'::"char", 'e'::"char", 'v'::"char", false, 'svec_in', 'svec_out', 'svec_recv', 'svec_send',
              'svec_typmod_in', 'svec_typmod_out')$$,
    'svec is of variable length, aligned to 4 bytes, stored uncompressed, of the category of vec');
SELECT is(format_type('svec'::regtype, 1000000000), 'svec(1000000000)', 'dimensions are shown as the type modifier');

-- ---- functions: name, arguments, result

CREATE TEMPORARY TABLE promised (name name, args text[], result text, cost real DEFAULT 1, strict boolean DEFAULT true);
INSERT INTO promised (name, args, result, cost) VALUES
    ('l2_distance', '{svec,svec}', 'double precision', 20),
    ('inner_product', '{svec,svec}', 'double precision', 20),
    ('cosine_distance', '{svec,svec}', 'double precision', 20),
    ('l1_distance', '{svec,svec}', 'double precision', 20),
    ('svec_negative_inner_product', '{svec,svec}', 'double precision', 20),
    ('vec_l2_squared_distance', '{svec,svec}', 'double precision', 20);
INSERT INTO promised (name, args, result, strict) VALUES
    ('svec_accum', '{internal,svec}', 'internal', false),
    ('svec_combine', '{internal,internal}', 'internal', false);
INSERT INTO promised (name, args, result) VALUES
    ('svec_in', '{cstring,oid,integer}', 'svec'),
    ('svec_out', '{svec}', 'cstring'),
    ('svec_typmod_in', '{cstring[]}', 'integer'),
    ('svec_typmod_out', '{integer}', 'cstring'),
    ('svec_recv', '{internal,oid,integer}', 'svec'),
    ('svec_send', '{svec}', 'bytea'),
    ('vec_dims', '{svec}', 'integer'),
    ('svec_nnz', '{svec}', 'integer'),
    ('vec_norm', '{svec}', 'double precision'),
    ('l2_normalize', '{svec}', 'svec'),
    ('svec_hash_terms', '{text[],real[],integer}', 'svec'),
    ('svec_add', '{svec,svec}', 'svec'),
    ('svec_sub', '{svec,svec}', 'svec'),
    ('svec_mul', '{svec,svec}', 'svec'),
    ('svec_lt', '{svec,svec}', 'boolean'),
    ('svec_le', '{svec,svec}', 'boolean'),
    ('svec_eq', '{svec,svec}', 'boolean'),
    ('svec_ne', '{svec,svec}', 'boolean'),
    ('svec_ge', '{svec,svec}', 'boolean'),
    ('svec_gt', '{svec,svec}', 'boolean'),
    ('svec_cmp', '{svec,svec}', 'integer'),
    ('svec_hash', '{svec}', 'integer'),
    ('svec_hash_extended', '{svec,bigint}', 'bigint'),
    ('svec_serialize', '{internal}', 'bytea'),
    ('svec_deserialize', '{bytea,internal}', 'internal'),
    ('svec_avg', '{internal}', 'svec'),
    ('svec_sum', '{internal}', 'svec'),
    ('svec', '{svec,integer,boolean}', 'svec'),
    ('vec_to_svec', '{vec,integer,boolean}', 'svec'),
    ('svec_to_vec', '{svec,integer,boolean}', 'vec'),
    ('hvec_to_svec', '{hvec,integer,boolean}', 'svec'),
    ('svec_to_hvec', '{svec,integer,boolean}', 'hvec'),
    ('array_to_svec', '{integer[],integer,boolean}', 'svec'),
    ('array_to_svec', '{real[],integer,boolean}', 'svec'),
    ('array_to_svec', '{"double precision[]",integer,boolean}', 'svec'),
    ('array_to_svec', '{numeric[],integer,boolean}', 'svec'),
    ('svec_to_float4', '{svec,integer,boolean}', 'real[]');

SELECT has_function(name, args::name[]) FROM promised;
SELECT results_eq(
    $$SELECT p.name, p.args, format_type(f.prorettype, NULL), f.procost, f.proisstrict
      FROM promised p JOIN pg_proc f ON f.oid = to_regprocedure(format('%I(%s)', p.name, array_to_string(p.args, ',')))
      ORDER BY 1, 2$$,
    $$SELECT name, args, result, cost, strict FROM promised ORDER BY 1, 2$$,
    'every function has its result type and its cost, and is strict, but for what takes states that may be null');
SELECT set_eq(
    $$SELECT f.proname, (SELECT array_agg(format_type(t, NULL) ORDER BY i) FROM unnest(f.proargtypes) WITH ORDINALITY AS a(t, i))
      FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'svec\_%'$$,
    $$SELECT name, args FROM promised$$,
    'the type has these functions and no others');
SELECT is_empty(
    $$SELECT f.oid::regprocedure FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'svec\_%'
        AND NOT (f.provolatile = 'i' AND f.proparallel = 's' AND NOT f.proretset AND NOT f.prosecdef)$$,
    'every function of the type is immutable and parallel safe');
SELECT is((SELECT proargnames FROM pg_proc WHERE oid = 'svec_hash_terms(text[], real[], integer)'::regprocedure),
          '{terms,weights,dims}'::text[], 'the arguments of svec_hash_terms() have names');

-- ---- aggregates

SELECT results_eq(
    $$SELECT aggfnoid::regprocedure::text, aggtransfn::text, aggcombinefn::text, aggfinalfn::text, aggserialfn::text,
             aggdeserialfn::text, aggtranstype::regtype::text, agginitval COLLATE "default", proparallel
      FROM pg_aggregate JOIN pg_proc ON pg_proc.oid = aggfnoid
      WHERE aggfnoid IN ('avg(svec)'::regprocedure, 'sum(svec)'::regprocedure) ORDER BY 1$$,
    $$VALUES ('avg(svec)', 'svec_accum', 'svec_combine', 'svec_avg', 'svec_serialize', 'svec_deserialize', 'internal', NULL, 's'::"char"),
             ('sum(svec)', 'svec_accum', 'svec_combine', 'svec_sum', 'svec_serialize', 'svec_deserialize', 'internal', NULL, 's'::"char")$$,
    'avg(svec) and sum(svec) keep their state in memory and run in parallel');
SELECT is_empty(
    $$SELECT oid::regprocedure FROM pg_proc
      WHERE proname ~ '^svec_(accum|combine|serialize|deserialize|avg|sum)$' AND NOT 'internal'::regtype = ANY (proargtypes)$$,
    'their functions cannot be called by hand');

-- ---- operators

SELECT has_operator('svec', name::name, 'svec', result::name) FROM (VALUES
    ('<->', 'double precision'), ('<#>', 'double precision'), ('<=>', 'double precision'), ('<+>', 'double precision'),
    ('+', 'svec'), ('-', 'svec'), ('*', 'svec'),
    ('<', 'boolean'), ('<=', 'boolean'), ('=', 'boolean'), ('<>', 'boolean'), ('>=', 'boolean'), ('>', 'boolean'))
    AS promised_operators(name, result);
SELECT results_eq(
    $$SELECT o.oprname, f.proname::text COLLATE "default", coalesce(c.oprname, ''), coalesce(n.oprname, ''),
             o.oprrest::text, o.oprjoin::text, o.oprcanhash, o.oprcanmerge
      FROM pg_operator o JOIN pg_proc f ON f.oid = o.oprcode
      LEFT JOIN pg_operator c ON c.oid = o.oprcom LEFT JOIN pg_operator n ON n.oid = o.oprnegate
      WHERE 'svec'::regtype IN (o.oprleft, o.oprright) ORDER BY 1$$,
    $$VALUES ('*'::name, 'svec_mul', '*'::name, ''::name, '-', '-', false, false),
             ('+', 'svec_add', '+', '', '-', '-', false, false),
             ('-', 'svec_sub', '', '', '-', '-', false, false),
             ('<', 'svec_lt', '>', '>=', 'scalarltsel', 'scalarltjoinsel', false, false),
             ('<#>', 'svec_negative_inner_product', '<#>', '', '-', '-', false, false),
             ('<+>', 'l1_distance', '<+>', '', '-', '-', false, false),
             ('<->', 'l2_distance', '<->', '', '-', '-', false, false),
             ('<=', 'svec_le', '>=', '>', 'scalarlesel', 'scalarlejoinsel', false, false),
             ('<=>', 'cosine_distance', '<=>', '', '-', '-', false, false),
             ('<>', 'svec_ne', '<>', '=', 'neqsel', 'neqjoinsel', false, false),
             ('<?>', 'slab_satisfies', '', '', '-', '-', false, false),
             ('=', 'svec_eq', '=', '<>', 'eqsel', 'eqjoinsel', true, true),
             ('>', 'svec_gt', '<', '<=', 'scalargtsel', 'scalargtjoinsel', false, false),
             ('>=', 'svec_ge', '<=', '<', 'scalargesel', 'scalargejoinsel', false, false)$$,
    'every operator has its function, commutator, negator and selectivity, and there are no others');

-- ---- casts

SELECT results_eq(
    $$SELECT castsource::regtype::text COLLATE "C", casttarget::regtype::text COLLATE "C", castcontext, castmethod
      FROM pg_cast WHERE 'svec'::regtype IN (castsource, casttarget) ORDER BY 1, 2$$,
    $$VALUES ('double precision[]' COLLATE "C", 'svec' COLLATE "C", 'a'::"char", 'f'::"char"),
             ('hvec', 'svec', 'a', 'f'),
             ('integer[]', 'svec', 'a', 'f'),
             ('numeric[]', 'svec', 'a', 'f'),
             ('real[]', 'svec', 'a', 'f'),
             ('svec', 'hvec', 'a', 'f'),
             ('svec', 'real[]', 'a', 'f'),
             ('svec', 'svec', 'i', 'f'),
             ('svec', 'vec', 'a', 'f'),
             ('vec', 'svec', 'a', 'f')$$,
    'vec, hvec, svec and arrays become one another on assignment');

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
    -- beside a literal: svec
    ($$'{}/2'::svec + '{}/2'$$, 'svec'), ($$'{}/2' - '{}/2'::svec$$, 'svec'), ($$'{}/2'::svec <-> '{}/2'$$, 'double precision'),
    ($$l2_distance('{}/2', '{}/2'::svec)$$, 'double precision'), ($$coalesce('{}/2'::svec, '{}/2')$$, 'svec'),
    -- of svec and another type: none
    ($$'{}/2'::svec <-> '[1,2]'::vec$$, '42883'), ($$'[1,2]'::hvec + '{}/2'::svec$$, '42883'), ($$l2_distance('[1,2]'::vec, '{}/2'::svec)$$, '42883'),
    ($$coalesce('{}/2'::svec, '[1,2]'::vec)$$, '42846'), ($$ARRAY['[1,2]'::hvec, '{}/2'::svec]$$, '42846'),
    -- of no type: vec, as where there is no svec
    ($$l2_normalize('[3,4]')$$, 'vec'), ($$l2_normalize('{}/2')$$, '22P02'), ($$l2_distance('[1]', '[2]')$$, 'double precision'),
    ($$vec_dims('[1]')$$, 'integer'), ($$vec_norm('[1]')$$, 'double precision'))
    AS mixtures(expression, type);

-- ---- operator classes

SELECT has_opclass('svec_ops');
SELECT has_opclass('svec_hash_ops');
SELECT results_eq(
    $$SELECT amname, opcname, opcdefault, opckeytype
      FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
      WHERE opcintype = 'svec'::regtype AND amname IN ('btree', 'hash') ORDER BY 1$$,
    $$VALUES ('btree'::name, 'svec_ops'::name, true, 0::oid), ('hash', 'svec_hash_ops', true, 0::oid)$$,
    'btree and hash have a default operator class for svec each');
SELECT is_empty(
    $$SELECT opcname FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
      WHERE opcintype = 'svec'::regtype AND amname IN ('btree', 'hash') AND NOT amvalidate(pg_opclass.oid)$$,
    'PostgreSQL finds both operator classes complete');

-- ---- the wire, byte by byte

SELECT is(svec_send('{1:1.5,3:-2.5}/5'), '\x00000005 00000002 00000000 00000000 00000002 3fc00000 c0200000'::bytea,
          'dimensions, number of non-zeros, zero, indices from 0, values');
SELECT is(svec_send('{}/1000000000'), '\x3b9aca00 00000000 00000000'::bytea, 'a zero vector is its header');
SELECT is(svec_send('{1000000000:1e-45}/1000000000'), '\x3b9aca00 00000001 00000000 3b9ac9ff 00000001'::bytea,
          'the last index, and the smallest value');

-- ---- hashes are stored, and must not change

SELECT is(svec_hash_terms('{a,cat,car,vector}', '{1,2,3,4}', 1000)::text, '{59:2,89:4,566:3,737:1}/1000',
          'a term is where it always was');

-- ---- properties, on generated vectors

SELECT setseed(0.5);
-- Adding 0 times id and i makes each subquery, and each of its rows, draw numbers of its own.
CREATE TEMPORARY TABLE dense AS
SELECT id, dims,
       (SELECT array_agg(CASE WHEN random() < 0.3 THEN (random() - 0.5) * 10 ^ (random() * 20 - 10) + (id + i) * 0 ELSE 0 END)::vec
        FROM generate_series(1, dims) AS i) AS v,
       (SELECT array_agg(CASE WHEN random() < 0.5 THEN random() - 0.5 + (id + i) * 0 ELSE 0 END)::vec
        FROM generate_series(1, dims) AS i) AS w
FROM (SELECT id, 1 + (id * 7) % 100 AS dims FROM generate_series(1, 400) AS id) AS ids;
CREATE TEMPORARY TABLE sample AS
SELECT *, v::svec AS s, w::svec AS t FROM dense;
SELECT is_empty($$SELECT id FROM sample WHERE vec_dims(s) <> dims$$, 'vec_dims() is that of the vec');
SELECT is_empty($$SELECT id FROM sample WHERE svec_nnz(s) <> (SELECT count(*) FROM unnest(v::real[]) AS x WHERE x <> 0)$$,
                'svec_nnz() counts what is not zero');
SELECT is_empty($$SELECT id FROM sample WHERE s::vec <> v OR t::vec <> w$$, 'vec becomes svec and comes back the same');
SELECT is_empty($$SELECT id FROM sample WHERE w::hvec::svec::vec <> w::hvec::vec OR t::hvec <> w::hvec$$, 'and so do hvec and svec');
SELECT is_empty(
    $$SELECT id FROM sample
      WHERE v::real[]::svec <> s OR v::real[]::float8[]::svec <> s OR v::real[]::numeric[]::svec::vec <> v::real[]::numeric[]::vec
         OR s::real[] <> v::real[]$$,
    'and svec and arrays');
SELECT is_empty($$SELECT id FROM sample WHERE s::text::svec <> s$$, 'text reads back the same');
SELECT is_empty($$SELECT id FROM sample WHERE svec_send(s::text::svec) <> svec_send(s)$$, 'to the bit');
SELECT is_empty(
    $$SELECT id FROM sample
      WHERE s::text <> '{' || coalesce((SELECT string_agg(i || ':' || x, ',' ORDER BY i)
                                        FROM unnest(v::real[]) WITH ORDINALITY AS e(x, i) WHERE x <> 0), '') || '}/' || dims$$,
    'values print as those of real do');
SELECT is_empty(
    $$SELECT id FROM sample WHERE s <-> t <> t <-> s OR s <#> t <> t <#> s OR s <=> t <> t <=> s OR s <+> t <> t <+> s$$,
    'distances are symmetric');
SELECT is_empty(
    $$SELECT id FROM sample, LATERAL (SELECT sum(a::float8 * b) AS ip, sum(abs(a::float8 - b)) AS l1, sum((a::float8 - b) ^ 2) AS l2
                                      FROM unnest(v::real[], w::real[]) AS x(a, b)) AS exact
      WHERE abs(inner_product(s, t) - ip) > 1e-12 * vec_norm(s) * vec_norm(t)
         OR abs((s <#> t) + ip) > 1e-12 * vec_norm(s) * vec_norm(t)
         OR abs((s <+> t) - l1) > 1e-12 * l1 OR abs((s <-> t) - sqrt(l2)) > 1e-12 * sqrt(l2)
         OR abs(vec_l2_squared_distance(s, t) - l2) > 1e-12 * l2$$,
    'distances agree with sums over the arrays');
SELECT is_empty(
    $$SELECT id FROM sample
      WHERE ((s <=> t) = 'NaN') <> (svec_nnz(s) = 0 OR svec_nnz(t) = 0)
         OR (s <=> t) <> 'NaN' AND abs((s <=> t) - (v <=> w)) > 1e-5 OR abs(vec_norm(s) - vec_norm(v)) > 1e-5 * vec_norm(s)$$,
    'cosine distance and norm agree with those of vec');
SELECT is_empty($$SELECT id FROM sample WHERE svec_nnz(s) > 0 AND abs(vec_norm(l2_normalize(s)) - 1) > 1e-6$$,
                'l2_normalize() gives norm 1');
SELECT is_empty(
    $$SELECT id FROM sample WHERE (s + t)::vec <> v + w OR (s - t)::vec <> v - w OR (s * t)::vec <> v * w$$,
    'arithmetic is that of vec');
SELECT is_empty(
    $$SELECT dims FROM sample GROUP BY dims
      HAVING vec_norm(sum(s)::vec - sum(v)) > 1e-6 * vec_norm(sum(v)) OR vec_norm(avg(s)::vec - avg(v)) > 1e-6 * vec_norm(avg(v))$$,
    'aggregates are those of vec');
SELECT is_empty(
    $$SELECT a.id, b.id FROM sample a, sample b
      WHERE svec_cmp(a.s, b.s) <> -svec_cmp(b.s, a.s) OR (a.s < b.s) <> (svec_cmp(a.s, b.s) < 0)
         OR (a.s = b.s) <> (svec_send(a.s) = svec_send(b.s)) OR (a.s = b.s AND svec_hash(a.s) <> svec_hash(b.s))$$,
    'the order is antisymmetric, and hashes agree with equality');
SELECT is_empty(
    $$SELECT a.id, b.id FROM sample a, sample b
      WHERE (a.s < b.s) <> (a.v < b.v) OR (a.s = b.s) <> (a.v = b.v)$$,
    'the order is that of vec');
-- Terms 0 to 9 in 3 dims meet often.
SELECT is_empty(
    $$SELECT n FROM generate_series(1, 50) AS n, LATERAL (
          SELECT array_agg((i * n % 10)::text) AS terms, array_agg(i::real) AS weights,
                 sum(svec_hash_terms(ARRAY[(i * n % 10)::text], ARRAY[i::real], 3)) AS total
          FROM generate_series(1, 20) AS i) AS x
      WHERE svec_hash_terms(terms, weights, 3) <> total$$,
    'a vector of terms is the sum of those of each term');

SELECT * FROM finish();
ROLLBACK;
