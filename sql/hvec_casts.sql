-- Casts between hvec, vec and arrays of numbers, and what a mixture of them means.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- arrays: each number is rounded once
SELECT ARRAY[1, 2, -3]::hvec, '{1.5,-0,1e-45}'::real[]::hvec, ARRAY[1.5, 0.1, 1e-50]::double precision[]::hvec,
       ARRAY[1.5, 0.1, 1e-50]::numeric[]::hvec, '{1,2,3}'::integer[]::hvec(3);
SELECT ARRAY[2049, 2051]::hvec AS integers, ARRAY[1.00048828125 + 1e-12, 1.00048828125]::double precision[]::hvec AS float8,
       ARRAY[1.00048828125000000000000000000000001, 1.00048828125]::numeric[]::hvec AS numeric;
SELECT '[5:7]={1,2,3}'::integer[]::hvec, (ARRAY[NULL, 1, 2])[2:3]::integer[]::hvec;
SELECT '[1,0.1]'::hvec::real[], '[1,0.1]'::hvec::double precision[], array_lower('[1,2,3]'::hvec::real[], 1);

-- vec and hvec
SELECT '[1,0.1,-2049]'::vec::hvec, '[1,0.1]'::hvec::vec, '[1,2]'::vec::hvec(2), '[1,2]'::hvec::vec(2);
SELECT '[65519.9,-65519.9]'::vec::hvec AS nearest;
SELECT ARRAY['[1]', '[0.1]']::vec[]::hvec[], ARRAY['[1]', '[0.1]']::hvec[]::vec[];

-- on assignment all of them, and from a vec to an hvec wherever one is wanted
CREATE TABLE hvec_casts_items (id integer, h hvec(2), v vec(2), r real[], d double precision[]);
INSERT INTO hvec_casts_items VALUES (1, ARRAY[1, 2], '[3,4]'::hvec, '[5,6]'::hvec, '[7,8]'::hvec);
INSERT INTO hvec_casts_items VALUES (2, '[0.1,1]'::vec, ARRAY[1.5, 2]);
SELECT * FROM hvec_casts_items ORDER BY id;
CREATE FUNCTION pg_temp.first_of(real[]) RETURNS real LANGUAGE sql AS 'SELECT $1[1]';
SELECT pg_temp.first_of('[42,2]'::hvec);
CREATE FUNCTION pg_temp.is_hvec(hvec) RETURNS boolean LANGUAGE sql AS 'SELECT true';
SELECT pg_temp.is_hvec('[1]'::vec);

-- where both meet, it is as hvec
SELECT pg_typeof('[1]'::hvec + '[1]'::vec), pg_typeof('[1]'::vec || '[1]'::hvec), pg_typeof(coalesce('[1]'::hvec, '[1]'::vec));
SELECT '[0.1]'::vec <-> '[0.1]'::hvec AS distance, '[0.1]'::hvec = '[0.1]'::vec AS equal, '[0.1]'::hvec::vec = '[0.1]'::vec AS equal_as_vec;
-- beside a literal or a parameter, the type of the other side
SELECT pg_typeof('[1]'::hvec + '[1]'), pg_typeof('[1]' + '[1]'::vec);
PREPARE hvec_casts_p AS SELECT id FROM hvec_casts_items ORDER BY h <-> $1, l2_distance($2, h), id;
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'hvec_casts_p';
DEALLOCATE hvec_casts_p;
-- and where no side has a type, vec
SELECT pg_typeof(l2_normalize('[3,4]')), vec_dims('[1,2]'), l2_distance('[0]', '[1]'), pg_typeof(subvector('[1,2]', 1, 1));
PREPARE hvec_casts_p AS SELECT inner_product($1, $2), slab_topk(0, $3, 1);
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'hvec_casts_p';
DEALLOCATE hvec_casts_p;

DROP TABLE hvec_casts_items;
