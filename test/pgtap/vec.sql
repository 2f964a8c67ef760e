-- The surface of the type vec as the catalogs show it, and properties it must have for any values.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
SELECT plan(84);

-- ---- the type

SELECT has_type('vec');
SELECT results_eq(
    $$SELECT typlen, typalign, typstorage, typcategory, typispreferred, typinput::text, typoutput::text, typreceive::text,
             typsend::text, typmodin::text, typmodout::text
      FROM pg_type WHERE oid = 'vec'::regtype$$,
    $$VALUES (-1::smallint, 'i'::"char", 'e'::"char", 'v'::"char", true, 'vec_in', 'vec_out', 'vec_recv', 'vec_send',
              'vec_typmod_in', 'vec_typmod_out')$$,
    'vec is of variable length, aligned to 4 bytes, stored uncompressed, and preferred among vectors');
SELECT is(format_type('vec'::regtype, 1536), 'vec(1536)', 'dimensions are shown as the type modifier');

-- ---- functions: name, arguments, result

CREATE TEMPORARY TABLE promised (name name, args text[], result text, cost real DEFAULT 1);
INSERT INTO promised (name, args, result, cost) VALUES
    ('l2_distance', '{vec,vec}', 'double precision', 20),
    ('inner_product', '{vec,vec}', 'double precision', 20),
    ('cosine_distance', '{vec,vec}', 'double precision', 20),
    ('l1_distance', '{vec,vec}', 'double precision', 20),
    ('vec_negative_inner_product', '{vec,vec}', 'double precision', 20),
    ('vec_l2_squared_distance', '{vec,vec}', 'double precision', 20);
INSERT INTO promised (name, args, result) VALUES
    ('vec_distance_support', '{internal}', 'internal'),
    ('vec_in', '{cstring,oid,integer}', 'vec'),
    ('vec_out', '{vec}', 'cstring'),
    ('vec_typmod_in', '{cstring[]}', 'integer'),
    ('vec_typmod_out', '{integer}', 'cstring'),
    ('vec_recv', '{internal,oid,integer}', 'vec'),
    ('vec_send', '{vec}', 'bytea'),
    ('vec_dims', '{vec}', 'integer'),
    ('vec_norm', '{vec}', 'double precision'),
    ('l2_normalize', '{vec}', 'vec'),
    ('subvector', '{vec,integer,integer}', 'vec'),
    ('binary_quantize', '{vec}', 'bit'),
    ('vec_hash_embed', '{text,integer}', 'vec'),
    ('vec_add', '{vec,vec}', 'vec'),
    ('vec_sub', '{vec,vec}', 'vec'),
    ('vec_mul', '{vec,vec}', 'vec'),
    ('vec_concat', '{vec,vec}', 'vec'),
    ('vec_lt', '{vec,vec}', 'boolean'),
    ('vec_le', '{vec,vec}', 'boolean'),
    ('vec_eq', '{vec,vec}', 'boolean'),
    ('vec_ne', '{vec,vec}', 'boolean'),
    ('vec_ge', '{vec,vec}', 'boolean'),
    ('vec_gt', '{vec,vec}', 'boolean'),
    ('vec_cmp', '{vec,vec}', 'integer'),
    ('vec_hash', '{vec}', 'integer'),
    ('vec_hash_extended', '{vec,bigint}', 'bigint'),
    ('vec_accum', '{double precision[],vec}', 'double precision[]'),
    ('vec_combine', '{double precision[],double precision[]}', 'double precision[]'),
    ('vec_avg', '{double precision[]}', 'vec'),
    ('vec_sum', '{double precision[]}', 'vec'),
    ('vec', '{vec,integer,boolean}', 'vec'),
    ('vec_to_hvec', '{vec,integer,boolean}', 'hvec'),
    ('array_to_vec', '{integer[],integer,boolean}', 'vec'),
    ('array_to_vec', '{real[],integer,boolean}', 'vec'),
    ('array_to_vec', '{double precision[],integer,boolean}', 'vec'),
    ('array_to_vec', '{numeric[],integer,boolean}', 'vec'),
    ('vec_to_float4', '{vec,integer,boolean}', 'real[]'),
    ('vec_to_float8', '{vec,integer,boolean}', 'double precision[]');

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
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'vec\_%'$$,
    $$SELECT name, args FROM promised$$,
    'the type has these functions and no others');
SELECT is_empty(
    $$SELECT f.oid::regprocedure FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'vec\_%'
        AND NOT (f.provolatile = 'i' AND f.proisstrict AND f.proparallel = 's' AND NOT f.proretset AND NOT f.prosecdef)$$,
    'every function of the type is immutable, strict and parallel safe');
