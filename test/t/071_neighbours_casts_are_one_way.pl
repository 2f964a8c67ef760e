# Values go from the types of the extension vector to ours and back, and beside both no expression means two things: whatever could be
# written with one extension alone means the same with the bridge, and where types of both meet there is one way.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestNeighbours;
use Test::More;

my $node = new_neighbours('main');
my %ours = (vector => 'vec', halfvec => 'hvec', sparsevec => 'svec');

# ---- values

foreach my $case (
    [ 'vector', '[1,-2.5,0.1]' ],
    [ 'vector', '[3.4028235e+38,1e-45,-0]' ],
    [ 'halfvec', '[1,-2.5,65504]' ],
    [ 'halfvec', '[6e-8,-0,0.1]' ],
    [ 'sparsevec', '{1:1.5,3:-2}/5' ],
    [ 'sparsevec', '{}/1000000000' ])
{
    my ($type, $text) = @$case;
    my $our = $ours{$type};

    is($node->safe_psql('postgres', "SELECT '$text'::${type}::${our}::text = '$text'::${our}::text"), 't', "$text is the same $our as $type");
    is($node->safe_psql('postgres', "SELECT '$text'::${our}::${type} = '$text'::${type}"), 't', 'and back');
    is($node->safe_psql('postgres', "SELECT pg_column_size('$text'::${type}::${our}) = pg_column_size('$text'::${type})"), 't', 'with as many bytes');
}
my $wrong = qr/22000.*expected 4 dimensions.*not 3.*DETAIL.*HINT/s;
run_fails_with($node, q(SELECT '[1,2,3]'::vector(3)::vec(4)), $wrong, 'a cast heeds dimensions');
run_fails_with($node, q(SELECT '[1,2,3]'::vec(3)::vector(4)), $wrong, 'and the way back does');
run_fails_with($node, q(SELECT '[1,2,3]'::halfvec::hvec(4)), $wrong, 'where the value has none declared, too');
run_fails_with($node, q(SELECT '{1:1}/3'::sparsevec::svec(4)), $wrong, 'of sparse ones as well');
is( $node->safe_psql('postgres', q(SELECT array_agg(v)::vec[] = ARRAY['[1,2]', '[3,4]']::vec[] FROM (VALUES ('[1,2]'::vector), ('[3,4]')) t(v))),
    't', 'arrays are cast');

# ---- names: what every expression means

# What a session says of an expression: the operator or function and the type of the result, or the error.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION meaning(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE 'SELECT format_type(pg_typeof(' || expression || '), NULL)' INTO result;
    RETURN result;
EXCEPTION
    WHEN ambiguous_function OR indeterminate_datatype THEN RETURN 'ambiguous';
    WHEN undefined_function OR cannot_coerce OR datatype_mismatch THEN RETURN 'none';
    WHEN OTHERS THEN RETURN 'an error when it ran: ' || SQLERRM;
END
$$;
-- Operands: of both extensions, of no known type, and of others that these are cast from or to.
CREATE TABLE operand (name text PRIMARY KEY, value text, side text);
INSERT INTO operand VALUES
    ('vector', $$'[1,2,3]'::vector$$, 'theirs'), ('vector(3)', $$'[1,2,3]'::vector(3)$$, 'theirs'),
    ('halfvec', $$'[1,2,3]'::halfvec$$, 'theirs'), ('sparsevec', $$'{1:1,2:2,3:3}/3'::sparsevec$$, 'theirs'),
    ('vec', $$'[1,2,3]'::vec$$, 'ours'), ('hvec', $$'[1,2,3]'::hvec$$, 'ours'), ('svec', $$'{1:1,2:2,3:3}/3'::svec$$, 'ours'),
    ('literal', $$'[1,2,3]'$$, 'any'), ('sparse literal', $$'{1:1,2:2,3:3}/3'$$, 'any'),
    ('real[]', $$'{1,2,3}'::real[]$$, 'any'), ('float8[]', $$'{1,2,3}'::float8[]$$, 'any'), ('integer[]', $$'{1,2,3}'::int[]$$, 'any'),
    ('numeric[]', $$'{1,2,3}'::numeric[]$$, 'any'), ('bit', $$B'101'$$, 'any'), ('varbit', $$B'101'::varbit$$, 'any');
