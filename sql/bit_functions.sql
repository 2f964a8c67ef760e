-- Distances of PostgreSQL's bit strings, and vectors as bits.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgslab;
RESET client_min_messages;

-- values by hand
SELECT hamming_distance(B'1011', B'1101'), B'1011' <~> B'1101' AS op, jaccard_distance(B'1011', B'1101'), B'1011' <%> B'1101' AS op;
SELECT a, b, a <~> b AS hamming, a <%> b AS jaccard FROM (VALUES
    (B'', B''), (B'0', B'0'), (B'0', B'1'), (B'1', B'1'), (B'1100', B'0011'), (B'1111', B'1000'), (B'0000000', B'1111111'),
    (B'00000001', B'10000001'), (B'000000001', B'100000001'), (B'1111111111111111', B'1111111011111111')) AS t(a, b);

-- NULL
SELECT hamming_distance(NULL, B'1') IS NULL AND jaccard_distance(B'1', NULL) IS NULL AND B'1' <~> NULL IS NULL AND NULL <%> B'1' IS NULL
    AND binary_quantize(NULL::vec) IS NULL AND binary_quantize(NULL::hvec) IS NULL AS strict;

-- bit, varbit and what has no type, on either side
SELECT B'101'::bit(3) <~> B'110'::bit(3), B'101'::bit(3) <~> B'110'::varbit, B'101'::varbit(8) <~> B'110'::bit(3),
       B'101'::varbit <~> B'110'::varbit, '101' <~> B'110', B'101'::varbit <~> '110', '101' <~> '110', X'5' <~> '0110';
SELECT B'101'::bit(3) <%> B'110'::bit(3) = 1 - 1 / 3::float8, B'101'::bit(3) <%> B'110'::varbit = 1 - 1 / 3::float8, '101' <%> B'110' = 1 - 1 / 3::float8,
       '101' <%> '110' = 1 - 1 / 3::float8, jaccard_distance('101', '110') = 1 - 1 / 3::float8;
SELECT hamming_distance(B'101'::bit(3), B'110'::varbit), hamming_distance(B'101'::varbit, B'110'::bit(3)), hamming_distance('101', '110');
PREPARE untyped AS SELECT $1 <~> $2, hamming_distance($3, $4), B'101'::bit(3) <%> $5;
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'untyped';
EXECUTE untyped('1010', '1111', '', '', '101');
PREPARE typed(bit, bit(3), varbit) AS SELECT $1 <~> $2, $2 <%> $3, jaccard_distance($1, $3);
EXECUTE typed('101', '111', '111');
SET plan_cache_mode = force_generic_plan;
EXECUTE typed('101', '111', '111');
RESET plan_cache_mode;
DEALLOCATE ALL;

-- every bit counts, whatever the remainder of a byte, a word or a block
SELECT count(*) FROM generate_series(1, 2100) AS n, LATERAL (SELECT repeat('0', n)::varbit AS zeros, repeat('1', n)::varbit AS ones) AS s
WHERE zeros <~> ones <> n OR ones <~> ones <> 0 OR zeros <%> ones <> 1 OR ones <%> ones <> 0 OR zeros <%> zeros <> 1
   OR set_bit(zeros, n - 1, 1) <~> zeros <> 1 OR abs((set_bit(ones, n - 1, 0) <%> ones) - 1 / n::float8) > 1e-15;
-- against counting one by one
SELECT setseed(0.5);
CREATE TABLE bit_functions_random AS
SELECT n, coalesce(string_agg((random() < 0.5)::integer::text, '') FILTER (WHERE i IS NOT NULL), '')::varbit AS a,
       coalesce(string_agg((random() < 0.3)::integer::text, '') FILTER (WHERE i IS NOT NULL), '')::varbit AS b
FROM generate_series(0, 400) AS n LEFT JOIN generate_series(1, 400) AS i ON i <= n * 7 % 401 GROUP BY n;
SELECT count(*), min(length(a)), max(length(a)), count(DISTINCT a <~> b) > 100 AS varied FROM bit_functions_random;
SELECT count(*) FROM bit_functions_random, LATERAL (
    SELECT count(*) FILTER (WHERE x <> y) AS differing, count(*) FILTER (WHERE x = 1 AND y = 1) AS shared,
           count(*) FILTER (WHERE x = 1 OR y = 1) AS either
    FROM generate_series(0, length(a) - 1) AS i, LATERAL (SELECT get_bit(a, i) AS x, get_bit(b, i) AS y) AS bits) AS counted
WHERE a <~> b <> differing OR hamming_distance(b, a) <> differing
   OR a <%> b <> CASE shared WHEN 0 THEN 1 ELSE 1 - shared::float8 / either END OR jaccard_distance(b, a) <> a <%> b;

