-- The functions and operators of bit strings as the catalogs show them, and properties that distances must have for any bits.
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS pgslab;
SELECT plan(49);

-- ---- functions: name, arguments, result

CREATE TEMPORARY TABLE promised (name name, args text[], result text, source text, cost real, support text);
INSERT INTO promised VALUES
    ('hamming_distance', '{bit varying,bit varying}', 'double precision', 'bit_hamming_distance', 20, 'bit_distance_support'),
    ('jaccard_distance', '{bit varying,bit varying}', 'double precision', 'bit_jaccard_distance', 20, 'bit_distance_support'),
    ('bit_distance_support', '{internal}', 'internal', 'bit_distance_support', 1, '-'),
    ('bit_to_vec', '{bit varying,integer,boolean}', 'vec', 'bit_to_vec', 1, '-');

SELECT has_function(name, args::name[]) FROM promised;
SELECT results_eq(
    $$SELECT p.name, format_type(f.prorettype, NULL), f.prosrc COLLATE "default", f.procost, f.prosupport::text COLLATE "default"
      FROM promised p JOIN pg_proc f ON f.oid = to_regprocedure(format('%I(%s)', p.name, array_to_string(p.args, ','))) ORDER BY 1$$,
    $$SELECT name, result, source, cost, support FROM promised ORDER BY 1$$,
    'every function has its result type, its cost and its support function');
SELECT set_eq(
    $$SELECT f.proname, (SELECT array_agg(format_type(t, NULL) ORDER BY i) FROM unnest(f.proargtypes) WITH ORDINALITY AS a(t, i))
      FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'bit\_%'$$,
    $$SELECT name, args FROM promised$$,
    'these are the functions, and there are no others');
SELECT is_empty(
    $$SELECT f.oid::regprocedure FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang
      WHERE l.lanname = 'c' AND f.prosrc LIKE 'bit\_%'
        AND NOT (f.provolatile = 'i' AND f.proisstrict AND f.proparallel = 's' AND NOT f.proretset AND NOT f.prosecdef)$$,
    'each is immutable, strict and parallel safe');
SELECT isnt(obj_description(f::regprocedure, 'pg_proc'), NULL, f || ' says what it is')
FROM unnest(ARRAY['hamming_distance(varbit,varbit)', 'jaccard_distance(varbit,varbit)']) AS f;
SELECT results_eq(
    $$SELECT proargtypes[0]::regtype::text, proname::text COLLATE "default", prorettype::regtype::text, provolatile, proisstrict, proparallel
      FROM pg_proc WHERE proname = 'binary_quantize' ORDER BY 1$$,
    $$VALUES ('hvec', 'binary_quantize', 'bit', 'i'::"char", true, 's'::"char"), ('vec', 'binary_quantize', 'bit', 'i', true, 's')$$,
    'binary_quantize() takes a vec or an hvec');

-- ---- operators

SELECT has_operator('bit varying', name::name, 'bit varying', 'double precision'::name) FROM (VALUES ('<~>'), ('<%>')) AS o(name);
SELECT results_eq(
    $$SELECT o.oid::regoperator::text, o.oprcode::text, o.oprcom::regoperator::text, o.oprnegate, o.oprrest::text, o.oprjoin::text,
             o.oprcanhash, o.oprcanmerge
      FROM pg_operator o WHERE o.oprname IN ('<~>', '<%>') ORDER BY o.oprname$$,
    $$VALUES ('<%>(bit varying,bit varying)', 'jaccard_distance', '<%>(bit varying,bit varying)', 0::oid, '-', '-', false, false),
             ('<~>(bit varying,bit varying)', 'hamming_distance', '<~>(bit varying,bit varying)', 0, '-', '-', false, false)$$,
    'every operator has its function and is its own commutator, and none is of bit, which other extensions may have operators of');

-- ---- what mixtures mean: no call is ambiguous

