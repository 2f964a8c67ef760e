# Slab indexes of the types of the extension vector return rows in the order of that extension's operators, which add in float32 and
# so put nearly equal rows into another order than ours.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestNeighbours;
use Test::More;

my $node = new_neighbours('main');

# Rows that differ from a few others in the last bits of a few elements; and rows at and beyond the ends of what float32 can square.
# Those of the last kind have no cosine distance that says anything, and are in a table of their own.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION nearly(seed bigint, dims integer) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg((x * (1 + (hashint8(seed * 7919 + o) % 4) * 1.2e-7))::real ORDER BY o)::vector
    FROM unnest(test_vec(seed % 7, dims)::real[]) WITH ORDINALITY AS u(x, o)
$$;
CREATE TABLE narrow (id int, v vector(3), h halfvec(3));
CREATE TABLE middle (id int, v vector(96), h halfvec(96));
CREATE TABLE wide (id int, v vector(768), h halfvec(768));
INSERT INTO narrow SELECT i, nearly(i, 3), nearly(i, 3) FROM generate_series(1, 1500) i;
INSERT INTO middle SELECT i, nearly(i, 96), nearly(i, 96) FROM generate_series(1, 1500) i;
INSERT INTO wide SELECT i, nearly(i, 768), nearly(i, 768) FROM generate_series(1, 600) i;
CREATE TABLE ends (id int, v vector(4));
INSERT INTO ends SELECT i, ARRAY[sign(hashint4(i)) * e, e / (1 + i % 3), -e * (i % 5), e]::real[]::vector
    FROM generate_series(1, 900) i, LATERAL (SELECT 10.0 ^ (hashint4(i + 1000) % 38)) f(e);
INSERT INTO ends SELECT i, '[0,0,0,0]' FROM generate_series(901, 910) i;

-- By class and storage, one index at a time: faults of the order that it gives to all rows, exactly and not.
CREATE FUNCTION order_faults(tab text, col text, class text, operator text, options text, query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    right_order double precision[];
    all_due double precision[];
    found double precision[];
    statement text := format('SELECT array_agg(d) FROM (SELECT %1$I %2$s %3$L AS d FROM %4$I ORDER BY %1$I %2$s %3$L LIMIT 100000) s',
                             col, operator, query, tab);
    plan text;
    is_exact text;
    bound double precision;
    due bigint;
    within bigint;
    kind text;
    what text := concat_ws(' ', tab, class, options);
BEGIN
    PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
            set_config('enable_seqscan', 'on', true);
    EXECUTE statement INTO right_order;
    -- Zero vectors are in no index under cosine.
    all_due := CASE operator WHEN '<=>' THEN array_remove(right_order, 'NaN') ELSE right_order END;
    EXECUTE format('CREATE INDEX tried ON %I USING slab (%I %I, id) %s', tab, col, class, options);
    PERFORM slab_check('tried', true);
    PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'off', true);
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan;
    IF plan NOT LIKE '%"tried"%' THEN
        RETURN NEXT what || ': the index is not used';
    END IF;
    FOREACH is_exact IN ARRAY ARRAY['on', 'off'] LOOP
        PERFORM set_config('slab.exact', is_exact, true);
        EXECUTE statement INTO found;
        IF is_exact = 'on' AND found IS DISTINCT FROM all_due THEN
            RETURN NEXT what || ': an exact search gives another order';
        END IF;
        IF EXISTS (SELECT FROM unnest(found) WITH ORDINALITY a(d, o) JOIN unnest(found) WITH ORDINALITY b(d, o) ON b.o = a.o + 1
                   WHERE a.d > b.d) THEN
            RETURN NEXT what || ': rows come out of order, exact ' || is_exact;
        END IF;
        IF cardinality(found) < 100 THEN
            RETURN NEXT what || ': too few rows';
        END IF;
    END LOOP;
    -- A bound that is some row's own value, with and without that row; and one beside it.
    PERFORM set_config('slab.exact', 'on', true);
    FOREACH bound IN ARRAY ARRAY[right_order[1], right_order[50], right_order[cardinality(right_order) / 2],
                                 right_order[cardinality(right_order) / 2] * 1.0000001] LOOP
        FOREACH kind IN ARRAY ARRAY['<', '<='] LOOP
            CONTINUE WHEN bound = 'NaN' OR bound = 'Infinity';
            EXECUTE format('SELECT count(*) FROM unnest($1) d WHERE d %s $2', kind) INTO due USING right_order, bound;
            EXECUTE format('SELECT count(*) FROM %I WHERE %I %s %L %s $1', tab, col, operator, query, kind) INTO within USING bound;
            IF due <> within THEN
                RETURN NEXT format('%s: %s rows instead of %s are %s %s', what, within, due, kind, bound);
            END IF;
        END LOOP;
    END LOOP;
    DROP INDEX tried;
