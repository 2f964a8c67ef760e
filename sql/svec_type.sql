-- The type svec: text and binary forms, type modifiers, storage, casts.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- text: indices count from 1 and come in any order; zeros are not stored
SELECT '{1:1.5,3:2}/5'::svec;
SELECT ' { 3 : +2 , 1 : 1.5e0 } / 5 '::svec;
SELECT '{}/5'::svec;
SELECT '{1:0,2:-0,3:1e-60,4:7}/5'::svec;
SELECT '{1000000000:1}/1000000000'::svec;
-- what is too small for a float becomes the nearest float
SELECT '{1:1e-45}/1'::svec;
-- the fewest digits that read back the same, whatever extra_float_digits says
SET extra_float_digits = 0;
SELECT '{1:0.1,2:16777216,3:3.4028235e38,4:1e-7,5:123456.789}/5'::svec;
RESET extra_float_digits;
SELECT vec_dims('{2:1}/9'::svec), svec_nnz('{2:1}/9'), vec_dims('{}/1'::svec), svec_nnz('{}/1');

-- type modifiers
CREATE TABLE svec_type_items (id integer, any_dims svec, five svec(5));
SELECT attname, format_type(atttypid, atttypmod), attstorage
FROM pg_attribute WHERE attrelid = 'svec_type_items'::regclass AND attnum > 1 ORDER BY attnum;
INSERT INTO svec_type_items VALUES
    (1, '{}/1', '{1:1,5:-0.5}/5'), (2, '{7:2}/1000000000', '{2:1e10,3:1e-10}/5'), (3, NULL, NULL);
SELECT * FROM svec_type_items ORDER BY id;
SELECT '{1:2}/5'::svec(5), CAST('{1:2}/5'::svec AS svec(5));

-- binary form: int32 dims, int32 nnz, int32 zero, int32 indices from 0, float4 values, big-endian
SELECT svec_send('{1:1.5,3:-2.5}/5');
SELECT svec_send('{}/1000000000');

-- a value survives binary COPY
\copy svec_type_items TO PROGRAM 'cat > "${PG_ABS_BUILDDIR:-.}/results/svec_type.bin"' WITH (FORMAT binary)
CREATE TABLE svec_type_copy (LIKE svec_type_items);
\copy svec_type_copy FROM PROGRAM 'cat "${PG_ABS_BUILDDIR:-.}/results/svec_type.bin"' WITH (FORMAT binary)
SELECT count(*) FROM svec_type_copy;
SELECT * FROM svec_type_items EXCEPT ALL SELECT * FROM svec_type_copy;

-- and text COPY
COPY svec_type_items TO STDOUT;

-- large values are stored out of line, uncompressed, and come back whole
INSERT INTO svec_type_items (id, any_dims)
SELECT 4, ('{' || string_agg(i * 3 || ':' || i % 7 + 1, ',' ORDER BY i DESC) || '}/90000')::svec
FROM generate_series(1, 30000) AS i;
SELECT pg_column_size(any_dims) AS bytes, vec_dims(any_dims), svec_nnz(any_dims), any_dims = any_dims::text::svec AS whole
FROM svec_type_items WHERE id = 4;
SELECT pg_relation_size(reltoastrelid) > 0 AS has_toast FROM pg_class WHERE relname = 'svec_type_items';

-- small values are packed with a short header, at odd offsets too
CREATE TABLE svec_type_packed (a text, v svec, b "char");
INSERT INTO svec_type_packed SELECT repeat('x', i), ('{' || i || ':' || i || '}/9')::svec, 'b' FROM generate_series(1, 4) AS i;
SELECT a, v, v + v AS doubled, vec_dims(v), svec_nnz(v) FROM svec_type_packed ORDER BY a;

-- arrays and rows of svec
SELECT ARRAY['{1:1}/2', '{}/3']::svec[], ROW('{1:1}/2'::svec, 2);
SELECT ('{"{1:1}/2","{}/3"}'::svec[])[1];

-- casts to and from vec and hvec are explicit, or happen on assignment
SELECT '[0,1.5,-0,2]'::vec::svec, '[0,0]'::vec::svec, '[1,2]'::vec::svec(2);
SELECT '{2:1.5,4:2}/4'::svec::vec, '{}/2'::svec::vec, '{1:1}/2'::svec::vec(2);
SELECT '{16000:1}/16000'::svec::vec::svec;
SELECT '[0,1.5,-0,2]'::hvec::svec, '[1,2]'::hvec::svec(2), '{2:1.5}/2'::svec::hvec(2);
-- each value becomes the nearest half
SELECT '{1:0.1,3:-65519.9,4:1e-9}/4'::svec::hvec;
CREATE TABLE svec_type_casts (s svec(3), v vec(3), h hvec(3));
INSERT INTO svec_type_casts VALUES ('[0,1,2]'::vec, '{2:1,3:2}/3'::svec, '{2:4}/3'::svec);
INSERT INTO svec_type_casts VALUES ('[0,1,2]'::hvec, '{1:3}/3'::svec, ARRAY[1,0,0]);
SELECT *, s = v::svec AS same FROM svec_type_casts;

-- casts to and from arrays
SELECT ARRAY[1,0,-3]::svec, ARRAY[0.1,0]::real[]::svec(2), ARRAY[0.1,1e-60]::float8[]::svec, ARRAY[0.1,0,1e-60]::numeric[]::svec;
SELECT '{1:1.5,3:-2}/4'::svec::real[], '{}/2'::svec::real[];

DROP TABLE svec_type_items, svec_type_copy, svec_type_packed, svec_type_casts;