CREATE FUNCTION pg_temp.value_of(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    value text;
BEGIN
    EXECUTE format('SELECT (%s)::text', expression) INTO value;
    RETURN value;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END $$;
SELECT is(pg_temp.value_of(expression), value, expression || ' is ' || coalesce(value, 'NULL')) FROM (VALUES
    ($$B'0011'::bit(4) <~> B'0101'::bit(4)$$, '2'), ($$B'0011'::bit(4) <~> B'0101'::varbit$$, '2'),
    ($$B'0011'::varbit(9) <~> B'0101'::bit(4)$$, '2'), ($$B'0011'::varbit <~> B'0101'::varbit$$, '2'),
    ($$B'0011' <~> '0101'$$, '2'), ($$'0011' <~> B'0101'::varbit$$, '2'), ($$'0011' <~> '0101'$$, '2'), ($$X'3' <~> X'5'$$, '2'),
    ($$B'0011'::bit(4) <%> B'0111'::varbit$$, '0.33333333333333337'), ($$'0011' <%> B'1100'$$, '1'), ($$'0011' <%> '0011'$$, '0'),
    ($$hamming_distance(B'0011', '0101')$$, '2'), ($$hamming_distance('0011', '0101')$$, '2'), ($$jaccard_distance('0011', B'0001')$$, '0.5'),
    ($$binary_quantize('[1,-1]'::vec) <~> '00'$$, '1'), ($$binary_quantize('[1,-1]'::hvec)::bit(2) <%> B'11'::varbit(2)$$, '0.5'),
    ($$B'1' <~> NULL$$, NULL), ($$hamming_distance(NULL, NULL)$$, NULL), ($$B'1' <~> B'11'$$, '22000'), ($$B'1' <~> 1$$, '42883'),
    ($$B'1' <%> '[1]'::vec$$, '42883'))
    AS mixtures(expression, value);

-- Another extension's, of bit and of the same names, may be there in the same schema.
CREATE FUNCTION hamming_distance(bit, bit) RETURNS double precision LANGUAGE sql IMMUTABLE RETURN -1;
CREATE OPERATOR <~> (LEFTARG = bit, RIGHTARG = bit, FUNCTION = hamming_distance, COMMUTATOR = <~>);
SELECT is(pg_temp.value_of(expression), value, 'beside others of bit ' || expression || ' is ' || value) FROM (VALUES
    ($$B'0011'::varbit <~> B'0101'::varbit$$, '2'), ($$B'0011' <~> B'0101'::varbit$$, '2'), ($$'0011' <~> B'0101'::varbit$$, '2'),
    ($$'0011' <~> '0101'$$, '2'), ($$hamming_distance('0011', '0101'::varbit)$$, '2'), ($$B'0011' <~> B'0101'$$, '-1'))
    AS mixtures(expression, value);
DROP FUNCTION hamming_distance(bit, bit) CASCADE;

-- ---- properties, on generated bits

SELECT setseed(0.5);
CREATE FUNCTION pg_temp.bits(n integer, share float8) RETURNS varbit LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(string_agg((random() < share)::integer::text, ''), '')::varbit FROM generate_series(1, n)
$$;
CREATE TEMPORARY TABLE sample AS
SELECT id, n, pg_temp.bits(n, 0.5) AS a, pg_temp.bits(n, 0.2) AS b, pg_temp.bits(n, id % 10 / 10.0) AS c
FROM (SELECT id, id * 7 % 300 AS n FROM generate_series(1, 600) AS id) AS ids;
SELECT is_empty($$SELECT id FROM sample WHERE length(a) <> n OR length(b) <> n OR length(c) <> n$$, 'there are bits');
SELECT is_empty($$SELECT id FROM sample WHERE a <~> b <> bit_count(a # b) OR b <~> c <> bit_count(b # c)$$, 'Hamming distance counts what XOR has');
SELECT is_empty(
    $$SELECT id FROM sample
      WHERE a <%> b <> CASE bit_count(a & b) WHEN 0 THEN 1 ELSE 1 - bit_count(a & b)::float8 / bit_count(a | b) END$$,
    'Jaccard distance is one less the share of AND in OR, and 1 where AND has nothing');
SELECT is_empty(
    $$SELECT id FROM sample WHERE a <~> b <> b <~> a OR a <%> b <> b <%> a OR hamming_distance(a, b) <> b <~> a OR jaccard_distance(a, b) <> b <%> a$$,
    'distances are symmetric, and calls are the operators');
SELECT is_empty(
    $$SELECT id FROM sample WHERE (a <~> a) <> 0 OR ((a <~> b) = 0) <> (a = b) OR (a <%> a) <> (bit_count(a) = 0)::integer
         OR bit_count(a) > 0 AND ((a <%> b) = 0) <> (a = b)$$,
    'they are 0 of the same bits only; of none, Jaccard distance is 1');
SELECT is_empty(
    $$SELECT id FROM sample WHERE (a <~> b) NOT BETWEEN 0 AND n OR (a <%> b) NOT BETWEEN 0 AND 1
         OR (a <~> c) > (a <~> b) + (b <~> c) OR (a <%> c) > (a <%> b) + (b <%> c) + 1e-15$$,
    'they are within bounds, and no way round is shorter');
SELECT is_empty(
    $$SELECT id FROM sample WHERE ((a || b) <~> (b || c)) <> (a <~> b) + (b <~> c) OR (a <~> ~ b) <> n - (a <~> b)$$,
    'what is joined adds up, whatever the remainder of a byte');
SELECT is_empty(
    $$SELECT id FROM sample WHERE a::bit(299) <~> b::bit(299) <> a <~> b OR a::bit(299) <%> b::bit(299) <> a <%> b$$,
    'zeros behind the last bit make no difference');
SELECT is_empty(
    $$SELECT id FROM sample, LATERAL (SELECT array_agg(get_bit(a, i) - 0.5) AS v, array_agg(get_bit(b, i) - 0.5) AS w FROM generate_series(0, n - 1) AS i) AS e
      WHERE n > 0 AND (binary_quantize(v::vec)::varbit <> a
         OR binary_quantize(v::hvec)::varbit <> a OR (binary_quantize(v::vec) <~> binary_quantize(w::hvec)) <> (a <~> b))$$,
    'binary_quantize() gives the bits of which the signs were made');

SELECT * FROM finish();
ROLLBACK;
