# Statements that rely on the order of a slab index's rows say what they say of the same rows after a sort, whatever the plan:
# DISTINCT, GROUP BY, WITH TIES, windows, joins, sets, cursors. Rounds of random tables, each with many random statements;
# PGSLAB_SEED=n repeats them, beginning with round n. PGSLAB_LONG=1 runs many more.
use strict;
use warnings;

use Digest::MD5 qw(md5);
use JSON::PP ();
use List::Util qw(min max);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestCompare;
use SlabTestStatements;
use Test::More;

my $plans = 50;
my $rounds = $ENV{PGSLAB_LONG} ? 200 : 8;
my $seed = random_seed();
my $node = new_server('main', conf => <<'CONF');
shared_buffers = 64MB
fsync = off
jit = off
slab.auto_compact = off
CONF

my %operator = (vec_l2_ops => '<->', vec_ip_ops => '<#>', vec_cosine_ops => '<=>', vec_l1_ops => '<+>');

$node->safe_psql('postgres', $SlabTestCompare::functions);

# Numbers of several characters.
my %number = (
    small => sub { int(rand(5)) - 2 },
    real => sub { rand(2) - 1 },
    far => sub { 1000 + rand(1) },
    tiny => sub { (rand(2) - 1) * 1e-20 },
    huge => sub { (rand(2) - 1) * 1e30 },
    half => sub { pick(1, -1) * pick(65504, 65520, 2**-14, 2**-24, 2048, 2049, 0.1) },
    sparse => sub { chance(0.9) ? 0 : rand(2) - 1 });

sub numbers
{
    my ($table) = @_;
    my $number = $number{ pick(@{ $table->{kinds} }) };

    return [ map { $number->() } 1 .. $table->{dims} ];
}

# Vectors of a table: new ones, copies of a few, and those that lie beside the few, closer than half precision can tell.
sub vector
{
    my ($table) = @_;
    my $copied = pick(@{ $table->{few} });

    return $copied if defined $copied && chance($table->{copies});
    if (defined $copied && chance($table->{near}))
    {
        my $error = pick(1e-3, 1e-5, 1e-7);
        return [ map { $_ * (1 + $error * (rand(2) - 1)) } @$copied ];
    }
    return numbers($table);
}

sub written
{
    my ($numbers) = @_;
    return "'[" . join(',', map { sprintf('%.8g', $_) } @$numbers) . "]'";
}

sub zero_vector
{
    my ($table) = @_;
    return written([ (0) x $table->{dims} ]);
}

sub new_rows
{
    my ($table, $n) = @_;
    my @rows;

    for (1 .. $n)
    {
        my $id = ++$table->{id};
        my $value = !$table->{has_others} || chance(0.96) ? written(vector($table)) : pick('NULL', zero_vector($table));
        push @rows, "($id, " . int(rand(11)) . ", $value)";
    }
    return 'INSERT INTO items VALUES ' . join(', ', @rows);
}

# What a round is about.
sub new_table
{
    my $dims = pick(1, 1 + int(rand(4)), 1 + int(rand(16)), 1 + int(rand(64)), 64);
    my $opclass = pick(sort(keys %operator), grep { $_ ne "vec_l1_ops" } sort keys %operator);
    my %table = (
        id => 0,
        dims => $dims,
        rows => min(int(40_000 / $dims), pick(300, 1000, 1500, 2500)),
        kinds => [ map { pick(sort keys %number) } 1 .. pick(1, 1, 2) ],
        copies => pick(0, 0.2, 0.6, 0.95),
        near => pick(0, 0.5, 0.9),
        # Rows that may have no distance, which are not in the index.
        has_others => chance(0.3),
        opclass => $opclass,
        operator => $operator{$opclass},
        lists => $opclass eq 'vec_l1_ops' ? 0 : pick(0, 1, 2, 10, 10, 40),
        storage => pick('f16', 'f32'),
        filters => chance(0.5) ? ', tag' : '');

    $table{few} = [ map { numbers(\%table) } 1 .. pick(1, 4, 12) ];
    $table{indexed} = $opclass eq 'vec_cosine_ops' ? sub { "vec_norm($_[0].v) > 0" }
      : $table{has_others} ? sub { "$_[0].v IS NOT NULL" } : sub { 'true' };
    return \%table;
}

sub create_index
{
    my ($table) = @_;
    my @options = ("storage = $table->{storage}");

    push @options, 'seal_threshold = ' . pick(20, 100) if chance(0.5);
    if ($table->{opclass} ne 'vec_l1_ops')
    {
        push @options, "lists = $table->{lists}";
        push @options, 'bits = ' . pick('auto', 'none', 4, 8) if chance(0.7);
        push @options, 'sample = ' . pick(0, 10, 200) if chance(0.3);
    }
    return "CREATE INDEX items_i ON items USING slab (v $table->{opclass}$table->{filters}) WITH (" . join(', ', @options) . ')';
}

sub create_table
{
    my ($table) = @_;
    my $columns = "CREATE TABLE items (id integer, tag integer, v vec($table->{dims}))";

    return $columns . ' WITH (fillfactor = ' . pick(50, 100) . ')' if chance(0.85);
    return "$columns PARTITION BY HASH (id)",
        map { "CREATE TABLE items_$_ PARTITION OF items FOR VALUES WITH (MODULUS 3, REMAINDER $_)" } 0 .. 2;
}

