# A standby gives right answers while the primary maintains its indexes, can take over at any moment of it, and a query whose
# pages the primary has used again gets the right rows or a conflict with recovery.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

random_seed();

my $primary = new_server('primary', allows_streaming => 1);
$primary->backup('backup');

sub start_standby
{
    my ($name) = @_;
    my $standby = PostgreSQL::Test::Cluster->new($name);

    $standby->init_from_backup($primary, 'backup', has_streaming => 1);
    # Nothing that a VACUUM removes, no lock that the primary takes, ends a query here soon; pages used again are another matter.
    $standby->append_conf('postgresql.conf', "hot_standby_feedback = off\nmax_standby_streaming_delay = -1");
    $standby->start;
    return $standby;
}

my $standby = start_standby('standby');
make_table($primary);

sub standby_agrees
{
    my ($claim) = @_;
    my $rows = "SELECT count(*), (SELECT count(*) FROM slab_topk('i', test_vec(0, 200), 100000)) FROM t";

    $primary->wait_for_catchup($standby);
    is($standby->safe_psql('postgres', $rows), $primary->safe_psql('postgres', $rows), "$claim: as many rows");
    indexes_are_sound($standby, "$claim, standby");
    answers_are_exact($standby, "$claim, standby");
    filters_are_exact($standby, "$claim, standby", map { [ 't', $_, '<->', 200 ] } 'id % 10 = 3', 'NOT kept AND id % 10 IN (1, 7)');
    return;
}

# After each step, and at each stop point of it

foreach my $way (ways_to_stop_points())
{
    my ($point, $sql) = @$way;

    make_way($primary, $way);
    standby_agrees('after inserts and flushes') if $point eq 'vacuum';
    my $lock = hold_stop_points($primary);
    my ($session) = run_to_stop($primary, $point, $sql);
    # The primary wants the index for itself when it cuts the file, and holds the standby's sessions up until it has done so.
    standby_agrees("$sql at \"$point\"") if $point ne 'cut';
    $lock->quit;
    $session->query_safe('SELECT 1');
    $session->quit;
    standby_agrees("$sql");
}

# Taking over while the primary is half-way

foreach my $point ('reserved', 'written', 'publish', 'published')
{
    my $taking_over = start_standby("at_$point");

    make_work($primary);
    my $rows = $primary->safe_psql('postgres', 'SELECT count(*) FROM t');
    my $lock = hold_stop_points($primary);
    my ($session) = run_to_stop($primary, $point, "SELECT slab_compact('i', true)");
    $primary->wait_for_catchup($taking_over);
    $taking_over->promote;
    $taking_over->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'the standby does not take over';
    $lock->quit;
    $session->query_safe('SELECT 1');
    $session->quit;
    is($taking_over->safe_psql('postgres', 'SELECT count(*) FROM t'), $rows, "taken over at \"$point\": all rows are there");
    indexes_are_sound($taking_over, "taken over at \"$point\"");
    answers_are_exact($taking_over, "taken over at \"$point\"");
    # A key of a sequence may have been skipped, not given twice.
    make_work($taking_over);
    $taking_over->safe_psql('postgres', "SELECT slab_recluster('i'); VACUUM t");
    indexes_are_sound($taking_over, "taken over at \"$point\", in use");
    answers_are_exact($taking_over, "taken over at \"$point\", in use");
    everything_is_given_back($taking_over, 'i', "taken over at \"$point\"");
    $taking_over->stop;
}

# Pages used again under a query that goes on

$primary->safe_psql('postgres', 'DELETE FROM t WHERE NOT kept; VACUUM t; REINDEX INDEX i');
$primary->wait_for_catchup($standby);
my $by_distance = "FROM t ORDER BY v <-> test_vec(12345, 200)";
my $expected = $primary->safe_psql('postgres', "SET enable_indexscan = off; SELECT id $by_distance");
my %outcomes = (rows => 0, conflict => 0);

