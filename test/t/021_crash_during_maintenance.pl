# A server killed at any moment of maintenance comes back with every row it acknowledged, sound indexes and exact answers, and
# maintenance goes on and gives back what was half-written.
#
# PGSLAB_CRASH_ROUNDS sets the number of crashes under load (5, or 200 with PGSLAB_LONG=1), PGSLAB_SEED the choices. Every second
# round commits without waiting for the WAL: then rows that were acknowledged may be gone, but from the index as from the table.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $rounds = $ENV{PGSLAB_CRASH_ROUNDS} // ($ENV{PGSLAB_LONG} ? 200 : 5);

random_seed();

my $node = new_server('main', conf => <<'CONF');
min_wal_size = 32MB
checkpoint_timeout = 30s
maintenance_work_mem = 1MB
restart_after_crash = on
# Scans that begin in the middle of a table lock its rows in an order of their own.
synchronize_seqscans = off
CONF

# One process killed at each stop point takes the server with it, which starts again by itself.

make_table($node);
foreach my $way (ways_to_stop_points())
{
    my ($point, $sql) = @$way;
    my $claim = "$sql killed at \"$point\"";

    make_way($node, $way);
    my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM t');
    my $lock = hold_stop_points($node);
    my ($session, $pid) = run_to_stop($node, $point, $sql);
    my $log = -s $node->logfile;
    kill 'KILL', $pid;
    $node->wait_for_log(qr/all server processes terminated; reinitializing/, $log);
    eval { $_->quit } foreach $session, $lock;
    wait_until_back($node) or die 'the server does not start again';
    is($node->safe_psql('postgres', 'SELECT count(*) FROM t'), $rows, "$claim: the table has its rows");
    indexes_are_sound($node, $claim);
    answers_are_exact($node, $claim);
    filters_are_exact($node, $claim, map { [ 't', $_, '<->', 200 ] } 'kept AND id % 10 = 3', 'NOT kept AND id % 10 IN (1, 7)');
    $node->safe_psql('postgres', "SELECT slab_compact('i')");
    nothing_is_half_written($node, 'i', $claim);
}
everything_is_given_back($node, $_, 'killed at each stop point') foreach 'i', 'other';

# An insert that is killed while it lets the index grow leaves what it has reserved, for the next one to take up; one that is
# killed right after that leaves a part without rows. Either may lie last. A worker might free runs, which inserts would take first.

$node->safe_psql('postgres', <<'SQL');
SET slab.auto_compact = off;
CREATE TABLE grown (v vec(40));
CREATE INDEX grown_i ON grown USING slab (v vec_l1_ops);
INSERT INTO grown SELECT test_vec(i, 40) FROM generate_series(1, 500) i;
SELECT slab_compact('grown_i', true);
SQL
my %growth_left = (
    growing => q{SELECT in_progress_bytes FROM slab_stats('grown_i')},
    grown => q{SELECT count(*) FROM slab_pages('grown_i') WHERE role = 'record'});
foreach my $point (sort keys %growth_left)
{
    my $left = $node->safe_psql('postgres', $growth_left{$point});
    my $lock = hold_stop_points($node);
    my ($session, $pid) = run_to_stop($node, $point, 'INSERT INTO grown VALUES (test_vec(1, 40))');

    $node->safe_psql('postgres', 'CHECKPOINT');
    my $log = -s $node->logfile;
    kill 'KILL', $pid;
    $node->wait_for_log(qr/all server processes terminated; reinitializing/, $log);
    eval { $_->quit } foreach $session, $lock;
    wait_until_back($node) or die 'the server does not start again';
    cmp_ok($node->safe_psql('postgres', $growth_left{$point}), '>', $left, "an insert killed at \"$point\" leaves blocks");
    if ($point eq 'growing')
    {
        my $reserved = $node->safe_psql('postgres', $growth_left{$point});

        $node->safe_psql('postgres', 'INSERT INTO grown VALUES (test_vec(1, 40))');
        cmp_ok($node->safe_psql('postgres', $growth_left{$point}), '<', $reserved, 'which the next one takes up');
    }
    $node->safe_psql('postgres', "SELECT slab_compact('grown_i', true)");
    is($node->safe_psql('postgres', $growth_left{$point}), $left, 'which a full compaction takes away') if $point eq 'grown';
    $node->safe_psql('postgres', "SELECT slab_check('grown_i', true)");
}
everything_is_given_back($node, 'grown_i', 'killed while it grows');
$node->safe_psql('postgres', 'DROP TABLE grown');
$node->safe_psql('postgres', 'DROP TABLE t');