sub some_ids
{
    my $modulus = 2 + int(rand(20));
    return "id % $modulus = " . int(rand($modulus));
}

my @changes = (
    sub { my ($table) = @_; new_rows($table, pick(1, 20, int($table->{rows} / 5))) },
    sub { 'DELETE FROM items WHERE ' . some_ids() },
    sub { 'UPDATE items SET tag = tag WHERE ' . some_ids() },
    sub { 'UPDATE items AS i SET v = j.v FROM items AS j WHERE j.id = i.id + 1 AND i.' . some_ids() },
    sub { my ($table) = @_; 'UPDATE items SET v = ' . written(vector($table)) . ' WHERE ' . some_ids() },
    sub { 'VACUUM items' },
    sub { 'ANALYZE items' },
    sub { 'SELECT FROM test_index AS t, slab_compact(t.index, ' . pick('true', 'false') . ')' });

# Without a vector a search has no order: so where its rows are to be the same twice, there is one.
sub query
{
    my ($table, $plan) = @_;
    my $zero = zero_vector($table);
    my $stored = "(SELECT v FROM items WHERE v IS NOT NULL ORDER BY id OFFSET " . int(rand(200)) . " LIMIT 1)";

    return pick(
        "coalesce($stored, $zero)", "coalesce($stored, $zero)", written(vector($table)), written(vector($table)),
        written(numbers($table)), chance(0.3) ? $zero : $plan->{near} eq '' && chance(0.2) ? 'NULL' : written(vector($table)));
}

# The statement that checks a random plan.
sub check
{
    my ($table) = @_;
    my $plan = random_plan($table);
    my $query = query($table, $plan);
    my $written = '$plan$' . JSON::PP->new->canonical->encode($plan) . '$plan$';

    return "SELECT check_plan($written, $query)" if $plan->{mode} ne 'held';
    return "CREATE TEMP TABLE held AS SELECT $query\::vec AS query",
        "SELECT FROM held, hold($written, query)", "SELECT check_plan($written, query) FROM held", 'CLOSE ALL', 'DROP TABLE held';
}

# A table that changes after its index was built, with statements in between.
sub statements
{
    my ($table) = @_;
    my @statements = (create_table($table), new_rows($table, $table->{rows}), create_index($table));

    push @statements, 'ANALYZE items' if chance(0.5);
    push @statements,
      'CREATE TABLE others AS SELECT i AS id, i % 7 AS note FROM generate_series(1, ' . 2 * $table->{rows} . ', 3) AS i';
    push @statements, 'CREATE INDEX others_i ON others (id)' if chance(0.5);
    push @statements, (map { pick(@changes)->($table) } 1 .. pick(0, 0, 1, 4)), (map { check($table) } 1 .. 10)
      for 1 .. $plans / 10;
    return @statements, "SELECT slab_check(index, true) FROM test_index", 'DROP TABLE items, others';
}

for my $n ($seed .. $seed + $rounds - 1)
{
    # Hashed, because neighbouring seeds give similar choices.
    srand(unpack('L', md5("plans of round $n")));
    my $table = new_table();
    my @statements = statements($table);
    my ($output, $errors) = ('', '');
    my $status = $node->psql('postgres', join(";\n", 'SET client_min_messages = warning', @statements) . ";\n",
        stdout => \$output, stderr => \$errors, on_error_stop => 1);
    my $claim = sprintf('round %d: %d dims, %s%s, %s, %d lists, numbers %s, %d ids', $n,
        @$table{ 'dims', 'opclass', 'filters', 'storage', 'lists' }, join('+', @{ $table->{kinds} }), $table->{id});

    $output =~ s/^\s*$//mg;
    $errors = without_promises($errors);
    is($output . $errors, '', $claim) or diag("PGSLAB_SEED=$n repeats it");
    $node->safe_psql('postgres', 'DROP TABLE IF EXISTS items, others') if $status != 0;
}

# Of plans; and how much of what they should an approximate search gives, on average.
my ($checked, $indexed, $approximate, $share, $ties, $filled) = split /\|/, $node->safe_psql('postgres', <<'SQL');
SELECT count(*), count(*) FILTER (WHERE scans > 0), count(*) FILTER (WHERE scans > 0 AND approximate),
    round(avg(hits / nullif(wanted, 0)::numeric), 3), round(avg(ties_given / nullif(ties_there, 0)::numeric), 3),
    round(avg((given >= wanted)::integer) FILTER (WHERE available > 2 * wanted AND NOT (plan->>'ties')::boolean), 3)
FROM tally
SQL

note("$checked plans, $indexed of them with an index scan, $approximate of these approximate");
note("approximate searches gave $share of the nearest rows, $ties of the ties, and filled $filled of the limits");
is($checked, $rounds * $plans, 'every plan was compared');
cmp_ok($indexed, '>', 0.9 * $checked, 'most plans scan an index');
cmp_ok($approximate, '>', 0.3 * $checked, 'many searches are approximate');
cmp_ok($share, '>', 0.6, 'approximate searches give most rows');
cmp_ok($ties, '>', 0.6, 'most rows that are as far as the last one');
cmp_ok($filled, '>', 0.8, 'and as many as the limit says');
$node->stop;
done_testing();