END
$$;
SQL

my %operators = (l2 => '<->', ip => '<#>', cosine => '<=>', l1 => '<+>');
my @tables = ([ 'narrow', 3 ], [ 'middle', 96 ], [ 'wide', 768 ]);

# What makes this test worth while: on these rows, the order of our operator is none of theirs.
foreach my $table (@tables)
{
    my ($name, $dims) = @$table;

    foreach my $class ('l2', 'ip', 'cosine')
    {
        cmp_ok(
            $node->safe_psql('postgres', <<"SQL"), '>', 0, "the operators of vec order rows of table $name otherwise by $class");
SELECT count(*) FROM (
    SELECT d, lag(d) OVER (ORDER BY ours, d DESC) AS before
    FROM (SELECT v $operators{$class} nearly(3, $dims) AS d, v::vec $operators{$class} nearly(3, $dims)::vec AS ours FROM $name) s) t
WHERE d < before
SQL
    }
}

sub order_is_right
{
    my ($table, $column, $class, $operator, $query, $claim) = @_;

    foreach my $options ('', 'WITH (storage = f32)', 'WITH (storage = f16, lists = 4)', 'WITH (storage = int8)', 'WITH (storage = bits)')
    {
        next if $operator eq '<+>' && $options =~ /lists/;
        is($node->safe_psql('postgres', "SELECT * FROM order_faults('$table', '$column', '$class', '$operator', '$options', $query)"),
            '', "$claim, $class $options");
    }
}

foreach my $table (@tables)
{
    my ($name, $dims) = @$table;

    foreach my $class (sort keys %operators)
    {
        order_is_right($name, 'v', "vector_${class}_ops", $operators{$class}, "nearly(3, $dims)::text", "nearly equal rows of $dims dims");
        order_is_right($name, 'h', "halfvec_${class}_ops", $operators{$class}, "nearly(3, $dims)::text",
            "nearly equal halves of $dims dims");
    }
}
foreach my $class ('l2', 'ip', 'l1')
{
    order_is_right('ends', 'v', "vector_${class}_ops", $operators{$class}, "'$_'", "rows of all sizes, near $_")
      foreach '[1,2,-3,4]', '[1e19,-2e19,1e18,0]', '[3e-23,1e-23,2e-24,0]', '[0,0,0,0]';
}

# Vectors that float32 cannot tell the length of have a cosine distance that says nothing; an order of it is refused.
my $too_long = qr/22003.*too long for the operator <=> of type vector.*DETAIL:.*4-byte float.*HINT:.*l2_normalize/s;
my $too_short = qr/22003.*too short for the operator <=> of type vector.*DETAIL:.*HINT:/s;
run_fails_with($node, 'CREATE INDEX ON ends USING slab (v vector_cosine_ops)', qr/22003.*for the operator <=> of type vector/s,
    'rows without a cosine distance are in no index');