# Everything at once, killed at random

# Rows that are kept are never updated or deleted. What inserts leave to be done, workers do.
my %tables = (
    small => { dims => 8, most => 6000, rows => 300, operator => '<->', index => 'small_i ON small USING slab (v, id, kept)' },
    middle => {
        dims => 200,
        most => 1500,
        rows => 60,
        operator => '<=>',
        index => 'middle_i ON middle USING slab (v vec_cosine_ops)' },
    plain => { dims => 40, most => 2000, rows => 100, operator => '<+>', index => 'plain_i ON plain USING slab (v vec_l1_ops, kept)' },
    sparse => {
        type => 'svec',
        dims => 1000,
        most => 2000,
        rows => 100,
        operator => '<=>',
        index => 'sparse_i ON sparse USING slab (v svec_cosine_ops, kept, id)' });

# A row's value, or a query for it.
sub value
{
    my ($t, $seed) = @_;

    return 'test_' . ($t->{type} // 'vec') . "($seed, $t->{dims})";
}

$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET slab.auto_compact');
foreach my $name (sort keys %tables)
{
    my $t = $tables{$name};

    $node->safe_psql('postgres', <<SQL);
CREATE TABLE $name (id bigserial PRIMARY KEY, kept bool NOT NULL DEFAULT false, v @{[ $t->{type} // 'vec' ]}($t->{dims}));
INSERT INTO $name (kept, v) SELECT true, @{[ value($t, 'i') ]} FROM generate_series(1, 100) i;
CREATE INDEX $t->{index} WITH (seal_threshold = 50, vacuum_threshold = 0.05);
SQL
}

sub write_statements
{
    my ($name) = @_;
    my $t = $tables{$name};
    my $n = 1 + int(rand($t->{rows}));
    my $seed = 1000 + int(rand(1_000_000_000));
    my $insert = "INSERT INTO $name (kept, v) SELECT %s, " . value($t, "$seed + i") . " FROM generate_series(1, $n) i";
    my $some = "NOT kept AND id % 7 = " . int(rand(7));
    my $choice = int(rand(10));

    return sprintf($insert, 'true') . " RETURNING 'kept $name ' || id;" if $choice < 4;
    return sprintf($insert, 'false') . ';' if $choice < 6;
    return 'BEGIN; ' . sprintf($insert, 'false') . '; ROLLBACK;' if $choice == 6;
    # Of rows that somebody else deletes meanwhile nothing is expected.
    return "UPDATE $name SET v = " . value($t, "$seed + id") . " WHERE $some;" if $choice == 7;
    return "DELETE FROM $name WHERE $some;";
}

# A row that has always been there is the nearest to itself; the first rows are those with the seeds 1 to 100.
sub search_statements
{
    my ($name) = @_;
    my $t = $tables{$name};
    my $vec = value($t, 1 + int(rand(100)));
    my $exact = rand() < 0.5 ? 'on' : 'off';

    return "SET enable_seqscan = off; SET slab.exact = $exact; "
      . "SELECT 'wrong: $name $vec' FROM (SELECT v $t->{operator} $vec AS d FROM $name ORDER BY 1 LIMIT 5) s HAVING min(d) > 0.001;";
}

sub maintenance_statements
{
    my ($name, $round) = @_;
    my @choices = (
        "VACUUM (INDEX_CLEANUP ON) $name;",
        "VACUUM $name;",
        "SELECT slab_compact('${name}_i') IS NULL;",
        "SELECT slab_compact('${name}_i', true) IS NULL;",
        "SELECT slab_vacuum('${name}_i') IS NULL;",
        $name =~ /plain|sparse/ ? '' : "SELECT slab_recluster('${name}_i') IS NULL;",
        $round % 3 == 0 ? 'CHECKPOINT;' : '');

    return $choices[ int(rand(@choices)) ] . ' SELECT pg_sleep(' . rand(0.05) . ');';
}

# Two sessions that write, one that searches, two that maintain, each with more to do than there is time for.
sub start_load
{
    my ($round) = @_;
    my @names = sort keys %tables;
    my @sessions;
    my @statements =
      (\&write_statements, \&write_statements, \&search_statements, \&maintenance_statements, \&maintenance_statements);

    foreach my $session (0 .. $#statements)
    {
        my $file = "$PostgreSQL::Test::Utils::tmp_check/maintained_${round}_$session";

        append_to_file("$file.sql",
            join("\n", map { $statements[$session]->($names[ int(rand(@names)) ], $round) } 1 .. 500) . "\n");
        push @sessions, { file => $file, run => run_in_background($node, "$file.sql", "$file.out") };
    }
    return @sessions;
}

foreach my $round (1 .. $rounds)
{
    my $seconds = 0.5 + rand(3);
    my $waits = $round % 2 == 1;
    my (%ids, $printed, $errors);

    # With much memory a crash takes pages that were never written; with little they leave it at any time, half done.
    $node->append_conf('postgresql.conf', 'shared_buffers = ' . ($round % 3 == 0 ? '2MB' : '128MB'));
    $node->append_conf('postgresql.conf', 'max_wal_size = ' . ($round % 3 == 0 ? '32MB' : '1GB'));
    $node->append_conf('postgresql.conf', 'synchronous_commit = ' . ($waits ? 'on' : 'off'));
    $node->restart;

    my @sessions = start_load($round);
    note(sprintf('round %d: killed after %.2f s', $round, $seconds));
    select(undef, undef, undef, $seconds);
    crash($node);
    $_->{run}->finish foreach @sessions;
    $node->start;

    $printed = join('', map { slurp_file("$_->{file}.out") } @sessions);
    $errors = join('', map { slurp_file("$_->{file}.out.errors") } @sessions);
    is(join(' ', $errors =~ /^.*ERROR: .*$/mg), '', "round $round: no statement failed before");
    is(join(' ', $printed =~ /^wrong.*$/mg), '', "round $round: no search missed a row that was there");
    push @{ $ids{$1} }, $2 while $printed =~ /^kept (\w+) (\d+)$/mg;
    foreach my $name ($waits ? sort keys %ids : ())
    {
        is( $node->safe_psql(
                'postgres', "SELECT count(*) FROM $name WHERE kept AND id IN (" . join(',', @{ $ids{$name} }) . ')'),
            scalar @{ $ids{$name} },
            "round $round: rows of $name that were acknowledged are there");
    }
    indexes_are_sound($node, "round $round");
    answers_are_exact($node, "round $round");
    filters_are_exact($node, "round $round", [ 'small', 'kept AND id > ' . int(rand(3000)), '<->', $tables{small}{dims} ]);

    foreach my $name (sort keys %tables)
    {
        # Rows of rounds past need not slow down those to come.
        $node->safe_psql('postgres', "DELETE FROM $name WHERE id > 100 AND id < (SELECT max(id) - $tables{$name}{most} FROM $name)");
        $node->safe_psql('postgres', "VACUUM (INDEX_CLEANUP ON) $name");
        everything_is_given_back($node, "${name}_i", "round $round");
    }
    indexes_are_sound($node, "round $round, after maintenance");
    answers_are_exact($node, "round $round, after maintenance");
}

done_testing();