SELECT is((SELECT proargnames FROM pg_proc WHERE oid = 'vec_hash_embed(text, integer)'::regprocedure),
          '{"",dims}'::text[], 'the second argument of vec_hash_embed() is named dims');

-- ---- aggregates

SELECT results_eq(
    $$SELECT aggfnoid::regprocedure::text, aggtransfn::text, aggcombinefn::text, aggfinalfn::text, aggserialfn::text,
             aggtranstype::regtype::text, agginitval COLLATE "default", proparallel
      FROM pg_aggregate JOIN pg_proc ON pg_proc.oid = aggfnoid
      WHERE aggfnoid IN ('avg(vec)'::regprocedure, 'sum(vec)'::regprocedure) ORDER BY 1$$,
    $$VALUES ('avg(vec)', 'vec_accum', 'vec_combine', 'vec_avg', '-', 'double precision[]', '{0}', 's'::"char"),
             ('sum(vec)', 'vec_accum', 'vec_combine', 'vec_sum', '-', 'double precision[]', '{0}', 's'::"char")$$,
    'avg(vec) and sum(vec) keep their state in double precision and run in parallel');

-- ---- operators

SELECT has_operator('vec', name::name, 'vec', result::name) FROM (VALUES
    ('<->', 'double precision'), ('<#>', 'double precision'), ('<=>', 'double precision'), ('<+>', 'double precision'),
    ('+', 'vec'), ('-', 'vec'), ('*', 'vec'), ('||', 'vec'),
    ('<', 'boolean'), ('<=', 'boolean'), ('=', 'boolean'), ('<>', 'boolean'), ('>=', 'boolean'), ('>', 'boolean'))
    AS promised_operators(name, result);
SELECT results_eq(
    $$SELECT o.oprname, f.proname::text COLLATE "default", coalesce(c.oprname, ''), coalesce(n.oprname, ''),
             o.oprrest::text, o.oprjoin::text, o.oprcanhash, o.oprcanmerge
      FROM pg_operator o JOIN pg_proc f ON f.oid = o.oprcode
      LEFT JOIN pg_operator c ON c.oid = o.oprcom LEFT JOIN pg_operator n ON n.oid = o.oprnegate
      WHERE o.oprleft = 'vec'::regtype AND o.oprright = 'vec'::regtype ORDER BY 1$$,
    $$VALUES ('*'::name, 'vec_mul', '*'::name, ''::name, '-', '-', false, false),
             ('+', 'vec_add', '+', '', '-', '-', false, false),
             ('-', 'vec_sub', '', '', '-', '-', false, false),
             ('<', 'vec_lt', '>', '>=', 'scalarltsel', 'scalarltjoinsel', false, false),
             ('<#>', 'vec_negative_inner_product', '<#>', '', '-', '-', false, false),
             ('<+>', 'l1_distance', '<+>', '', '-', '-', false, false),
             ('<->', 'l2_distance', '<->', '', '-', '-', false, false),
             ('<=', 'vec_le', '>=', '>', 'scalarlesel', 'scalarlejoinsel', false, false),
             ('<=>', 'cosine_distance', '<=>', '', '-', '-', false, false),
             ('<>', 'vec_ne', '<>', '=', 'neqsel', 'neqjoinsel', false, false),
             ('=', 'vec_eq', '=', '<>', 'eqsel', 'eqjoinsel', true, true),
             ('>', 'vec_gt', '<', '<=', 'scalargtsel', 'scalargtjoinsel', false, false),
             ('>=', 'vec_ge', '<=', '<', 'scalargesel', 'scalargejoinsel', false, false),
             ('||', 'vec_concat', '', '', '-', '-', false, false)$$,
    'every operator has its function, commutator, negator and selectivity, and there are no others');

-- ---- casts

SELECT results_eq(
    $$SELECT castsource::regtype::text COLLATE "C", casttarget::regtype::text COLLATE "C", castcontext, castmethod
      FROM pg_cast WHERE 'vec'::regtype IN (castsource, casttarget)
        AND (castsource::regtype::text = 'vec' OR castsource IN (SELECT typarray FROM pg_type WHERE typcategory = 'N'))
        AND (casttarget::regtype::text = 'vec' OR casttarget IN (SELECT typarray FROM pg_type WHERE typcategory = 'N'))
      ORDER BY 1, 2$$,
    $$VALUES ('double precision[]' COLLATE "C", 'vec' COLLATE "C", 'a'::"char", 'f'::"char"),
             ('integer[]', 'vec', 'a', 'f'),
             ('numeric[]', 'vec', 'a', 'f'),
             ('real[]', 'vec', 'a', 'f'),
             ('vec', 'double precision[]', 'a', 'f'),
             ('vec', 'real[]', 'i', 'f'),
             ('vec', 'vec', 'i', 'f')$$,
    'arrays become vec on assignment, vec becomes real[] implicitly');

