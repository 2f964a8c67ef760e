# What pgvector's documentation says of its types, pgslab_compat does: each expression here has the same value in a database with either,
# or fails with the same SQLSTATE. What is deliberately otherwise stands at the end, with its reason, and has to be otherwise.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');

plan skip_all => 'pgvector is not installed'
  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'}) eq '0';
note('pgvector ' . $node->safe_psql('postgres', q{SELECT default_version FROM pg_available_extensions WHERE name = 'vector'}));

my $setup = <<'SQL';
CREATE TABLE t (id integer, v vector(3), h halfvec(3), s sparsevec(3), b bit(4));
INSERT INTO t VALUES (1, '[1,2,3]', '[1,2,3]', '{1:1,3:3}/3', B'1010'), (2, '[0,-1,0.5]', '[0,-1,0.5]', '{2:-1}/3', B'0111'),
    (3, '[2,2,2]', '[2,2,2]', '{}/3', B'0000'), (4, NULL, NULL, NULL, NULL);
CREATE FUNCTION done(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
END
$$;
CREATE FUNCTION value_of(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE 'SELECT (' || expression || ')::text' INTO STRICT result;
    RETURN coalesce(result, 'null');
EXCEPTION WHEN OTHERS THEN
    RETURN 'SQLSTATE ' || SQLSTATE;
END
$$;
SQL

my @same = split /\n/, <<'CASES';
'[1,2,3]'::vector
'  [ 1, 2.5 ,  -3e2 ]  '::vector
'[1.23456789]'::vector
'[1e-45]'::vector
'[-1e37,1e38]'::vector
'[.5,5.]'::vector
'[]'::vector
'['::vector
']'::vector
'[1,2'::vector
'1,2]'::vector
'[1,2]x'::vector
'[1,,2]'::vector
'[,1]'::vector
'[1,]'::vector
'[1 2]'::vector
'[a]'::vector
''::vector
'   '::vector
'{1,2}'::vector
'(1,2)'::vector
'[NaN,1]'::vector
'[nan,1]'::vector
'[Infinity,1]'::vector
'[-inf,1]'::vector
'[1,2,3]'::vector(3)
'[1,2,3]'::vector(2)
'[1,2]'::vector(3)
'[1]'::vector(0)
'[1]'::vector(16000)
'[1]'::vector(16001)
'[1]'::vector(-1)
'[1]'::vector(3,2)
'[1]'::vector('a')
NULL::vector
('[1' || repeat(',1', 15999) || ']')::vector = ('[1' || repeat(',1', 15999) || ']')::vector
('[1' || repeat(',1', 16000) || ']')::vector
vector_dims(('[1' || repeat(',1', 15999) || ']')::vector)
'[1,2,3]'::halfvec
'[1.23456789,0.1]'::halfvec
'[ 1 , 2.5 ]'::halfvec
'[65504,-65504]'::halfvec
'[1e-8]'::halfvec
'[6e-8]'::halfvec
'[]'::halfvec
'[1,2'::halfvec
'[1,]'::halfvec
'[NaN]'::halfvec
'[inf]'::halfvec
'[a]'::halfvec
'[1,2]'::halfvec(3)
'[1,2]'::halfvec(2)
'[1]'::halfvec(0)
'[1]'::halfvec(16001)
'[1]'::halfvec(16000)
'{1:1.5,3:3.5}/5'::sparsevec
'{1:-2,3:4}/5'::sparsevec
'{}/5'::sparsevec
'{3:3.5,1:1.5}/5'::sparsevec
'  { 1 : 1.5 , 3 : 3.5 } / 5  '::sparsevec
'{1:0,2:1}/3'::sparsevec
'{1:1}/1000000000'::sparsevec
'{1000000000:1}/1000000000'::sparsevec
'{1:1,1:2}/5'::sparsevec
'{0:1}/5'::sparsevec
'{-1:1}/5'::sparsevec
'{6:1}/5'::sparsevec
'{1:1}/0'::sparsevec
'{}/0'::sparsevec
'{1:1}/-1'::sparsevec
'{1:1}'::sparsevec
'{1:1}/'::sparsevec
'{1:1'::sparsevec
'{1}/5'::sparsevec
'{:1}/5'::sparsevec
'{1:}/5'::sparsevec
'{1:a}/5'::sparsevec
'{a:1}/5'::sparsevec
'{1:1,}/5'::sparsevec
'{,1:1}/5'::sparsevec
'{1:1}/5x'::sparsevec
'[1,2]'::sparsevec
''::sparsevec
'{1:NaN}/5'::sparsevec
'{1:Infinity}/5'::sparsevec
'{1:1}/5'::sparsevec(5)
'{1:1}/5'::sparsevec(4)
'{1:1}/5'::sparsevec(0)
'{1:1}/5'::sparsevec(1000000001)
'[1,2,3]'::vector + '[4,5,6]'
'[1,2,3]'::vector + '[4,5]'
'[3e38]'::vector + '[3e38]'
'[1,2,3]'::vector - '[4,5,6]'
'[-3e38]'::vector - '[3e38]'
'[1,2,3]'::vector * '[4,5,6]'
'[1e37]'::vector * '[1e37]'
'[1,2]'::vector || '[3]'
('[1' || repeat(',1', 15999) || ']')::vector || '[1]'
'[1,2,3]'::halfvec + '[4,5,6]'
'[65504]'::halfvec + '[65504]'
'[1,2,3]'::halfvec - '[4,5,6]'
'[1,2,3]'::halfvec * '[4,5,6]'
'[1,2]'::halfvec || '[3]'
'[1,2,3]'::vector = '[1,2,3]'
'[1,2,3]'::vector = '[1,2]'
'[0]'::vector = '[-0]'
'[1,2,3]'::vector <> '[1,2,4]'
'[1,2,3]'::vector < '[1,2,4]'
'[1,2]'::vector < '[1,2,0]'
'[2]'::vector < '[1,2,0]'
'[1,2,3]'::vector <= '[1,2,3]'
'[1,2,3]'::vector > '[1,2]'
'[1,2,3]'::vector >= '[1,3]'
vector_cmp('[1,2,3]', '[1,2]')
vector_cmp('[1,2,3]', '[1,2,3]')
vector_cmp('[1,2]', '[1,3]')
'[1,2,3]'::halfvec = '[1,2,3]'
'[1,2]'::halfvec < '[1,2,0]'
halfvec_cmp('[1,2,3]', '[1,2]')
'{1:1}/3'::sparsevec = '{1:1}/3'
'{1:1}/3'::sparsevec = '{1:1}/4'
'{1:1}/3'::sparsevec < '{2:1}/3'
'{1:-1}/3'::sparsevec < '{2:1}/3'
'{1:1}/2'::sparsevec < '{1:1}/3'
sparsevec_cmp('{}/2', '{1:1}/2')
sparsevec_cmp('{}/2', '{1:-1}/2')
'[0,0]'::vector <-> '[3,4]'
'[0,0]'::vector <-> '[0,1]'
'[1,2]'::vector <-> '[3]'
'[1,2]'::vector <#> '[3,4]'
'[1,2]'::vector <#> '[3]'
'[1,2]'::vector <=> '[2,4]'
'[1,2]'::vector <=> '[0,0]'
'[1,1]'::vector <=> '[1,1]'
'[1,0]'::vector <=> '[0,2]'
'[1,1]'::vector <=> '[-1,-1]'
'[1,2]'::vector <=> '[3]'
'[0,0]'::vector <+> '[3,4]'
'[1,2]'::vector <+> '[3]'
l2_distance('[0,0]'::vector, '[3,4]')
l2_distance('[1,2]'::vector, '[3]')
inner_product('[1,2]'::vector, '[3,4]')
inner_product('[1,2]'::vector, '[3]')
cosine_distance('[1,2]'::vector, '[2,4]')
l1_distance('[0,0]'::vector, '[3,4]')
l2_distance('[0,0]'::halfvec, '[3,4]')
l2_distance('[1,2]'::halfvec, '[3]')
inner_product('[1,2]'::halfvec, '[3,4]')
cosine_distance('[1,2]'::halfvec, '[2,4]')
cosine_distance('[1,2]'::halfvec, '[0,0]')
l1_distance('[0,0]'::halfvec, '[3,4]')
'[1,2]'::halfvec <-> '[3,4]'
'[1,2]'::halfvec <#> '[3,4]'
'[1,1]'::halfvec <=> '[1,1]'
'[1,2]'::halfvec <+> '[3,4]'
l2_distance('{1:0,2:0}/2'::sparsevec, '{1:3,2:4}/2')
l2_distance('{}/2'::sparsevec, '{2:1}/3')
inner_product('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2')
cosine_distance('{1:1,2:2}/2'::sparsevec, '{1:2,2:4}/2')
cosine_distance('{1:1}/2'::sparsevec, '{}/2')
l1_distance('{}/2'::sparsevec, '{1:3,2:4}/2')
'{1:1}/2'::sparsevec <-> '{2:1}/2'
'{1:1,2:3}/2'::sparsevec <#> '{2:1}/2'
'{1:1}/2'::sparsevec <=> '{1:2}/2'
'{1:1}/2'::sparsevec <+> '{2:1}/2'
vector_dims('[1,2,3]'::vector)
vector_dims('[1,2,3]'::halfvec)
vector_dims('[1,2,3]')
vector_norm('[3,4]')
vector_norm('[3,4]'::vector)
vector_norm('[0]'::vector)
l2_norm('[3,4]'::halfvec)
l2_norm('{1:3,2:4}/2'::sparsevec)
l2_norm('{}/2'::sparsevec)
l2_normalize('[3,4]'::vector)
l2_normalize('[0,0]'::vector)
l2_normalize('[3,0]'::halfvec)
l2_normalize('[0,0]'::halfvec)
l2_normalize('{1:3}/2'::sparsevec)
l2_normalize('{}/2'::sparsevec)
subvector('[1,2,3,4,5]'::vector, 2, 3)
subvector('[1,2,3,4,5]'::vector, 0, 2)
subvector('[1,2,3,4,5]'::vector, -1, 3)
subvector('[1,2,3,4,5]'::vector, 4, 9)
subvector('[1,2,3,4,5]'::vector, 6, 1)
subvector('[1,2,3,4,5]'::vector, 1, 0)
subvector('[1,2,3,4,5]'::vector, 3, -1)
subvector('[1,2,3,4,5]'::vector, 1, 2147483647)
subvector('[1,2,3,4,5]'::vector, 3, 2147483647)
subvector('[1,2,3,4,5]'::vector, -2147483644, 2147483647)
subvector('[1,2,3,4,5]'::halfvec, 2, 3)
subvector('[1,2,3,4,5]'::halfvec, 6, 1)
binary_quantize('[1,0,-1]'::vector)
binary_quantize('[0,0.1,-0.2,-0.3,0.4,0.5,0.6,-0.7,0.8,-0.9,1]'::vector)
binary_quantize('[1,0,-1]'::halfvec)
pg_typeof(binary_quantize('[1,0,-1]'::vector))
hamming_distance(B'111', B'110')
hamming_distance(B'', B'')
hamming_distance(B'111', B'11')
hamming_distance('111', '110')
jaccard_distance(B'1111', B'1010')
jaccard_distance(B'1111', B'0000')
jaccard_distance(B'0000', B'0000')
jaccard_distance(B'111', B'11')
B'101' <~> B'110'
B'101' <%> B'110'
B'101' <~> B'11'
(B'1' || repeat('0', 63999)::bit(63999))::bit(64000) <~> repeat('1', 64000)::bit(64000)
'[1,2,3]'::vector::vector
'[1,2,3]'::vector::vector(3)
'[1,2,3]'::vector::vector(2)
ARRAY[1,2,3]::vector
ARRAY[1.5,2.5]::real[]::vector
ARRAY[1.5,2.5]::double precision[]::vector
ARRAY[1.5,2.5]::numeric[]::vector
ARRAY[1,2,3]::vector(3)
ARRAY[1,2,3]::vector(2)
'{NULL}'::real[]::vector
'{NaN}'::real[]::vector
'{Infinity}'::real[]::vector
'{-Infinity}'::real[]::vector
'{}'::real[]::vector
'{1e-300}'::double precision[]::vector
'{1e300}'::numeric[]::vector
array_fill(0, ARRAY[16000])::vector = array_fill(0.0, ARRAY[16000])::vector
array_fill(0, ARRAY[16001])::vector
'[1,2,3]'::vector::real[]
'[1,2,3]'::vector::double precision[]
'[1,2,3]'::vector::integer[]
array_length('[1,2,3]'::vector, 1)
(SELECT sum(x) FROM unnest('[1,2,3]'::vector::real[]) AS x)
'[1,2,3]'::vector::halfvec
'[1,2,3]'::vector::halfvec(3)
'[1,2,3]'::vector::halfvec(2)
'[65520]'::vector::halfvec
'[1e-8]'::vector::halfvec
'[1,2,3]'::halfvec::vector
'[1,2,3]'::halfvec::vector(3)
'[1,2,3]'::halfvec::vector(2)
'[1,2,3]'::halfvec::real[]
ARRAY[1,2,3]::halfvec
ARRAY[1.5,2.5]::real[]::halfvec
ARRAY[1.5,2.5]::double precision[]::halfvec
ARRAY[1.5,2.5]::numeric[]::halfvec
ARRAY[1,2,3]::halfvec(2)
'{NULL}'::real[]::halfvec
'{NaN}'::real[]::halfvec
'{Infinity}'::real[]::halfvec
'{}'::real[]::halfvec
'{65520}'::real[]::halfvec
'[0,1.5,0,3.5,0]'::vector::sparsevec
'[0,1.5,0,3.5,0]'::vector::sparsevec(5)
'[0,1.5,0,3.5,0]'::vector::sparsevec(4)
'[0,1.5,0,3.5,0]'::halfvec::sparsevec
'{2:1.5,4:3.5}/5'::sparsevec::vector
'{2:1.5,4:3.5}/5'::sparsevec::vector(5)
'{2:1.5,4:3.5}/5'::sparsevec::vector(4)
'{}/16001'::sparsevec::vector
'{2:1.5,4:3.5}/5'::sparsevec::halfvec
'{1:65520}/5'::sparsevec::halfvec
'{}/16001'::sparsevec::halfvec
ARRAY[1,0,2]::sparsevec
ARRAY[1.5,0,2]::real[]::sparsevec
ARRAY[1.5,0,2]::double precision[]::sparsevec
ARRAY[1.5,0,2]::numeric[]::sparsevec
ARRAY[1,0,2]::sparsevec(2)
'{NULL}'::real[]::sparsevec
'{NaN}'::real[]::sparsevec
'{}'::real[]::sparsevec
'[1,2]'::vector <-> '[3,4]'::halfvec
pg_typeof('[1,2]'::vector + '[3,4]'::halfvec)
'[1,2]'::vector <-> '{1:1}/2'::sparsevec
'[1,2]'::halfvec <-> '{1:1}/2'::sparsevec
'[1,2]'::vector = '[1,2]'::halfvec
'[1,2]'::vector <-> ARRAY[1,2]
'[1,2]'::vector <-> ARRAY[1,2]::vector
(SELECT avg(v) FROM t)
(SELECT sum(v) FROM t)
(SELECT avg(h) FROM t)
(SELECT sum(h) FROM t)
(SELECT avg(v) FROM t WHERE id > 3)
(SELECT sum(v) FROM t WHERE id > 3)
(SELECT avg(v) FROM t WHERE id > 9)
(SELECT sum(h) FROM t WHERE id > 9)
(SELECT avg(v) FROM unnest(ARRAY['[1,2]', '[3]']::vector[]) AS v)
(SELECT sum(v) FROM unnest(ARRAY['[1,2]', '[3]']::vector[]) AS v)
(SELECT sum(v) FROM unnest(ARRAY['[3e38]', '[3e38]']::vector[]) AS v)
(SELECT avg(v) FROM unnest(ARRAY['[3e38]', '[3e38]']::vector[]) AS v)
(SELECT sum(v) FROM unnest(ARRAY['[65504]', '[65504]']::halfvec[]) AS v)
(SELECT avg(v) FROM unnest(ARRAY['[65504]', '[65504]']::halfvec[]) AS v)
(SELECT array_agg(v ORDER BY v) FROM t)
(SELECT array_agg(h ORDER BY h DESC) FROM t)
(SELECT array_agg(s ORDER BY s) FROM t)
(SELECT array_agg(id ORDER BY v <-> '[1,1,1]') FROM t WHERE id < 4)
(SELECT array_agg(id ORDER BY v <#> '[1,1,1]') FROM t WHERE id < 4)
(SELECT array_agg(id ORDER BY v <=> '[1,1,1]') FROM t WHERE id < 4)
(SELECT array_agg(id ORDER BY v <+> '[1,2,1]') FROM t WHERE id < 4)
(SELECT array_agg(id ORDER BY s <-> '{1:1}/3') FROM t WHERE id < 4)
(SELECT array_agg(id ORDER BY b <~> B'1011') FROM t WHERE id < 4)
(SELECT count(DISTINCT v) FROM t)
(SELECT string_agg(DISTINCT h::text, ' ') FROM t)
(SELECT max(id) FROM t WHERE v = '[2,2,2]')
vector_send('[1,-2.5]')
halfvec_send('[1,-2.5]')
sparsevec_send('{2:1,4:-2.5}/5')
vector_l2_squared_distance('[1,2]', '[4,6]')
vector_negative_inner_product('[1,2]', '[4,6]')
halfvec_l2_squared_distance('[1,2]', '[4,6]')
halfvec_negative_inner_product('[1,2]', '[4,6]')
sparsevec_l2_squared_distance('{1:1}/2', '{1:4}/2')
sparsevec_negative_inner_product('{1:2}/2', '{1:4}/2')
vector_accum('{0}', '[1,2]')
vector_accum('{1,2,3}', '[1,2]')
vector_accum('{1,2,3}', '[1]')
vector_combine('{1,2,3}', '{0}')
vector_combine('{1,2,3}', '{3,4,5}')
vector_avg('{2,4,6}')
vector_avg('{0}')
halfvec_accum('{1,2,3}', '[1,2]')
halfvec_combine('{1,2,3}', '{3,4,5}')
halfvec_avg('{2,4,6}')
format_type('vector'::regtype, 768)
(SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0)
(SELECT concat_ws(' ', typlen, typalign, typstorage) FROM pg_type WHERE typname = 'vector')
(SELECT concat_ws(' ', typlen, typalign, typstorage) FROM pg_type WHERE typname = 'halfvec')
(SELECT concat_ws(' ', typlen, typalign, typstorage) FROM pg_type WHERE typname = 'sparsevec')
(SELECT string_agg(amname, ' ' ORDER BY amname) FROM pg_am WHERE amname IN ('hnsw', 'ivfflat'))
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops)')
done('CREATE INDEX ON t USING hnsw (v vector_ip_ops) WITH (m = 16, ef_construction = 64)')
done('CREATE INDEX ON t USING hnsw (v vector_cosine_ops) WITH (m = 100, ef_construction = 1000)')
done('CREATE INDEX ON t USING hnsw (v vector_l1_ops) WITH (m = 2, ef_construction = 4)')
done('CREATE INDEX ON t USING hnsw (h halfvec_l2_ops)')
done('CREATE INDEX ON t USING hnsw (h halfvec_ip_ops)')
done('CREATE INDEX ON t USING hnsw (h halfvec_cosine_ops)')
done('CREATE INDEX ON t USING hnsw (h halfvec_l1_ops)')
done('CREATE INDEX ON t USING hnsw (b bit_hamming_ops)')
done('CREATE INDEX ON t USING hnsw (b bit_jaccard_ops)')
done('CREATE INDEX ON t USING hnsw ((v::halfvec(3)) halfvec_l2_ops)')
done('CREATE INDEX ON t USING hnsw ((binary_quantize(v)::bit(3)) bit_hamming_ops)')
done('CREATE INDEX ON t USING ivfflat (v)')
done('CREATE INDEX ON t USING ivfflat (v vector_l2_ops) WITH (lists = 1)')
done('CREATE INDEX ON t USING ivfflat (v vector_ip_ops) WITH (lists = 1)')
done('CREATE INDEX ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 1)')
done('CREATE INDEX ON t USING ivfflat (h halfvec_l2_ops) WITH (lists = 1)')
done('CREATE INDEX ON t USING ivfflat (b bit_hamming_ops) WITH (lists = 1)')
done('CREATE INDEX ON t (v)')
done('CREATE INDEX ON t (h, s)')
done('CREATE INDEX ON t USING hnsw (v)')
done('CREATE INDEX ON t USING hnsw (h)')
done('CREATE INDEX ON t USING ivfflat (h)')
done('CREATE INDEX ON t USING ivfflat (v vector_l1_ops)')
done('CREATE INDEX ON t USING ivfflat (b bit_jaccard_ops)')
done('CREATE INDEX ON t USING hnsw (id)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops, id)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) INCLUDE (id)')
done('CREATE UNIQUE INDEX ON t USING hnsw (v vector_l2_ops)')
done('CREATE INDEX ON t USING hnsw ((v::vector) vector_l2_ops)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (m = 1)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (m = 101)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (ef_construction = 3)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (ef_construction = 1001)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (m = 16, ef_construction = 31)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (lists = 1, probes = 1)')
done('CREATE INDEX ON t USING ivfflat (v) WITH (lists = 0)')
done('CREATE INDEX ON t USING ivfflat (v) WITH (lists = 32769)')
done('CREATE INDEX ON t USING ivfflat (v) WITH (m = 16)')
done($$INSERT INTO t (v) VALUES ('[1,2]')$$)
done($$INSERT INTO t (h) VALUES ('[1,2]')$$)
done($$INSERT INTO t (s) VALUES ('{}/2')$$)
done('CREATE TABLE wide (v vector(16001))')
done('CREATE TABLE wide (v vector(16000), h halfvec(16000), s sparsevec(1000000000))')
done('CREATE TABLE u (LIKE t); INSERT INTO u SELECT * FROM t')
done('ALTER TABLE u ALTER id TYPE vector')
done('ALTER TABLE u ALTER v TYPE vector')
done('ALTER TABLE u ALTER v TYPE vector(2)')
done('ALTER TABLE u ALTER v TYPE halfvec(3)')
done('ALTER TABLE u ALTER h TYPE sparsevec(3)')
(SELECT string_agg(concat_ws(' ', v, h, s), ', ' ORDER BY id) FROM u)
(SELECT string_agg(indexdef, E'\\n' ORDER BY indexname) ~ 'USING hnsw' FROM pg_indexes WHERE tablename = 't')
CASES

# Expressions, each below why it is otherwise.
my @different = split /\n/, <<'CASES';
# Text has decimal numbers: pgvector takes whatever C's strtof() does.
'[0x1]'::vector
# A number that is too large is one error, wherever it stands: 22003, numeric_value_out_of_range.
'{1e300}'::double precision[]::vector
# A value that cannot be is data_exception; too much of what can be is program_limit_exceeded.
'{1:1}/1000000001'::sparsevec
# Arrays of several dimensions have an SQLSTATE of their own, array_subscript_error.
'{{1}}'::real[]::vector
'{{1}}'::real[]::halfvec
'{{1}}'::real[]::sparsevec
# A wrong state of an aggregate is an error of who calls the function, not an internal one.
vector_avg('{}')
# An inner product of zero has no sign.
'[0]'::vector <#> '[1]'
# Sums are of float8: they are rounded once, and what overflows on the way and ends within the range is no error.
(SELECT sum(v) FROM unnest(ARRAY['[3e38]', '[3e38]', '[-3e38]']::vector[]) AS v)
(SELECT sum(v) FROM unnest(ARRAY['[1]', '[1e-8]', '[1e-8]', '[1e-8]', '[1e-8]', '[1e-8]', '[1e-8]', '[1e-8]']::vector[]) AS v)
# Distances do not overflow where their values fit float8.
'[3e38]'::vector <-> '[-3e38]'
'[3e38]'::vector <#> '[3e38]'
'[3e38]'::vector <=> '[3e38]'
'[1e-30]'::vector <=> '[1e-30]'
# Equality can be hashed, for hash joins, hash indexes and DISTINCT.
(SELECT oprcanhash FROM pg_operator WHERE oprname = '=' AND oprleft = 'vector'::regtype)
done('CREATE INDEX ON t USING hash (v)')
# Where no argument has a type, a function that vec has is meant of vec.
l2_normalize('[3,4]')
l2_distance('[1,2]', '[3,4]')
# Functions of pgvector's own indexes are not there.
vector_spherical_distance('[1,0]', '[0,1]')
# A sparse vector may have as many values as it has dimensions, which its type has room for.
length(sparsevec_out(('{' || (SELECT string_agg(i || ':1', ',') FROM generate_series(1, 16001) AS i) || '}/20000')::sparsevec)::text)
# There is no index of sparse vectors yet.
done('CREATE INDEX ON t USING hnsw (s sparsevec_l2_ops)')
# Indexes may have 16000 dimensions, and options of ours.
done('CREATE INDEX ON wide USING hnsw (v vector_l2_ops)')
done('CREATE INDEX ON wide USING ivfflat (h halfvec_l2_ops)')
done('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (storage = f32)')
# They are of the category of vec, which is preferred there: so calls without types are of vec, as above.
(SELECT typcategory FROM pg_type WHERE typname = 'vector')
CASES

$node->safe_psql('postgres', "CREATE DATABASE $_") foreach 'compat', 'pgvector';
$node->safe_psql('compat', 'CREATE EXTENSION pgslab_compat CASCADE');
$node->safe_psql('pgvector', 'CREATE EXTENSION vector');
$node->safe_psql($_, $setup) foreach 'compat', 'pgvector';

# The values of the expressions, in one session.
sub values_in
{
    my ($database, @expressions) = @_;
    my $list = join ', ', map { "\$e\$$_\$e\$" } @expressions;

    return split /\n/, $node->safe_psql($database, "SELECT value_of(e) FROM unnest(ARRAY[$list]) WITH ORDINALITY AS u(e, n) ORDER BY n");
}

my @ours = values_in('compat', @same);
my @theirs = values_in('pgvector', @same);
is(scalar @ours, scalar @same, 'each expression has a value here');
is(scalar @theirs, scalar @same, 'and there');
is($ours[$_], $theirs[$_], "$same[$_]: " . substr($theirs[$_], 0, 60)) foreach 0 .. $#same;
is(scalar(grep { /SQLSTATE 42601/ } @theirs), 0, 'and no expression is one for its syntax alone');

# Each of those is otherwise, or it need not stand there.
my @expressions = grep { !/^#/ } @different;
@ours = values_in('compat', @expressions);
@theirs = values_in('pgvector', @expressions);
is(scalar @ours, scalar @expressions, 'each expression that differs has a value here');
foreach (0 .. $#expressions)
{
    note("$expressions[$_]: $ours[$_] here, $theirs[$_] there");
    isnt($ours[$_], $theirs[$_], "otherwise: $expressions[$_]");
}

done_testing();