-- long ones
SELECT a <~> b AS none_alike, a <~> ones AS half, a <~> a AS same, a <%> b AS disjoint, a <%> ones AS half, a <%> a AS same
FROM (SELECT repeat('10', 500000)::varbit AS a, repeat('01', 500000)::varbit AS b, repeat('1', 1000000)::varbit AS ones) AS s;
SELECT set_bit(a, 999999, 1) <~> a AS last, set_bit(a, 0, 0) <~> a AS first, set_bit(a, 1, 1) <%> a = 1 - 500000 / 500001::float8 AS second
FROM (SELECT repeat('10', 500000)::varbit AS a) AS s;

-- in a table: with short headers, at any alignment, inline, compressed, and out of line
CREATE TABLE bit_functions_items (id integer, filler "char", short bit(20), inline varbit(4000), compressed varbit, outside varbit);
ALTER TABLE bit_functions_items ALTER inline SET STORAGE plain, ALTER outside SET STORAGE external;
INSERT INTO bit_functions_items
SELECT i, 'x', repeat('10', 10)::bit(20) >> i, repeat('10', 2000)::varbit >> i, repeat('10', 50000)::varbit >> i, repeat('10', 50000)::varbit >> i
FROM generate_series(0, 3) AS i;
SELECT pg_column_size(short), pg_column_size(inline), pg_column_size(compressed) < 2000 AS is_compressed, pg_column_size(outside)
FROM bit_functions_items WHERE id = 1;
SELECT pg_relation_size(reltoastrelid) > 0 AS has_toast FROM pg_class WHERE relname = 'bit_functions_items';
SELECT a.id, b.id, a.short <~> b.short AS short, a.inline <~> b.inline AS inline, a.compressed <~> b.compressed AS compressed,
       a.outside <~> b.outside AS outside, a.compressed <~> b.outside AS mixed, a.outside <%> b.outside AS jaccard
FROM bit_functions_items AS a JOIN bit_functions_items AS b ON a.id <= b.id ORDER BY 1, 2;
SELECT id FROM bit_functions_items ORDER BY short <~> B'00101010101010101010', id LIMIT 2;

