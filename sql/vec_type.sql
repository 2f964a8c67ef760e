-- The type vec: text and binary forms, type modifiers, storage.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- text
SELECT '[1,2,3]'::vec;
SELECT ' [ 1 , +2.5, -3e2 ,.5, 6. ] '::vec;
SELECT '[-0,0]'::vec;
-- what is too small for a float becomes the nearest float, zero included
SELECT '[1e-45,1e-46,-1e-400]'::vec;
-- the fewest digits that read back the same, whatever extra_float_digits says
SET extra_float_digits = 0;
SELECT '[0.1,16777216,3.4028235e38,1e-7,123456.789]'::vec;
RESET extra_float_digits;
SELECT vec_dims('[1]'), vec_dims(('[' || repeat('1,', 15999) || '1]')::vec);

-- type modifiers
CREATE TABLE vec_type_items (id integer, any_dims vec, three vec(3));
SELECT attname, format_type(atttypid, atttypmod), attstorage
FROM pg_attribute WHERE attrelid = 'vec_type_items'::regclass AND attnum > 1 ORDER BY attnum;
INSERT INTO vec_type_items VALUES
    (1, '[1]', '[1,2,3]'), (2, '[1,2]', '[-0.5,1e10,1e-10]'), (3, NULL, NULL);
SELECT * FROM vec_type_items ORDER BY id;
SELECT '[1,2,3]'::vec(3), CAST('[1,2,3]'::vec AS vec(3));

-- binary form: int16 dims, int16 zero, float4 each, big-endian
SELECT vec_send('[1,-2.5]');

-- a value survives binary COPY
\copy vec_type_items TO PROGRAM 'cat > "${PG_ABS_BUILDDIR:-.}/results/vec_type.bin"' WITH (FORMAT binary)
CREATE TABLE vec_type_copy (LIKE vec_type_items);
\copy vec_type_copy FROM PROGRAM 'cat "${PG_ABS_BUILDDIR:-.}/results/vec_type.bin"' WITH (FORMAT binary)
SELECT count(*) FROM vec_type_copy;
SELECT * FROM vec_type_items EXCEPT ALL SELECT * FROM vec_type_copy;

-- and text COPY
COPY vec_type_items TO STDOUT;

-- large values are stored out of line, uncompressed, and come back whole
INSERT INTO vec_type_items (id, any_dims)
SELECT 4, array_agg(i % 7 ORDER BY i)::vec FROM generate_series(1, 5000) AS i;
SELECT pg_column_size(any_dims) AS bytes, vec_dims(any_dims), subvector(any_dims, 4998, 3)
FROM vec_type_items WHERE id = 4;
SELECT pg_relation_size(reltoastrelid) > 0 AS has_toast FROM pg_class WHERE relname = 'vec_type_items';

-- small values are packed with a short header, at odd offsets too
CREATE TABLE vec_type_packed (a text, v vec, b "char");
INSERT INTO vec_type_packed SELECT repeat('x', i), array[i, i + 1]::vec, 'b' FROM generate_series(1, 4) AS i;
SELECT a, v, v + v AS doubled FROM vec_type_packed ORDER BY a;

-- arrays and rows of vec
SELECT ARRAY['[1,2]', '[3]']::vec[], ROW('[1]'::vec, 2);
SELECT ('{"[1,2]","[3]"}'::vec[])[1];

DROP TABLE vec_type_items, vec_type_copy, vec_type_packed;