-- Every operator and function of one of these types, of either extension, in each place of an operand.
CREATE VIEW expression AS
    WITH types AS (SELECT unnest('{vector,halfvec,sparsevec,vec,hvec,svec,bit,varbit}'::regtype[]) AS type),
    binaries AS (
        SELECT DISTINCT oprname AS name FROM pg_operator o JOIN pg_depend d ON d.objid = o.oid AND d.classid = 'pg_operator'::regclass
            AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname IN ('vector', 'pgslab')
        WHERE oprname <> '<?>' UNION SELECT '||'),
    functions AS (
        SELECT DISTINCT p.proname AS name, p.pronargs AS arguments, p.prokind FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid
            AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
            JOIN pg_extension e ON e.oid = d.refobjid AND e.extname IN ('vector', 'pgslab')
        WHERE p.proargtypes[0] IN (SELECT type FROM types) AND p.prokind IN ('f', 'a')
          AND p.proname !~ '_(in|out|recv|send|accum|combine|to_\w+|typmod_\w+)$')
    SELECT format('%s %s %s', a.value, b.name, c.value) AS expression, a.side AS one, c.side AS other
    FROM binaries b, operand a, operand c
    UNION ALL
    SELECT format('%I(%s, %s)', f.name, a.value, c.value), a.side, c.side FROM functions f, operand a, operand c WHERE f.arguments = 2
    UNION ALL
    SELECT format('%I(%s)', f.name, a.value), a.side, a.side FROM functions f, operand a WHERE f.arguments = 1
    UNION ALL
    SELECT format('%I(%s, 1, 2)', f.name, a.value), a.side, a.side FROM functions f, operand a WHERE f.arguments = 3
    UNION ALL
    SELECT format(e, a.value, c.value), a.side, c.side
    FROM unnest(ARRAY['ARRAY[%s, %s]', 'coalesce(%s, %s)', 'CASE WHEN true THEN %s ELSE %s END', '(%s IN (%s))', 'greatest(%s, %s)',
                      '(%s IS NOT DISTINCT FROM %s)', 'nullif(%s, %s)', 'num_nonnulls(%s, %s)', '(%s = ANY (ARRAY[%s]))']) e, operand a, operand c;
SQL
my $meanings = 'SELECT expression, meaning(expression) FROM expression ORDER BY 1';
my $with_bridge = 'CREATE TABLE with_bridge AS SELECT *, meaning(expression) FROM expression';

$node->safe_psql('postgres', $with_bridge);
$node->safe_psql('postgres', 'DROP EXTENSION pgslab_pgvector; CREATE TABLE without AS SELECT *, meaning(expression) FROM expression;'
      . 'CREATE EXTENSION pgslab_pgvector');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM with_bridge'), '>', 5000, 'many expressions are tried');
is($node->safe_psql('postgres', <<'SQL'), '', 'the bridge changes no meaning of what had one');
SELECT expression, w.meaning, b.meaning FROM without w JOIN with_bridge b USING (expression, one, other)
WHERE w.meaning <> b.meaning AND w.meaning NOT IN ('none', 'ambiguous') LIMIT 20
SQL
is($node->safe_psql('postgres', <<'SQL'), '', 'nor makes anything ambiguous');
SELECT expression, w.meaning FROM without w JOIN with_bridge b USING (expression, one, other)
WHERE b.meaning = 'ambiguous' AND w.meaning <> 'ambiguous' LIMIT 20
SQL
cmp_ok($node->safe_psql('postgres', q(SELECT count(*) FROM with_bridge WHERE one <> other AND 'any' NOT IN (one, other) AND meaning <> 'none')),
    '>', 100, 'and types of both can meet');
foreach my $pair ([ 'vector', 'vec' ], [ 'halfvec', 'hvec' ], [ 'sparsevec', 'svec' ])
{
    my ($their, $our) = @$pair;
    my $value = $their eq 'sparsevec' ? '{1:1}/3' : '[1,2,3]';

    foreach my $operator ('<->', '<#>', '<=>', '<+>')
    {
        is($node->safe_psql('postgres', "SELECT meaning(\$\$'$value'::$_->[0] $operator '$value'::$_->[1]\$\$)"),
            'double precision', "$_->[0] $operator $_->[1]")
          foreach [ $their, $our ], [ $our, $their ];
    }
    is($node->safe_psql('postgres', "SELECT meaning(\$\$'$value'::${their} = '$value'::${our}\$\$)"), 'boolean', "$their = $our");
}
is($node->safe_psql('postgres', q(SELECT pg_typeof('[1,2]'::vector + '[1,2]'::vec))), 'vec', 'what both make is ours');

# ---- queries: a client's vector beside a column of ours, as after a change of type

is($node->safe_psql('postgres', <<'SQL'), '1', 'a vector is compared with a column of vecs, by the index of vecs');
CREATE TABLE ours (id int, v vec(3));
INSERT INTO ours SELECT i, test_vec(i, 3) FROM generate_series(1, 500) i;
CREATE INDEX ON ours USING slab (v vec_cosine_ops);
SET enable_seqscan = off;
PREPARE nearest(vector) AS SELECT id FROM ours ORDER BY v <=> $1 LIMIT 1;
SELECT format('EXECUTE nearest(%L)', v) FROM ours WHERE id = 1 \gexec
SQL
like($node->safe_psql('postgres', q(SET enable_seqscan = off; EXPLAIN SELECT id FROM ours ORDER BY v <=> '[1,2,3]'::vector LIMIT 1)),
    qr/Index Scan using ours_v_idx/, 'which the plan shows');

done_testing();
