-- Every way of being refused: SQLSTATE, message, detail and hint.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n  '

-- text that is not an svec
SELECT input, e.* FROM unnest(ARRAY[
    '', '1:2', '[1,2]', '{', '{1', '{1:', '{1:2', '{1:2,', '{1:2}', '{1:2}/', '{1:2}/5 x', '{1:2}/5/6', '{1:2}5',
    '{1:2,}/5', '{,1:2}/5', '{1:2 3:4}/5', '{1,2}/5', '{1:}/5', '{:1}/5', '{a:1}/5', '{1.5:1}/5', '{1:x}/5', '{1:0x1F}/5',
    '{1:1}/x', '{1:1}/5.0'
]) AS input, refused(format('SELECT %L::svec', input)) AS e;

-- text with indices, dimensions or values that no svec may have
SELECT input, e.* FROM unnest(ARRAY[
    '{0:1}/5', '{-1:1}/5', '{1:1,1000000001:1}/5', '{1:1}/0', '{}/-1', '{}/1000000001', '{}/99999999999999999999',
    '{1:1,6:1}/5', '{6:0}/5', '{3:1,2:2,3:1}/5', '{3:0,3:1}/5', '{1:NaN}/5', '{1:1,2:-inf}/5', '{1:Infinity}/5', '{1:1e39}/5',
    '{1:1,2:-1e999}/5'
]) AS input, refused(format('SELECT %L::svec', input)) AS e;

-- long texts are quoted in part
SELECT e.* FROM refused($$SELECT ('{' || repeat('1:1,', 100) || 'x}/5')::svec$$) AS e;

-- type modifiers
SELECT input, e.* FROM unnest(ARRAY['svec(0)', 'svec(-1)', 'svec(1000000001)', 'svec(1,2)']) AS input,
refused(format('SELECT NULL::%s', input)) AS e;
SELECT e.* FROM refused($$SELECT '{1:1}/2'::svec(3)$$) AS e;
SELECT e.* FROM refused($$SELECT '{1:1}/2'::svec::svec(3)$$) AS e;
CREATE TEMPORARY TABLE three (v svec(3));
SELECT e.* FROM refused($$INSERT INTO three VALUES ('{1:1}/2'::svec)$$) AS e;

-- casts
SELECT e.* FROM refused($$SELECT '{1:1}/16001'::svec::vec$$) AS e;
SELECT e.* FROM refused($$SELECT '{1:1}/2'::svec::vec(3)$$) AS e;
SELECT e.* FROM refused($$SELECT '[1,2]'::vec::svec(3)$$) AS e;
SELECT e.* FROM refused($$SELECT '{1:1}/16001'::svec::hvec$$) AS e;
SELECT e.* FROM refused($$SELECT '{1:1}/2'::svec::hvec(3)$$) AS e;
SELECT e.* FROM refused($$SELECT '[1,2]'::hvec::svec(3)$$) AS e;
SELECT e.* FROM refused($$SELECT '{1:1,3:-65520}/4'::svec::hvec$$) AS e;
SELECT input, e.* FROM unnest(ARRAY[
    '''{}''::real[]', '''{{1,2},{3,4}}''::integer[]', '''{1,NULL}''::real[]', '''{1,NaN}''::float8[]', '''{1,Infinity}''::real[]',
    '''{1e39}''::float8[]', '''{1,-1e39}''::numeric[]', '''{NaN}''::numeric[]', 'array_fill(1, ARRAY[16001])'
]) AS input, refused(format('SELECT %s::svec', input)) AS e;
SELECT e.* FROM refused($$SELECT '{1,2}'::real[]::svec(3)$$) AS e;
SELECT e.* FROM refused($$SELECT '{1:1}/16001'::svec::real[]$$) AS e;
-- none is implicit
SELECT e.code, e.message FROM refused($$SELECT '[1,2]'::vec <-> '{1:1}/2'::svec$$) AS e;
SELECT e.code, e.message FROM refused($$SELECT '{1:1}/2'::svec <-> '[1,2]'::hvec$$) AS e;

-- different dimensions
SELECT input, e.* FROM unnest(ARRAY[
    'l2_distance', 'vec_l2_squared_distance', 'inner_product', 'svec_negative_inner_product', 'cosine_distance',
    'l1_distance', 'svec_add', 'svec_sub', 'svec_mul'
]) AS input, refused(format('SELECT %s(%L::svec, %L)', input, '{1:1}/3', '{1:1}/2')) AS e;
SELECT e.* FROM refused($$SELECT avg(v) FROM (VALUES ('{}/3'::svec), ('{}/2')) AS t(v)$$) AS e;

