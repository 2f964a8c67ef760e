-- Casts between vec and arrays of numbers.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

SELECT ARRAY[1, 2, -3]::vec;
SELECT '{1.5,-0,1e-45}'::real[]::vec;
SELECT ARRAY[1.5, 0.1, 1e-50]::double precision[]::vec;
SELECT ARRAY[1.5, 0.1, 1e-50]::numeric[]::vec;
SELECT '{1,2,3}'::integer[]::vec(3);

-- integers and numerics are rounded once, to the nearest float
SELECT ARRAY[16777217, 2147483647]::vec;
SELECT ARRAY[1.00000005960464477539062500000000001, 1.000000059604644775390625]::numeric[]::vec;

-- subscripts of the array do not matter
SELECT '[5:7]={1,2,3}'::integer[]::vec;
-- slots for nulls without a null do not either
SELECT (ARRAY[NULL, 1, 2])[2:3]::integer[]::vec;

SELECT '[1,2.5]'::vec::real[];
SELECT '[1,0.1]'::vec::double precision[];
SELECT array_length('[1,2,3]'::vec::real[], 1), array_lower('[1,2,3]'::vec::real[], 1);

-- arrays become vec on assignment, vec becomes real[] wherever one is wanted
CREATE TABLE vec_casts_items (v vec(2), r real[], d double precision[]);
INSERT INTO vec_casts_items VALUES (ARRAY[1, 2], '[3,4]'::vec, '[5,6]'::vec);
INSERT INTO vec_casts_items VALUES (ARRAY[1.5, 2]::numeric[], NULL, NULL);
INSERT INTO vec_casts_items VALUES (ARRAY[7, 8]::real[], NULL, NULL);
INSERT INTO vec_casts_items VALUES (ARRAY[9, 10]::double precision[], NULL, NULL);
SELECT * FROM vec_casts_items;
CREATE FUNCTION pg_temp.first_of(real[]) RETURNS real LANGUAGE sql AS 'SELECT $1[1]';
SELECT pg_temp.first_of('[42,2]'::vec);

-- there and back
SELECT v = v::real[]::vec AND v = v::double precision[]::vec AS same FROM vec_casts_items;

DROP TABLE vec_casts_items;
