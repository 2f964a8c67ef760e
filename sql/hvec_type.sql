-- The type hvec: text and binary forms, type modifiers, storage.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- text
SELECT '[1,2,3]'::hvec;
SELECT ' [ 1 , +2.5, -3e2 ,.5, 6. ] '::hvec;
SELECT '[-0,0]'::hvec;
-- every value becomes the nearest half, and prints as the number that it is
SELECT '[0.1,2049,65504,65519.99]'::hvec;
-- what is too small for a half becomes the nearest one, zero included
SELECT '[6e-8,3e-8,2.9e-8,-1e-400]'::hvec;
-- rounded once: the first is next to the middle between two halves, which float4 takes it for
SELECT '[1.00048828125000001]'::hvec AS up, '[1.00048828125]'::hvec AS tie, '[1.00048828125000001]'::vec::hvec AS rounded_twice;
-- the fewest digits that read back as the same float4, whatever extra_float_digits says
SET extra_float_digits = 0;
SELECT '[0.1,1e-7,123.456]'::hvec;
RESET extra_float_digits;
SELECT vec_dims('[1]'::hvec), vec_dims(('[' || repeat('1,', 15999) || '1]')::hvec);

-- type modifiers
CREATE TABLE hvec_type_items (id integer, any_dims hvec, three hvec(3));
SELECT attname, format_type(atttypid, atttypmod), attstorage
FROM pg_attribute WHERE attrelid = 'hvec_type_items'::regclass AND attnum > 1 ORDER BY attnum;
INSERT INTO hvec_type_items VALUES
    (1, '[1]', '[1,2,3]'), (2, '[1,2]', '[-0.5,6e4,1e-7]'), (3, NULL, NULL);
SELECT * FROM hvec_type_items ORDER BY id;
SELECT '[1,2,3]'::hvec(3), CAST('[1,2,3]'::hvec AS hvec(3));

-- binary form: int16 dims, int16 zero, two bytes each, big-endian
SELECT hvec_send('[1,-2.5,65504]');

-- a value survives binary COPY
\copy hvec_type_items TO PROGRAM 'cat > "${PG_ABS_BUILDDIR:-.}/results/hvec_type.bin"' WITH (FORMAT binary)
CREATE TABLE hvec_type_copy (LIKE hvec_type_items);
\copy hvec_type_copy FROM PROGRAM 'cat "${PG_ABS_BUILDDIR:-.}/results/hvec_type.bin"' WITH (FORMAT binary)
SELECT count(*) FROM hvec_type_copy;
SELECT * FROM hvec_type_items EXCEPT ALL SELECT * FROM hvec_type_copy;

-- and text COPY
COPY hvec_type_items TO STDOUT;

-- a value takes half the bytes of a vec; large ones are stored out of line, uncompressed, and come back whole
SELECT pg_column_size('[1,2,3,4]'::hvec) AS hvec_bytes, pg_column_size('[1,2,3,4]'::vec) AS vec_bytes;
INSERT INTO hvec_type_items (id, any_dims)
SELECT 4, array_agg(i % 7 ORDER BY i)::hvec FROM generate_series(1, 5000) AS i;
SELECT pg_column_size(any_dims) AS bytes, vec_dims(any_dims), subvector(any_dims, 4998, 3)
FROM hvec_type_items WHERE id = 4;
SELECT pg_relation_size(reltoastrelid) > 0 AS has_toast FROM pg_class WHERE relname = 'hvec_type_items';

-- small values are packed with a short header, at odd offsets too
CREATE TABLE hvec_type_packed (a text, v hvec, b "char");
INSERT INTO hvec_type_packed SELECT repeat('x', i), array[i, i + 1]::hvec, 'b' FROM generate_series(1, 4) AS i;
SELECT a, v, v + v AS doubled FROM hvec_type_packed ORDER BY a;

-- arrays and rows of hvec
SELECT ARRAY['[1,2]', '[3]']::hvec[], ROW('[1]'::hvec, 2);
SELECT ('{"[1,2]","[3]"}'::hvec[])[1];

DROP TABLE hvec_type_items, hvec_type_copy, hvec_type_packed;