-- results that do not fit
SELECT input, e.* FROM unnest(ARRAY[
    '''{1:1,5:3e38}/9''::svec + ''{2:1,5:3e38}/9''', '''{1:-3e38}/9''::svec - ''{1:3e38}/9''',
    '''{1:1,3:1e20}/9''::svec * ''{1:2,3:-1e20}/9'''
]) AS input, refused('SELECT ' || input) AS e;
SELECT e.* FROM refused($$SELECT sum(v) FROM (VALUES ('{1:1,7:-3e38}/9'::svec), ('{7:-3e38}/9')) AS t(v)$$) AS e;

-- terms
SELECT input, e.* FROM unnest(ARRAY[
    '''{a}'', ''{1}'', 0', '''{a}'', ''{1}'', 1000000001', '''{a,b}'', ''{1}'', 10', '''{}'', ''{1}'', 10',
    '''{{a,b}}'', ''{1,2}'', 10', '''{a,b}'', ''{{1},{2}}'', 10', '''{a,NULL}'', ''{1,2}'', 10', '''{a,b}'', ''{NULL,2}'', 10',
    '''{a,b}'', ''{1,NaN}'', 10', '''{a,b}'', ''{-Infinity,1}'', 10', '''{a,b,a}'', ''{3e38,1,3e38}'', 1000'
]) AS input, refused(format('SELECT svec_hash_terms(%s)', input)) AS e;

-- binary forms: COPY reads them from a program that prints its header, one tuple of the bytes, and its trailer
CREATE FUNCTION pg_temp.copy_statement(wire bytea) RETURNS text LANGUAGE sql AS $$
    SELECT format('COPY three FROM PROGRAM %L WITH (FORMAT binary)', 'printf ''' || string_agg(
        format('\%s%s%s', byte >> 6, byte >> 3 & 7, byte & 7), '' ORDER BY i) || '''')
    FROM (SELECT '\x5047434f50590aff0d0a00 00000000 00000000 0001'::bytea || int4send(length(wire)) || wire
                 || '\xffff') AS file(bytes),
         generate_series(0, length(bytes) - 1) AS i,
         get_byte(bytes, i) AS byte
$$;
SELECT note, e.* FROM (VALUES
    ('an svec', '\x00000003 00000002 00000000 00000000 00000002 3f800000 40000000'::bytea),
    ('no bytes', ''),
    ('half a header', '\x00000003 0000'),
    ('too short', '\x00000003 00000002 00000000 00000000 00000002 3f800000 400000'),
    ('too long', '\x00000003 00000002 00000000 00000000 00000002 3f800000 40000000 00'),
    ('no dimensions', '\x00000000 00000000 00000000'),
    ('negative dimensions', '\xffffffff 00000000 00000000'),
    ('too many dimensions', '\x3b9aca01 00000000 00000000'),
    ('negative number of non-zeros', '\x00000003 ffffffff 00000000'),
    ('more non-zeros than dimensions', '\x00000003 00000004 00000000'),
    ('reserved field', '\x00000003 00000000 00000001'),
    ('negative index', '\x00000003 00000001 00000000 ffffffff 3f800000'),
    ('index beyond the dimensions', '\x00000003 00000001 00000000 00000003 3f800000'),
    ('indices not in order', '\x00000003 00000002 00000000 00000002 00000000 3f800000 40000000'),
    ('an index twice', '\x00000003 00000002 00000000 00000002 00000002 3f800000 40000000'),
    ('zero', '\x00000003 00000002 00000000 00000000 00000002 3f800000 80000000'),
    ('NaN', '\x00000003 00000002 00000000 00000000 00000002 3f800000 7fc00000'),
    ('infinity', '\x00000003 00000002 00000000 00000000 00000002 ff800000 40000000'),
    ('type modifier', '\x00000004 00000000 00000000')) AS t(note, wire),
refused(pg_temp.copy_statement(wire)) AS e;
SELECT * FROM three;

-- where the server can ask (since 16), malformed input is no more than invalid
CREATE FUNCTION pg_temp.is_valid(input text, type text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    valid boolean;
BEGIN
    IF current_setting('server_version_num')::integer >= 160000 THEN
        EXECUTE 'SELECT pg_input_is_valid($1, $2)' INTO valid USING input, type;
    ELSE
        EXECUTE format('SELECT %L::%s IS NOT NULL', input, type) INTO valid;
    END IF;
    RETURN valid;
EXCEPTION WHEN OTHERS THEN
    -- a hard error, which only the older servers may raise
    RETURN CASE WHEN current_setting('server_version_num')::integer < 160000 THEN false END;
END $$;
SELECT pg_temp.is_valid('{1:1}/2', 'svec(2)'), pg_temp.is_valid('{1:x}/2', 'svec'), pg_temp.is_valid('{1:1}/0', 'svec'),
       pg_temp.is_valid('{0:1}/2', 'svec'), pg_temp.is_valid('{3:1}/2', 'svec'), pg_temp.is_valid('{1:1,1:1}/2', 'svec'),
       pg_temp.is_valid('{1:nan}/2', 'svec'), pg_temp.is_valid('{1:1e39}/2', 'svec'), pg_temp.is_valid('{}/2', 'svec(3)');
