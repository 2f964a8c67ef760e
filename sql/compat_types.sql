-- The types of pgslab_compat: what pgvector calls vector, halfvec and sparsevec, and what messages say of them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
CREATE EXTENSION pgslab_compat;
RESET client_min_messages;

-- what drivers look up
SELECT typname, typlen, typalign, typstorage, typcategory, typispreferred, typinput, typoutput, typreceive, typsend, typmodin
FROM pg_type WHERE typname IN ('vector', 'halfvec', 'sparsevec') ORDER BY typname;
SELECT format_type('vector'::regtype, 768), format_type('halfvec'::regtype, 3), format_type('sparsevec'::regtype, 1000000000);

-- in and out
SELECT '[1, 2.5, -3e2]'::vector, '[1, 2.5, -3e2]'::halfvec(3), '{1:1.5, 3:-2e2}/5'::sparsevec(5);
SELECT vector_send('[1,2]'), halfvec_send('[1,2]'), sparsevec_send('{2:1}/3');
SELECT vector_send('[1,2]') = vec_send('[1,2]'), halfvec_send('[1,2]') = hvec_send('[1,2]'),
    sparsevec_send('{2:1}/3') = svec_send('{2:1}/3');
CREATE TABLE compat_types (id integer, v vector(2), h halfvec(2), s sparsevec(2));
COPY compat_types FROM stdin;
1	[1,2]	[3,4]	{1:5}/2
2	[0.1,-0]	[0.1,-0]	{}/2
\.
SELECT * FROM compat_types ORDER BY id;
INSERT INTO compat_types (v) VALUES ('[1,2,3]');
INSERT INTO compat_types (h) VALUES ('[1,2,3]');
INSERT INTO compat_types (s) VALUES ('{1:1}/3');