$node->safe_psql('postgres', 'CREATE TABLE directions (v vector(2)); CREATE INDEX ON directions USING slab (v vector_cosine_ops)');
run_fails_with($node, q(INSERT INTO directions VALUES ('[1e19,0]')), $too_long, 'nor can they come into one');
run_fails_with($node, q(INSERT INTO directions VALUES ('[1e-19,1e-17]')), $too_short, 'nor short ones');
run_fails_with($node, q(SET enable_seqscan = off; SELECT FROM directions ORDER BY v <=> '[1e19,0]' LIMIT 1), $too_long,
    'nor is there an order by one');
is($node->safe_psql('postgres', q(SET enable_indexscan = off; SELECT count(*) FROM directions WHERE v <=> '[1e19,0]' < 0.5)), '0',
    'the planner asks nothing of it');
$node->safe_psql('postgres', q(INSERT INTO directions VALUES ('[0,0]'), ('[1,2]'), ('[2,1]'), (NULL)));
is($node->safe_psql('postgres', q(SET enable_seqscan = off; SELECT v FROM directions ORDER BY v <=> '[1,1.1]' LIMIT 2)), "[1,2]\n[2,1]",
    'a vector of zeros, which has no direction, is left out as ever');

# Rows that come later are in the sidecar, and may change.
$node->safe_psql('postgres', <<'SQL');
CREATE INDEX living ON middle USING slab (v, id) WITH (lists = 3);
INSERT INTO middle SELECT i, nearly(i, 96) FROM generate_series(2001, 2600) i;
DELETE FROM middle WHERE id % 5 = 0;
UPDATE middle SET v = nearly(id + 1, 96) WHERE id % 7 = 0;
SQL
my $by_index = 'SET enable_seqscan = off; SET slab.exact = on;';
my $by_table = 'SET enable_indexscan = off; SET enable_bitmapscan = off;';
foreach my $condition ('true', 'id % 3 = 1', 'id BETWEEN 100 AND 180', 'id IN (7, 12, 2100, 2233, 77)')
{
    my $query = "SELECT array_agg(d) FROM (SELECT v <-> nearly(3, 96) AS d FROM middle WHERE $condition "
      . 'ORDER BY v <-> nearly(3, 96) LIMIT 10000) s';

    is($node->safe_psql('postgres', "$by_index $query"), $node->safe_psql('postgres', "$by_table $query"),
        "rows that came later are in order, where $condition");
}
is( $node->safe_psql('postgres', q(SET slab.exact = on; SELECT array_agg(distance) FROM slab_topk('living', nearly(3, 96), 500))),
    $node->safe_psql('postgres', "$by_table SELECT array_agg(d) FROM (SELECT v <-> nearly(3, 96) AS d FROM middle ORDER BY 1 LIMIT 500) s"),
    'slab_topk has the same distances');
my $joined = 'SELECT q.id, s.distances FROM (SELECT id, v FROM middle WHERE id < 30) q, LATERAL (SELECT array_agg(d) AS distances '
  . 'FROM (SELECT m.v <-> q.v AS d FROM middle m ORDER BY m.v <-> q.v LIMIT 40) n) s ORDER BY 1';
like($node->safe_psql('postgres', "$by_index EXPLAIN $joined"), qr/Index Scan using living on middle m/, 'a join searches by one row after the other');
is($node->safe_psql('postgres', "$by_index $joined"), $node->safe_psql('postgres', "$by_table $joined"), 'each in its own order');
$node->safe_psql('postgres', 'VACUUM middle; SELECT slab_compact(\'living\', true); SELECT slab_check(\'living\', true)');
is($node->safe_psql('postgres', "$by_index SELECT count(*) FROM (SELECT FROM middle ORDER BY v <-> nearly(3, 96) LIMIT 10000) s"),
    $node->safe_psql('postgres', 'SELECT count(*) FROM middle'), 'no row is lost by compaction');

done_testing();
