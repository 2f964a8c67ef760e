# A build, growth, scan or VACUUM that is cancelled or terminated, or whose process is killed, leaves the index whole.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;
use Time::HiRes qw(time);

my $trials = $ENV{PGSLAB_LONG} ? 100 : 5;

random_seed();
my $node = new_server('main', conf => "restart_after_crash = on\nwork_mem = 64kB");

# A build reads the rows through a function that waits for a lock at one of them, so that it can be met half-way.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION held(v vec) RETURNS vec LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public AS $$
BEGIN
    IF v = test_vec(2000, 100) THEN
        PERFORM pg_advisory_lock_shared(1);
        PERFORM pg_advisory_unlock_shared(1);
    END IF;
    RETURN v;
END
$$;
CREATE TABLE t (id int, v vec(100));
INSERT INTO t SELECT i, test_vec(i, 100) FROM generate_series(1, 4000) i;
CREATE INDEX i ON t USING slab (v);
SQL

sub stays_whole
{
    my ($claim) = @_;

    indexes_are_sound($node, $claim);
    is($node->safe_psql('postgres', 'SELECT count(*) FROM t'), 4000, "$claim: the table has its rows");
}

# Half-way through a build

my $lock = $node->background_psql('postgres');
$lock->query_safe('SELECT pg_advisory_lock(1)');
foreach my $end ('pg_cancel_backend', 'pg_terminate_backend')
{
    foreach my $build ('CREATE INDEX', 'CREATE INDEX CONCURRENTLY')
    {
        my $builder = $node->background_psql('postgres', on_error_stop => 0);
        my $pid = $builder->query_safe('SELECT pg_backend_pid()');
        $builder->query_until(qr/begun/, "\\echo begun\n$build second ON t USING slab ((held(v)::vec(100)));\n");
        ok( $node->poll_query_until(
                'postgres', "SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $pid"),
            "$build has got half-way");
        $node->safe_psql('postgres', "SELECT $end($pid)");
        ok($node->poll_query_until('postgres',
                "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid AND state = 'active'"),
            "$end ends it");
        eval { $builder->quit };
        is( $node->safe_psql('postgres', "SELECT count(*) FROM pg_class WHERE relname = 'second'"),
            $build =~ /CONCURRENTLY/ ? 1 : 0, 'only a concurrent build leaves something to be dropped');
        stays_whole("$end of $build");
        $node->safe_psql('postgres', 'DROP INDEX IF EXISTS second');
    }
}
$lock->quit;

# At any moment

# Runs the statement until it was cancelled often enough, each time after a part of the time that it takes.
sub cancel_at_random
{
    my ($claim, $sql) = @_;
    my $start = time;
    my ($tried, $cancelled, @others) = (0, 0);

    $node->safe_psql('postgres', $sql);
    my $ms = 1000 * (time - $start);
    while ($cancelled < $trials && $tried++ < 20 * $trials)
    {
        my $timeout = 1 + int(rand($ms));
        my $error = sql_error($node, "SET statement_timeout = $timeout; $sql");

        $cancelled++ if $error =~ /57014: canceling statement due to statement timeout/;
        push @others, $error if $error ne '' && $error !~ /57014/;
        # What was measured first holds starting psql, too.
        $ms = ($ms + $timeout) / 2 if $error eq '';
    }
    is(join('', @others), '', "$claim: nothing else goes wrong");
    cmp_ok($cancelled, '>', 0, "$claim: $cancelled of $tried were cancelled");
}

my $nearest = 'SELECT count(*) FROM (SELECT FROM t ORDER BY v <-> test_vec(1, 100)) s';
cancel_at_random('scan', "SET enable_seqscan = off; $nearest");
stays_whole('cancelled scans');

cancel_at_random('build', 'REINDEX INDEX i');
stays_whole('cancelled builds');

# The part that is open is small after a build, so that it grows often.
cancel_at_random('growth',
    'BEGIN; INSERT INTO t SELECT 0, test_vec(i, 100) FROM generate_series(1, 1000) i; ROLLBACK');
stays_whole('cancelled inserts');
is($node->safe_psql('postgres', "SELECT sum((p.role = 'unused')::int) FROM slab_pages('i') p"),
    0, 'no block belongs to nobody');

$node->safe_psql('postgres', 'INSERT INTO t SELECT 0, test_vec(i, 100) FROM generate_series(1, 3000) i');
cancel_at_random('VACUUM',
    "DELETE FROM t WHERE ctid IN (SELECT ctid FROM t WHERE id = 0 LIMIT 200);\n"
      . 'SET vacuum_cost_delay = 1; SET vacuum_cost_limit = 50; VACUUM t');
$node->safe_psql('postgres', 'DELETE FROM t WHERE id = 0');
stays_whole('cancelled VACUUM');
# A plain VACUUM may leave the indexes alone where few pages have dead rows.
$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) t');
is($node->safe_psql('postgres', "SELECT live FROM slab_stats('i')"), 4000, 'a VACUUM that ends leaves the live rows');
stays_whole('VACUUM');

# A process killed in the middle takes the server with it, which starts again by itself.

foreach my $sql (
    'REINDEX INDEX i',
    'INSERT INTO t SELECT 0, test_vec(i, 100) FROM generate_series(1, 100000) i',
    "SET enable_seqscan = off; $nearest",
    'DELETE FROM t WHERE id = 0; VACUUM t')
{
    my $session = $node->background_psql('postgres', on_error_stop => 0);
    my $pid = $session->query_safe('SELECT pg_backend_pid()');
    my $log = -s $node->logfile;

    $session->query_until(qr/begun/, "\\echo begun\n$sql;\n");
    select(undef, undef, undef, rand(0.1));
    kill 'KILL', $pid;
    eval { $session->quit };
    $node->wait_for_log(qr/all server processes terminated; reinitializing/, $log);
    ok(wait_until_back($node), "the server is there again after: $sql");
    indexes_are_sound($node, 'killed process');
    $node->safe_psql('postgres', 'DELETE FROM t WHERE id = 0');
    stays_whole('killed process');
}
answers_are_exact($node, 'at the end');

done_testing();