-- ---- operator classes

SELECT has_opclass('vec_ops');
SELECT has_opclass('vec_hash_ops');
SELECT results_eq(
    $$SELECT amname, opcname, opcdefault, opckeytype
      FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
      WHERE opcintype = 'vec'::regtype AND amname IN ('btree', 'hash') ORDER BY 1$$,
    $$VALUES ('btree'::name, 'vec_ops'::name, true, 0::oid), ('hash', 'vec_hash_ops', true, 0::oid)$$,
    'btree and hash have a default operator class for vec each');
SELECT is_empty(
    $$SELECT opcname FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
      WHERE opcintype = 'vec'::regtype AND amname IN ('btree', 'hash') AND NOT amvalidate(pg_opclass.oid)$$,
    'PostgreSQL finds both operator classes complete');

-- ---- properties, on generated vectors

SELECT setseed(0.5);
-- Adding 0 times id and i makes each subquery, and each of its rows, draw numbers of its own.
CREATE TEMPORARY TABLE sample AS
SELECT id, dims,
       (SELECT array_agg(((random() - 0.5) * 10 ^ (random() * 20 - 10 + (id + i) * 0))::real)::vec
        FROM generate_series(1, dims) AS i) AS v,
       (SELECT array_agg((random() - 0.5 + (id + i) * 0)::real)::vec FROM generate_series(1, dims) AS i) AS w
FROM (SELECT id, 1 + (id * 7) % 100 AS dims FROM generate_series(1, 400) AS id) AS ids;
SELECT is_empty($$SELECT id FROM sample WHERE vec_dims(v) <> dims$$, 'vec_dims() counts');
SELECT is_empty($$SELECT id FROM sample WHERE v::text::vec <> v$$, 'text reads back the same');
SELECT is_empty($$SELECT id FROM sample WHERE vec_send(v::text::vec) <> vec_send(v)$$, 'to the bit');
SELECT is_empty($$SELECT id FROM sample WHERE v::real[]::vec <> v OR v::double precision[]::vec <> v$$,
                'so do arrays');
SELECT is_empty($$SELECT id FROM sample WHERE '[' || array_to_string(v::real[], ',') || ']' <> v::text$$,
                'values print as those of real do');
SELECT is_empty(
    $$SELECT id FROM sample WHERE v <-> w <> w <-> v OR v <#> w <> w <#> v OR v <=> w <> w <=> v OR v <+> w <> w <+> v$$,
    'distances are symmetric');
SELECT is_empty($$SELECT id FROM sample WHERE abs((v <-> w) / vec_norm(v - w) - 1) > 1e-5$$,
                'the L2 distance is the norm of the difference');
SELECT is_empty(
    $$SELECT id FROM sample, LATERAL (SELECT sum(a::float8 * b) AS ip, sum(abs(a::float8 - b)) AS l1
                                      FROM unnest(v::real[], w::real[]) AS x(a, b)) AS exact
      WHERE abs(inner_product(v, w) - ip) > 1e-5 * vec_norm(v) * vec_norm(w) OR abs(l1_distance(v, w) - l1) > 1e-5 * l1$$,
    'inner product and L1 distance agree with sums over the arrays');
SELECT is_empty($$SELECT id FROM sample WHERE abs(vec_norm(l2_normalize(v)) - 1) > 1e-6$$,
                'l2_normalize() gives norm 1');
SELECT is_empty($$SELECT id FROM sample WHERE subvector(v || w, 1, dims) <> v OR subvector(v || w, dims + 1, dims) <> w$$,
                'parts of a concatenation are what was joined');
SELECT is_empty(
    $$SELECT a.id, b.id FROM sample a, sample b
      WHERE vec_cmp(a.v, b.v) <> -vec_cmp(b.v, a.v) OR (a.v < b.v) <> (vec_cmp(a.v, b.v) < 0)
         OR (a.v = b.v) <> (a.id = b.id) OR (a.v = b.v AND vec_hash(a.v) <> vec_hash(b.v))$$,
    'the order is antisymmetric, and hashes agree with equality');
SELECT is_empty(
    $$SELECT a.id, b.id FROM sample a, sample b
      WHERE (a.v < b.v) <> (a.v::real[] < b.v::real[])$$,
    'the order is that of the arrays');

SELECT * FROM finish();
ROLLBACK;
