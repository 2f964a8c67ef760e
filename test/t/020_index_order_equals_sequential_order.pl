# Whatever is done to a table, an exact ordered scan of its slab index gives the distances that a sequential scan and a sort
# give, in the same order and to the last bit, for the same rows. Rounds of random tables, changes and queries;
# PGSLAB_SEED=n repeats them, beginning with round n. PGSLAB_LONG=1 runs many more.
use strict;
use warnings;

use Digest::MD5 qw(md5);
use List::Util qw(max min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $rounds = $ENV{PGSLAB_LONG} ? 1000 : 40;
my $seed = random_seed();
my $node = new_server('main', conf => <<'CONF');
shared_buffers = 64MB
fsync = off
max_worker_processes = 8
slab.exact = on
CONF

my %operator = (l2_ops => '<->', ip_ops => '<#>', cosine_ops => '<=>', l1_ops => '<+>');

$node->safe_psql('postgres', <<'SQL');
-- Ids and distances in the order in which a statement returns them, by an index scan or by a sequential one.
CREATE FUNCTION run(statement text, query vec, by_index boolean, OUT ids integer[], OUT distances double precision[])
LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    PERFORM set_config('enable_seqscan', (NOT by_index)::text, true),
        set_config('enable_indexscan', by_index::text, true);
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan USING query;
    IF plan::text ~ 'Index Scan' <> by_index OR plan::text ~ 'Seq Scan' = by_index THEN
        RAISE 'not the plan that was asked for: %', plan;
    END IF;
    EXECUTE 'SELECT coalesce(array_agg(id), ''{}''), coalesce(array_agg(distance), ''{}'') FROM (' || statement || ') AS s'
        INTO ids, distances USING query;
END $$;

CREATE FUNCTION sorted(ids integer[]) RETURNS integer[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM unnest(ids) AS id
$$;

-- How the index's answers to a query differ from those of a sequential scan, for several conditions and limits.
-- "indexed" is the condition for a row to be in the index.
CREATE FUNCTION faults(operator text, indexed text, query vec) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    condition text;
    page integer;
    statement text;
    i record;
    s record;
BEGIN
    FOR condition, page IN VALUES ('true', NULL), ('true', 1), ('true', 10), ('true', 1025), ('tag = 3', 5),
        ('id % 50 = 7', NULL), ('tag = 3 AND id % 2 = 0', 100), ('tag < 0', 3)
    LOOP
        statement := format('SELECT id, v %s $1 AS distance FROM items WHERE %s AND %s ORDER BY v %1$s $1 LIMIT %4$L',
                            operator, indexed, condition, page);
        i := run(statement, query, true);
        s := run(statement, query, false);
        IF i.distances IS DISTINCT FROM s.distances THEN
            RETURN NEXT format('WHERE %s LIMIT %s gives %s rows instead of %s, with distances %s instead of %s',
                condition, page, cardinality(i.ids), cardinality(s.ids), left(i.distances::text, 200), left(s.distances::text, 200));
        ELSIF page IS NULL AND sorted(i.ids) <> sorted(s.ids) THEN
            RETURN NEXT format('WHERE %s gives other rows', condition);
        ELSIF (SELECT count(DISTINCT id) FROM unnest(i.ids) AS id) <> cardinality(i.ids) THEN
            RETURN NEXT format('WHERE %s LIMIT %s gives a row twice', condition, page);
        END IF;
        IF condition = 'true' THEN
            SELECT coalesce(array_agg(t.distance), '{}') AS distances INTO i
            FROM slab_topk('items_i', query, coalesce(page, 2147483647)) AS t;
            IF i.distances <> s.distances THEN
                RETURN NEXT format('slab_topk for k = %s gives %s instead of %s',
                    page, left(i.distances::text, 200), left(s.distances::text, 200));
            END IF;
        END IF;
    END LOOP;
END $$;

-- Nobody else is here, so after VACUUM an index has a record for each row it should have, and tombstones for all others.
CREATE FUNCTION count_faults(indexed text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
    live bigint;
BEGIN
    EXECUTE 'SELECT count(*) FROM items WHERE ' || indexed INTO n;
    SELECT s.live INTO live FROM slab_stats('items_i') AS s;
    IF n <> live THEN
        RETURN NEXT format('%s rows are live in the index instead of %s', live, n);
    END IF;
END $$;
SQL

sub pick { return $_[ int(rand(@_)) ] }

sub chance
{
    my ($probability) = @_;
    return rand() < $probability;
}

# Numbers of several characters: with many ties, ordinary, of all magnitudes, near the ends of the ranges of half and
# single precision, mostly zero, alike and far from zero.
my %number = (
    small => sub { int(rand(7)) - 3 },
    real => sub { rand(2) - 1 },
    any => sub { (rand(2) - 1) * 10**(int(rand(60)) - 30) },
    tiny => sub { (rand(2) - 1) * 10**(-20 - rand(25)) },
    huge => sub { (rand(2) - 1) * 10**(30 + rand(8.4)) },
    half => sub { pick(1, -1) * pick(65504, 65505, 65520, 131008, 2**-14, 2**-15, 2**-24, 2**-25, 2048, 2049, 0.1) },
    sparse => sub { chance(0.9) ? 0 : rand(2) - 1 },
    far => sub { 10 + rand(1) },
    away => sub { 1e6 + int(rand(1000)) });

sub vector
{
    my ($round) = @_;
    my $number = $number{ pick(@{ $round->{kinds} }) };
    my $most = $round->{type} eq 'hvec' ? 65504 : 3.4e38;

    return '[' . join(',', map { sprintf('%.7g', max(-$most, min($most, $number->()))) } 1 .. $round->{dims}) . ']';
}

sub zero_vector
{
    my ($round) = @_;
    return '[' . join(',', (0) x $round->{dims}) . ']';
}

# VALUES of n new rows, some of them without a vector, without a direction, or equal to each other.
sub new_rows
{
    my ($round, $n) = @_;
    my @rows;
    my $vector;

    for (1 .. $n)
    {
        my $id = ++$round->{id};
        $vector = vector($round) unless defined $vector && chance(0.1);
        my $value = chance(0.03) ? 'NULL' : chance(0.03) ? "'" . zero_vector($round) . "'" : "'$vector'";
        push @rows, "($id, " . $id % 11 . ", $value)";
    }
    return join(', ', @rows);
}

sub some_ids
{
    my $modulus = 2 + int(rand(20));
    return "id % $modulus = " . int(rand($modulus));
}

# Changes to rows, any of which may stand in a transaction.
my @changes = (
    sub { my ($round, $n) = @_; 'INSERT INTO items VALUES ' . new_rows($round, $n) },
    sub { my ($round, $n) = @_; map { 'INSERT INTO items VALUES ' . new_rows($round, 1) } 1 .. ($n < 10 ? $n : 10) },
    sub {
        my ($round, $n) = @_;
        my $base = $round->{id};
        $round->{id} += $n;
        "INSERT INTO items SELECT $base + row_number() OVER (ORDER BY id), tag, v FROM (SELECT * FROM items ORDER BY id LIMIT $n) AS s";
    },
    sub { 'UPDATE items SET tag = tag WHERE ' . some_ids() },
    sub { my ($round) = @_; "UPDATE items SET v = '" . vector($round) . "' WHERE " . some_ids() },
    sub { 'UPDATE items SET v = NULL WHERE ' . some_ids() },
    sub { 'UPDATE items AS i SET v = j.v FROM items AS j WHERE j.id = i.id + 1 AND i.' . some_ids() },
    sub { my ($round) = @_; "UPDATE items SET v = '" . zero_vector($round) . "' WHERE " . some_ids() },
    sub { 'DELETE FROM items WHERE ' . some_ids() });

sub change
{
    my ($round) = @_;
    return pick(@changes)->($round, 1 + int(rand($round->{batch})));
}

# A change alone or several in a transaction, parts of which may be undone.
sub step
{
    my ($round) = @_;
    my @statements;

    return change($round) if chance(0.5);
    push @statements, 'BEGIN', change($round);
    while (chance(0.5))
    {
        push @statements, 'SAVEPOINT s', change($round), change($round),
            pick('ROLLBACK TO s', 'RELEASE s'), change($round);
    }
    return @statements, pick('COMMIT', 'COMMIT', 'ROLLBACK');
}

# What a round is about.
sub new_round
{
    my $dims = pick(1 + int(rand(8)), 1 + int(rand(64)), 1 + int(rand(300)), 1 + int(rand(2000)));
    my $most = int(200_000 / $dims);

    return {
        dims => $dims,
        type => pick('vec', 'vec', 'hvec'),
        opclass => pick(sort keys %operator),
        storage => pick('f16', 'f32'),
        kinds => [ map { pick(sort keys %number) } 1 .. pick(1, 2, 3) ],
        batch => min($most, pick(20, 100, 500, 2000)),
        id => 0
    };
}

sub create_index
{
    my ($round) = @_;
    my @options = ("storage = $round->{storage}");

    if ($round->{opclass} ne 'l1_ops')
    {
        push @options, 'lists = ' . pick(0, 1, 2, 10, 100) if chance(0.7);
        push @options, 'bits = ' . pick('auto', 'none', 4, 8) if chance(0.7);
        push @options, 'sample = ' . pick(0, 1, 10, 200) if chance(0.3);
    }
    return 'SET maintenance_work_mem = ' . pick("'1MB'", "'16MB'"),
        'ALTER TABLE items SET (parallel_workers = ' . pick(0, 0, 1, 2) . ')',
        'CREATE INDEX ' . pick('', 'CONCURRENTLY') . " items_i ON items USING slab (v $round->{type}_$round->{opclass}) WITH ("
          . join(', ', @options) . ')';
}

sub queries
{
    my ($round) = @_;
    my $first = "SELECT v FROM items WHERE v IS NOT NULL ORDER BY id OFFSET " . int(rand(20)) . ' LIMIT 1';

    return (
        "'" . vector($round) . "'",
        "'" . vector({ %$round, kinds => [ sort keys %number ] }) . "'",
        chance(0.3) ? "'" . zero_vector($round) . "'" : "'" . vector($round) . "'",
        "coalesce(($first), '" . zero_vector($round) . "')");
}

sub compare
{
    my ($round) = @_;
    my $operator = $operator{ $round->{opclass} };
    my $indexed = $operator eq '<=>' ? 'vec_norm(v) > 0' : 'v IS NOT NULL';

    return "SET work_mem = " . pick("'64kB'", "'4MB'"),
        "SET slab.isa = " . pick('auto', 'auto', 'baseline'),
        (map { "SELECT faults('$operator', '$indexed', ${_}::vec)" } queries($round)),
        "SELECT slab_check('items_i', true)",
        (chance(0.5) ? ('VACUUM items', "SELECT count_faults('$indexed')") : ());
}

# The statements of a round: the index comes first, last, or in between.
sub statements
{
    my ($round) = @_;
    my $steps = 2 + int(rand(10));
    my $index_at = pick(0, int(rand($steps + 1)), $steps);
    my @statements = ('CREATE TABLE items (id integer, tag integer, v ' . "$round->{type}($round->{dims})" . ') WITH (fillfactor = '
            . pick(20, 70, 100) . ')');

    for my $step (0 .. $steps)
    {
        push @statements, create_index($round) if $step == $index_at;
        push @statements, 'INSERT INTO items VALUES ' . new_rows($round, $round->{batch}) if $step == 0;
        push @statements, step($round) if $step < $steps;
        push @statements, 'VACUUM items' if chance(0.2);
        push @statements, compare($round) if $step > $index_at && chance(0.15);
        push @statements, 'REINDEX INDEX items_i' if $step > $index_at && chance(0.05);
    }
    return @statements, compare($round), 'DROP TABLE items';
}

for my $n ($seed .. $seed + $rounds - 1)
{
    # Hashed, because neighbouring seeds give similar choices.
    srand(unpack('L', md5("round $n")));
    my $round = new_round();
    my @statements = statements($round);
    my ($output, $errors) = ('', '');
    my $status = $node->psql('postgres', join(";\n", 'SET client_min_messages = warning', @statements) . ";\n",
        stdout => \$output, stderr => \$errors, on_error_stop => 1);
    my $claim = sprintf('round %d: %d dims, %s_%s, %s, numbers %s, %d ids',
        $n, @$round{ 'dims', 'type', 'opclass', 'storage' }, join('+', @{ $round->{kinds} }), $round->{id});

    $output =~ s/^\s*$//mg;
    $errors = without_promises($errors);
    is($output . $errors, '', $claim) or diag("PGSLAB_SEED=$n repeats it");
    $node->safe_psql('postgres', 'ROLLBACK; DROP TABLE IF EXISTS items') if $status != 0;
}

$node->stop;
done_testing();
