-- Every way of being refused: SQLSTATE, message, detail and hint.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n  '

-- text that is not a vec
SELECT input, e.* FROM unnest(ARRAY[
    '', '1,2,3', '{1,2}', '[', '[1', '[1,', '[1,2] x', '[1][2]', '[1,,2]', '[,1]', '[1,]', '[1 2]', '[abc,1]',
    '[1,2x]', '[0x1F]', '[1e]', '[+-1]'
]) AS input, refused(format('SELECT %L::vec', input)) AS e;

-- text with values that no vec may have
SELECT input, e.* FROM unnest(ARRAY[
    '[]', ' [ ] ', '[1,NaN]', '[-nan]', '[inf]', '[1,-Infinity]', '[1e39]', '[0,-4e38]', '[1e999999999999]'
]) AS input, refused(format('SELECT %L::vec', input)) AS e;
SELECT e.* FROM refused($$SELECT ('[' || repeat('1,', 16000) || '2]')::vec$$) AS e;

-- long texts are quoted in part
SELECT e.* FROM refused($$SELECT ('[' || repeat('1,', 100) || 'x]')::vec$$) AS e;
SELECT e.* FROM refused($$SELECT ('[' || repeat('x', 100) || ']')::vec$$) AS e;

-- type modifiers
SELECT input, e.* FROM unnest(ARRAY['vec(0)', 'vec(-1)', 'vec(16001)', 'vec(1,2)']) AS input,
refused(format('SELECT NULL::%s', input)) AS e;
SELECT e.* FROM refused($$SELECT '[1,2]'::vec(3)$$) AS e;
SELECT e.* FROM refused($$SELECT '[1,2]'::vec::vec(3)$$) AS e;
CREATE TEMPORARY TABLE three (v vec(3));
SELECT e.* FROM refused($$INSERT INTO three VALUES ('[1,2]'::vec)$$) AS e;
SELECT e.* FROM refused($$INSERT INTO three VALUES (ARRAY[1,2,3,4])$$) AS e;

-- arrays
SELECT input, e.* FROM unnest(ARRAY[
    'ARRAY[1,NULL]', 'ARRAY[NULL]::real[]', 'ARRAY[1,2,3,4,5,6,7,8,NULL,10]::numeric[]', 'ARRAY[[1,2],[3,4]]',
    '''{}''::integer[]', 'array_fill(1, ARRAY[16001])', '''{NaN}''::real[]', '''{1,-Infinity}''::double precision[]',
    '''{1,2,NaN}''::numeric[]', '''{1e39}''::double precision[]', '''{0,-1e200}''::numeric[]'
]) AS input, refused(format('SELECT %s::vec', input)) AS e;
SELECT e.* FROM refused($$SELECT '{Infinity}'::numeric[]::vec$$) AS e;
-- from arrays of anything else there is no cast
SELECT e.code, e.message FROM refused($$SELECT ARRAY['1']::text[]::vec$$) AS e;

-- different dimensions
SELECT input, e.* FROM unnest(ARRAY[
    'l2_distance', 'vec_l2_squared_distance', 'inner_product', 'vec_negative_inner_product', 'cosine_distance',
    'l1_distance', 'vec_add', 'vec_sub', 'vec_mul'
]) AS input, refused(format('SELECT %s(%L, %L)', input, '[1,2,3]', '[1,2]')) AS e;
SELECT e.* FROM refused($$SELECT avg(v) FROM (VALUES ('[1,2,3]'::vec), ('[1,2]')) AS t(v)$$) AS e;
SELECT e.* FROM refused($$SELECT vec_combine('{1,2,3}', '{1,2}')$$) AS e;

-- results that do not fit
SELECT input, e.* FROM unnest(ARRAY[
    '''[1,3e38]''::vec + ''[1,3e38]''', '''[-3e38]''::vec - ''[3e38]''', '''[1,2,1e20]''::vec * ''[1,2,-1e20]'''
]) AS input, refused('SELECT ' || input) AS e;
SELECT e.* FROM refused($$SELECT sum(v) FROM (VALUES ('[1,-3e38]'::vec), ('[2,-3e38]')) AS t(v)$$) AS e;
SELECT e.* FROM refused($$SELECT array_fill(1, ARRAY[16000])::vec || '[1]'$$) AS e;

-- parts that would be empty
SELECT input, e.* FROM unnest(ARRAY['1, 0', '1, -1', '4, 1', '-5, 3', '-2147483648, 1']) AS input,
refused(format('SELECT subvector(''[1,2,3]'', %s)', input)) AS e;

-- states of aggregates that are none
SELECT input, e.* FROM unnest(ARRAY['{}', '{NULL}', '{{1,2},{3,4}}']) AS input,
refused(format('SELECT vec_accum(%L, ''[1]'')', input)) AS e;
SELECT e.* FROM refused($$SELECT vec_avg(array_fill(1::float8, ARRAY[16002]))$$) AS e;
SELECT input, e.* FROM unnest(ARRAY['{2,1,NaN}', '{0,1}', '{NaN,1}', '{-1,2}', '{1,Infinity}']) AS input,
refused(format('SELECT vec_avg(%L)', input)) AS e;

-- embedding
SELECT input, e.* FROM unnest(ARRAY[0, -1, 16001]) AS input,
refused(format('SELECT vec_hash_embed(''text'', dims => %s)', input)) AS e;

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
    ('a vec', '\x0003 0000 3f800000 40000000 40400000'::bytea),
    ('no bytes', ''),
    ('half a header', '\x0003'),
    ('too short', '\x0003 0000 3f800000 40000000 404000'),
    ('too long', '\x0003 0000 3f800000 40000000 40400000 00'),
    ('no dimensions', '\x0000 0000'),
    ('negative dimensions', '\xffff 0000'),
    ('too many dimensions', '\x3e81 0000'),
    ('reserved field', '\x0003 0001 3f800000 40000000 40400000'),
    ('NaN', '\x0003 0000 3f800000 7fc00000 40400000'),
    ('infinity', '\x0003 0000 3f800000 40000000 ff800000'),
    ('type modifier', '\x0002 0000 3f800000 40000000')) AS t(note, wire),
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
SELECT pg_temp.is_valid('[1,2]', 'vec(2)'), pg_temp.is_valid('[1,x]', 'vec'), pg_temp.is_valid('[]', 'vec'),
       pg_temp.is_valid('[nan]', 'vec'), pg_temp.is_valid('[1e39]', 'vec'), pg_temp.is_valid('[1,2]', 'vec(3)');