-- a call is the operator, for the planner to find an index of it, and costs what the declared length tells
SELECT plan_of($$SELECT id FROM bit_functions_items ORDER BY hamming_distance(short, '00101010101010101010') LIMIT 1$$);
SELECT plan_of($$SELECT id FROM bit_functions_items ORDER BY jaccard_distance(B'1', inline) LIMIT 1$$);
CREATE FUNCTION pg_temp.cost_of(expression text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE format('EXPLAIN (FORMAT json) SELECT %s FROM bit_functions_costs', expression) INTO plan;
    RETURN round((plan -> 0 -> 'Plan' ->> 'Total Cost')::numeric, 2);
END $$;
CREATE DOMAIN pg_temp.bits_64 AS bit(64);
CREATE TEMPORARY TABLE bit_functions_costs (b64 bit(64), domain pg_temp.bits_64, b8192 bit(8192), v8192 varbit(8192), b65536 bit(65536), b bit(1), v varbit, e vec(64));
SELECT pg_temp.cost_of('b64 <~> ''1''') < pg_temp.cost_of('b8192 <~> ''1''') AS longer_costs_more,
       pg_temp.cost_of('b8192 <~> ''1''') < pg_temp.cost_of('b65536 <~> ''1''') AS and_out_of_line,
       pg_temp.cost_of('b8192 <~> ''1''') = pg_temp.cost_of('v8192 <~> ''1''') AS varbit_too,
       pg_temp.cost_of('b8192 <~> ''1''') = pg_temp.cost_of('''1'' <%> b8192') AS on_either_side,
       pg_temp.cost_of('b8192 <~> ''1''') = pg_temp.cost_of('hamming_distance(b8192, ''1'')') AS as_a_call,
       pg_temp.cost_of('b64 <~> ''1''') = pg_temp.cost_of('domain <~> ''1''') AS of_a_domain,
       pg_temp.cost_of('v <~> ''1''') > pg_temp.cost_of('b8192 <~> ''1''') AS unknown_costs_what_was_declared;
SELECT pg_temp.cost_of('v <~> binary_quantize(e)::bit(64)') - pg_temp.cost_of('binary_quantize(e)::bit(64)')
     = pg_temp.cost_of('b64 <~> ''1''') - pg_temp.cost_of('b64') AS cast_tells;
DROP TABLE bit_functions_costs;

-- in parallel
ALTER TABLE bit_functions_random SET (parallel_workers = 2);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM plan_of($$SELECT sum(a <~> b), sum(jaccard_distance(a, b)) FROM bit_functions_random$$) AS line WHERE line ~ 'Parallel Seq Scan';
SELECT sum(a <~> b) AS parallel FROM bit_functions_random \gset
SET max_parallel_workers_per_gather = 0;
SELECT sum(a <~> b) = :parallel AS is_serial, sum(length(replace((a # b)::text, '0', ''))) = :parallel AS is_counted FROM bit_functions_random;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- each operator is its own commutator, and there are no others of these names
SELECT o.oid::regoperator, o.oprcom::regoperator, o.oprcode FROM pg_operator AS o WHERE oprname IN ('<~>', '<%>') ORDER BY oprname;

-- vectors as bits: 1 where an element is above zero
SELECT binary_quantize('[1,0,-1,-0,1e-45,-1e-45,3e38,-3e38,1e-50]'::vec);
SELECT binary_quantize('[1,0,-1,-0,6e-8,-6e-8,65504,-65504,1e-9]'::hvec);
SELECT binary_quantize('[0]'::vec) AS zero, binary_quantize('[-0]'::hvec) AS negative_zero, binary_quantize('[0,0,0,0,0,0,0,0,1]'::vec) AS ninth;
SELECT pg_typeof(binary_quantize('[1]'::vec)), pg_typeof(binary_quantize('[1]'::hvec)), length(binary_quantize(array_fill(1, ARRAY[16000])::hvec));
SELECT binary_quantize('[1,2,-3]'::vec)::bit(3), binary_quantize('[1,2,-3]'::vec)::bit(2) AS shorter, binary_quantize('[1,2,-3]'::hvec)::bit(5) AS longer;
SELECT binary_quantize('[1,2,-3]'::vec) <~> binary_quantize('[1,-2,3]'::hvec), binary_quantize('[1,2,-3]'::vec) <%> '111' = 1 - 2 / 3::float8;

-- their Hamming distance is the number of elements of which one is above zero
CREATE TABLE bit_functions_vectors AS
SELECT n, (SELECT array_agg(('{-1,-1e-30,-0,0,1e-30,1}'::real[])[1 + abs(hashint4extended(i, n) % 6)]) FROM generate_series(1, n) AS i)::vec AS v,
       (SELECT array_agg(hashint4extended(i, n + 1000) / 1e19) FROM generate_series(1, n) AS i)::vec AS w
FROM generate_series(1, 300, 7) AS n;
SELECT count(*) FILTER (WHERE d <> differing OR h <> halves) AS wrong, count(*) AS of, sum(d) > 1000 AND sum(h) > 1000 AS many FROM bit_functions_vectors,
LATERAL (SELECT binary_quantize(v) <~> binary_quantize(w) AS d, hamming_distance(binary_quantize(v::hvec), binary_quantize(w::hvec)) AS h,
                (SELECT count(*) FROM unnest(v::real[], w::real[]) AS e(x, y) WHERE (x > 0) <> (y > 0)) AS differing,
                (SELECT count(*) FROM unnest(v::hvec::real[], w::hvec::real[]) AS e(x, y) WHERE (x > 0) <> (y > 0)) AS halves) AS s;

-- indexes on the expression, and columns made of it
CREATE TABLE bit_functions_signs AS SELECT i, ARRAY[i % 2 - 0.5, i % 3 - 1, i % 5 - 2]::vec(3) AS v FROM generate_series(1, 300) AS i;
CREATE INDEX bit_functions_signs_i ON bit_functions_signs ((binary_quantize(v)::bit(3)));
ALTER TABLE bit_functions_signs ADD COLUMN signs bit(3) GENERATED ALWAYS AS (binary_quantize(v)) STORED;
ANALYZE bit_functions_signs;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT plan_of($$SELECT count(*) FROM bit_functions_signs WHERE binary_quantize(v)::bit(3) = B'110'$$);
SELECT count(*) FROM bit_functions_signs WHERE binary_quantize(v)::bit(3) = B'110';
RESET enable_bitmapscan;
RESET enable_seqscan;
SELECT count(*) FROM bit_functions_signs WHERE signs = '110' AND i % 2 = 1 AND i % 3 = 2 AND i % 5 <= 2;
SELECT signs <~> '110' AS distance, count(*) FROM bit_functions_signs GROUP BY 1 ORDER BY 1;
CREATE TABLE bit_functions_made AS SELECT binary_quantize(v) AS b FROM bit_functions_signs;
SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'bit_functions_made'::regclass AND attname = 'b';
DROP TABLE bit_functions_items, bit_functions_random, bit_functions_vectors, bit_functions_signs, bit_functions_made;