-- errors name the types
CREATE FUNCTION compat_error(statement text) RETURNS TABLE (code text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN QUERY SELECT '00000', 'no error', '', '';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END
$$;
\x on
SELECT statement, e.* FROM unnest(ARRAY[
    $$SELECT '[1,2'::vector$$, $$SELECT '[]'::vector$$, $$SELECT '[1,NaN]'::vector$$, $$SELECT '[1,inf]'::halfvec$$,
    $$SELECT '[1e39]'::vector$$, $$SELECT '[65520]'::halfvec$$, $$SELECT '[1,2]'::vector(3)$$, $$SELECT '[1]'::vector(0)$$,
    $$SELECT '[1]'::vector(16001)$$, $$SELECT '[1]'::halfvec(1,2)$$, $$SELECT '{1:1}'::sparsevec$$, $$SELECT '{0:1}/2'::sparsevec$$,
    $$SELECT '{3:1}/2'::sparsevec$$, $$SELECT '{1:1,1:2}/2'::sparsevec$$, $$SELECT '{1:nan}/2'::sparsevec$$,
    $$SELECT '{1:1}/0'::sparsevec$$, $$SELECT '{1:1}/2'::sparsevec(3)$$, $$SELECT '{1:1}/2'::sparsevec(1000000001)$$,
    $$SELECT '[1,2]'::vector <-> '[1]'$$, $$SELECT '[1,2]'::halfvec = '[1]'$$, $$SELECT '{1:1}/2'::sparsevec <=> '{1:1}/3'$$,
    $$SELECT '[1]'::vector + '[1,2]'$$, $$SELECT '[3e38]'::vector + '[3e38]'$$, $$SELECT '[60000]'::halfvec + '[60000]'$$,
    $$SELECT subvector('[1,2]'::vector, 3, 1)$$, $$SELECT ARRAY[1, NULL]::vector$$, $$SELECT ARRAY[[1],[2]]::halfvec$$,
    $$SELECT '{}'::real[]::vector$$, $$SELECT '{}'::real[]::sparsevec$$, $$SELECT ARRAY[1, 'infinity']::float8[]::halfvec$$,
    $$SELECT '{1:1}/16001'::sparsevec::vector$$, $$SELECT '{1:70000}/2'::sparsevec::halfvec$$,
    $$SELECT avg(v) FROM unnest(ARRAY['[1]', '[1,2]']::vector[]) AS v$$, $$SELECT vector_avg('{}')$$]) AS statement, compat_error(statement) AS e;
\x off

-- distances and functions
SELECT v <-> '[1,1]', v <#> '[1,1]', round((v <=> '[1,1]')::numeric, 5), v <+> '[1,1]' FROM compat_types ORDER BY id;
SELECT h <-> '[1,1]', h <#> '[1,1]', round((h <=> '[1,1]')::numeric, 5), h <+> '[1,1]' FROM compat_types ORDER BY id;
SELECT s <-> '{1:1}/2', s <#> '{1:1}/2', s <=> '{1:1}/2', s <+> '{1:1}/2' FROM compat_types ORDER BY id;
SELECT l2_distance(v, '[1,1]'), inner_product(v, '[1,1]'), round(cosine_distance(v, '[1,1]')::numeric, 5), l1_distance(v, '[1,1]'),
    vector_l2_squared_distance(v, '[1,1]'), vector_negative_inner_product(v, '[1,1]') FROM compat_types ORDER BY id;
SELECT vector_dims(v), vector_norm(v), l2_normalize(v), subvector(v, 1, 1), binary_quantize(v), v + v, v - v, v * v, v || v
FROM compat_types ORDER BY id;
SELECT vector_dims(h), l2_norm(h), l2_normalize(h), subvector(h, 1, 1), binary_quantize(h), h + h, h - h, h * h, h || h
FROM compat_types ORDER BY id;
SELECT l2_norm(s), l2_normalize(s) FROM compat_types ORDER BY id;
SELECT avg(v), sum(v), avg(h), sum(h) FROM compat_types;
SELECT hamming_distance(B'1100', B'1010'), jaccard_distance(B'1100', B'1010'), B'1100' <~> B'1010', B'1100' <%> B'1010';

-- casts, and where types meet
SELECT v::halfvec, v::sparsevec, v::real[], h::vector, h::sparsevec, h::real[], s::vector, s::halfvec FROM compat_types ORDER BY id;
SELECT ARRAY[1, 2]::vector, ARRAY[1.5, 2]::real[]::halfvec, ARRAY[1.5, 0]::float8[]::sparsevec, ARRAY[1.5, 2]::numeric[]::vector(2);
SELECT pg_typeof(v + '[1,1]'::halfvec), pg_typeof(v + '[1,1]'), v <-> h, v <-> s, h <-> s FROM compat_types ORDER BY id;

-- with our own types
SELECT v <-> '[1,1]'::vec, h <-> '[1,1]'::hvec, s <-> '{1:1}/2'::svec, vec_dims(v), v::vec, '[1,2]'::vec::vector,
    pg_typeof(v + '[1,1]'::vec) FROM compat_types ORDER BY id;
SELECT v::vec(3) FROM compat_types;

-- a call of which no argument has a type means vec, where there is one of vec
SELECT pg_typeof(l2_normalize('[3,4]')), pg_typeof(vector_norm('[3,4]'));
SELECT vector_dims('[3,4]');

-- order, keys, and equality that hashes
CREATE TABLE compat_keys (v vector(2) PRIMARY KEY, h halfvec(2) UNIQUE, s sparsevec(2) UNIQUE);
INSERT INTO compat_keys SELECT ARRAY[i, 1], ARRAY[i, 2], ARRAY[i, 3] FROM generate_series(1, 100) AS i;
INSERT INTO compat_keys SELECT * FROM compat_keys LIMIT 1;
SELECT v, h, s FROM compat_keys WHERE v = '[7,1]' OR h = '[8,2]' OR s = '{1:9,2:3}/2' ORDER BY v DESC;
SELECT count(*) FROM compat_keys WHERE v < '[50,1]' AND h >= '[10,2]' AND s <> '{1:20,2:3}/2';
SET enable_sort = off;
EXPLAIN (COSTS OFF) SELECT DISTINCT v FROM compat_types;
SELECT count(*) FROM (SELECT DISTINCT v, h, s FROM compat_keys) AS d;
RESET enable_sort;

DROP TABLE compat_types, compat_keys;
DROP FUNCTION compat_error;
DROP EXTENSION pgslab_compat;
