-- Every way of being refused as an hvec: SQLSTATE, message, detail and hint.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n  '

-- text that is not an hvec, and values that none may have
SELECT input, e.* FROM unnest(ARRAY[
    '', '[1,2', '[1,,2]', '[1,2x]', '[]', '[1,NaN]', '[-inf]', '[1,65520]', '[0,-7e4]', '[1e39]', '[1e999999999999]'
]) AS input, refused(format('SELECT %L::hvec', input)) AS e;
SELECT e.* FROM refused($$SELECT ('[' || repeat('1,', 16000) || '2]')::hvec$$) AS e;

-- type modifiers
SELECT input, e.* FROM unnest(ARRAY['hvec(0)', 'hvec(16001)', 'hvec(1,2)']) AS input,
refused(format('SELECT NULL::%s', input)) AS e;
SELECT e.* FROM refused($$SELECT '[1,2]'::hvec(3)$$) AS e;
CREATE TEMPORARY TABLE three (v hvec(3));
SELECT e.* FROM refused($$INSERT INTO three VALUES ('[1,2]'::hvec)$$) AS e;
SELECT e.* FROM refused($$INSERT INTO three VALUES ('[1,2]'::vec)$$) AS e;
SELECT e.* FROM refused($$SELECT '[1,2]'::hvec::vec(3)$$) AS e;

-- a vec whose elements are beyond halves
SELECT input, e.* FROM unnest(ARRAY['[1,2,70000]', '[-65520]', '[3e38]']) AS input,
refused(format('SELECT %L::vec::hvec', input)) AS e;
SELECT e.* FROM refused($$SELECT '[1,1e5]'::vec <-> '[1,1]'::hvec$$) AS e;

-- arrays
SELECT input, e.* FROM unnest(ARRAY[
    'ARRAY[1,NULL]', 'ARRAY[[1,2],[3,4]]', '''{}''::integer[]', '''{NaN}''::real[]', '''{1,-Infinity}''::double precision[]',
    '''{1,2,NaN}''::numeric[]', '''{Infinity}''::numeric[]', 'ARRAY[1,70000]', '''{65520}''::real[]',
    '''{1e39}''::double precision[]', '''{0,-1e200}''::numeric[]'
]) AS input, refused(format('SELECT %s::hvec', input)) AS e;

-- different dimensions
SELECT input, e.* FROM unnest(ARRAY['l2_distance', 'cosine_distance', 'hvec_add', 'hvec_mul']) AS input,
refused(format('SELECT %s(%L::hvec, %L::hvec)', input, '[1,2,3]', '[1,2]')) AS e;
SELECT e.* FROM refused($$SELECT avg(v) FROM (VALUES ('[1,2,3]'::hvec), ('[1,2]')) AS t(v)$$) AS e;
SELECT e.* FROM refused($$SELECT hvec_combine('{1,2,3}', '{1,2}')$$) AS e;

-- results that do not fit
SELECT input, e.* FROM unnest(ARRAY[
    '''[1,6e4]''::hvec + ''[1,6e4]''', '''[-6e4]''::hvec - ''[6e4]''', '''[1,2,300]''::hvec * ''[1,2,-300]'''
]) AS input, refused('SELECT ' || input) AS e;
SELECT e.* FROM refused($$SELECT sum(v) FROM (VALUES ('[1,-6e4]'::hvec), ('[2,-6e4]')) AS t(v)$$) AS e;
SELECT e.* FROM refused($$SELECT array_fill(1, ARRAY[16000])::hvec || '[1]'$$) AS e;
SELECT e.* FROM refused($$SELECT subvector('[1,2,3]'::hvec, 4, 1)$$) AS e;

-- states of aggregates that are none
SELECT e.* FROM refused($$SELECT hvec_accum('{NULL}', '[1]')$$) AS e;
SELECT e.* FROM refused($$SELECT hvec_avg('{0,1}')$$) AS e;

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
    ('an hvec', '\x0003 0000 3c00 4000 4200'::bytea),
    ('half a header', '\x0003'),
    ('too short', '\x0003 0000 3c00 4000 42'),
    ('too long', '\x0003 0000 3c00 4000 4200 00'),
    ('no dimensions', '\x0000 0000'),
    ('too many dimensions', '\x3e81 0000'),
    ('reserved field', '\x0003 0001 3c00 4000 4200'),
    ('NaN', '\x0003 0000 3c00 7e00 4200'),
    ('infinity', '\x0003 0000 3c00 4000 fc00'),
    ('type modifier', '\x0002 0000 3c00 4000')) AS t(note, wire),
refused(pg_temp.copy_statement(wire)) AS e;
SELECT * FROM three;

-- an index: dimensions, queries and rows
CREATE TABLE hvec_errors_items (id integer, h hvec, three hvec(3));
INSERT INTO hvec_errors_items SELECT i, ARRAY[i, 1, 2]::hvec, ARRAY[i, 1, 2]::hvec FROM generate_series(1, 100) AS i;
SELECT e.* FROM refused($$CREATE INDEX ON hvec_errors_items USING slab (h)$$) AS e;
SELECT e.* FROM refused($$CREATE INDEX ON hvec_errors_items USING slab (three vec_l2_ops)$$) AS e;
CREATE INDEX hvec_errors_i ON hvec_errors_items USING slab (three);
SET enable_seqscan = off;
SELECT e.* FROM refused($$SELECT id FROM hvec_errors_items ORDER BY three <-> '[1,2]' LIMIT 1$$) AS e;
SELECT e.* FROM refused($$SELECT slab_topk('hvec_errors_i', '[1,2]', 1)$$) AS e;
SELECT e.* FROM refused($$SELECT slab_topk('hvec_errors_i', '[1,2,1e5]', 1)$$) AS e;
SELECT e.* FROM refused($$SELECT slab_recall('hvec_errors_i', 1, ARRAY['[1,2,1e5]'::vec])$$) AS e;
SELECT e.* FROM refused($$SELECT slab_recall('hvec_errors_i', 1, ARRAY['[1,2]'::vec])$$) AS e;
SELECT e.* FROM refused($$INSERT INTO hvec_errors_items (three) VALUES ('[1,2,7e4]')$$) AS e;
DROP TABLE hvec_errors_items;

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
SELECT pg_temp.is_valid('[1,2]', 'hvec(2)'), pg_temp.is_valid('[1,x]', 'hvec'), pg_temp.is_valid('[]', 'hvec'),
       pg_temp.is_valid('[nan]', 'hvec'), pg_temp.is_valid('[1e5]', 'hvec'), pg_temp.is_valid('[1,2]', 'hvec(3)');