# The number of rows that the query has returned before the primary goes on says how much it has read by then.
foreach my $exact ('on', 'off')
{
    foreach my $first (0, 1, 10, 100)
    {
        my $query = $standby->background_psql('postgres', on_error_stop => 0);

        $query->query_safe("SET enable_seqscan = off; SET slab.exact = $exact; BEGIN ISOLATION LEVEL REPEATABLE READ; "
              . "DECLARE c CURSOR FOR SELECT id $by_distance");
        $query->query_safe('SELECT count(*) FROM t');
        my $rows = $first == 0 ? '' : $query->query_safe("FETCH $first FROM c") . "\n";

        # Whatever was there is written to elsewhere, given up, and used again; the primary knows of nobody who needs it. Rows of
        # the table stay as they are.
        foreach (1 .. 3)
        {
            $primary->safe_psql('postgres', $_) foreach (
                "SELECT slab_compact('i', true)",
                'SELECT txid_current()',
                "SELECT slab_recluster('i')",
                'INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, 70) i');
        }
        $primary->wait_for_catchup($standby);
        my $rest = $query->query('FETCH ALL FROM c');
        my $error = $query->{stderr} =~ s/^background_psql: .*\n//gmr;
        $query->{stderr} = '';
        my $claim = "slab.exact = $exact, $first rows before";
        if ($error =~ /ERROR/)
        {
            like($error, qr/ERROR:  canceling statement due to conflict with recovery/, "$claim: a conflict");
            $outcomes{conflict}++;
        }
        else
        {
            is($rows . $rest, $expected, "$claim: all the right rows") if $exact eq 'on';
            is(join(' ', sort { $a <=> $b } split /\n/, $rows . $rest), join(' ', sort { $a <=> $b } split /\n/, $expected),
                "$claim: each row once");
            $outcomes{rows}++;
        }
        $query->query('ROLLBACK');
        $query->{stderr} = '';
        eval { $query->quit };
        $primary->safe_psql('postgres', 'DELETE FROM t WHERE NOT kept');
        $primary->wait_for_catchup($standby);
    }
}
note("$outcomes{rows} queries had their rows, $outcomes{conflict} a conflict");
cmp_ok($outcomes{conflict}, '>', 0, 'pages were used again under a query');
standby_agrees('after conflicts');

# A whole query at once, many of them while the primary does nothing but use pages again

my $errors = 0;
my $load = "$PostgreSQL::Test::Utils::tmp_check/recycle";
my $loops = $ENV{PGSLAB_LONG} ? 400 : 30;
append_to_file("$load.sql",
    "SELECT slab_recluster('i') IS NULL; SELECT slab_compact('i', true) IS NULL; SELECT txid_current() IS NULL; SELECT slab_vacuum('i') IS NULL;\n" x $loops);
my $run = run_in_background($primary, "$load.sql", "$load.out");
my ($queries, $conflicts) = (0, 0);
# Queries that are done at once, and queries that sleep after each row.
while ((slurp_file("$load.out") =~ tr/\n//) < 4 * $loops && -s "$load.out.errors" == 0)
{
    my ($stdout, $stderr) = ('', '');
    my $slowly = int(rand(2)) ? 'pg_sleep(0.001)' : 'NULL';

    $standby->psql('postgres', "SET enable_seqscan = off; SET slab.exact = on; SELECT id FROM (SELECT id, $slowly $by_distance) s",
        stdout => \$stdout, stderr => \$stderr, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
    $queries++;
    if ($stderr =~ /ERROR:  40001/) { $conflicts++ }
    elsif ($stderr ne '' || $stdout ne $expected) { $errors++; diag($stderr, substr($stdout, 0, 200)) }
    last if $errors > 5;
}
$run->finish;
is(slurp_file("$load.out.errors"), '', 'the primary had no trouble');
is($errors, 0, "of $queries queries, $conflicts had a conflict and the others all the right rows");
standby_agrees('at the end');

done_testing();
