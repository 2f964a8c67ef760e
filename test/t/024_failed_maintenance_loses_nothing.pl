# Maintenance that fails, is cancelled or terminated, or has not enough disk or memory, loses nothing; the next cleans up.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

# With WAL segments of 1 MB a limit on the size of files never comes in the way of WAL.
my $node = new_server('main', extra => ['--wal-segsize=1'], conf => 'wal_keep_size = 64MB');

make_table($node);

# What a failed statement leaves, or what comes of one that was let go on.
sub stays_whole
{
    my ($claim, $rows_before) = @_;

    is($node->safe_psql('postgres', 'SELECT count(*) FROM t'), $rows_before, "$claim: the table has its rows");
    indexes_are_sound($node, $claim);
}

sub count_rows
{
    return $node->safe_psql('postgres', 'SELECT count(*) FROM t');
}

# Nobody holds the maintenance lock any more, and the work that was begun can be done.
sub goes_on
{
    my ($claim) = @_;

    $node->safe_psql('postgres', "SET lock_timeout = '60s'; SELECT slab_compact('i')");
    nothing_is_half_written($node, 'i', $claim);
}

# An error at each stop point

foreach my $way (ways_to_stop_points())
{
    my ($point, $sql) = @$way;
    my $claim = "$sql failed at \"$point\"";

    make_way($node, $way);
    my $rows = count_rows();
    if ($sql =~ /^INSERT/)
    {
        # The insert goes on.
        my $log = -s $node->logfile;
        is(sql_error($node, "SET slab.fail_at = '$point'; $sql"), '', $claim);
        like(slurp_file($node->logfile, $log), qr/LOG:  .*: failed at stop point "$point"/, "$claim: says so");
        $rows += 100;
    }
    else
    {
        run_fails_with($node, "SET slab.fail_at = '$point'; $sql", qr/ERROR:  XX000: failed at stop point "$point"/, $claim);
    }
    stays_whole($claim, $rows);
    goes_on($claim);
}
answers_are_exact($node, 'after errors at each stop point');
everything_is_given_back($node, $_, 'after errors at each stop point') foreach 'i', 'other';

# Held there, then cancelled, run into a timeout, or terminated

my %ends = (
    pg_cancel_backend => qr/ERROR:  canceling statement due to user request/,
    pg_terminate_backend => qr/FATAL:  terminating connection due to administrator command/,
    statement_timeout => qr/ERROR:  57014: canceling statement due to statement timeout/);
my $lock = hold_stop_points($node);
my $n = 0;
foreach my $way (ways_to_stop_points())
{
    my ($point, $sql) = @$way;

    # Each end at each point takes long, and the point hardly matters for how a process ends.
    foreach my $end ($ENV{PGSLAB_LONG} ? sort keys %ends : (sort keys %ends)[ $n++ % 3 ])
    {
        my $claim = "$sql ended by $end at \"$point\"";

        make_way($node, $way);
        my $rows = count_rows();
        if ($end eq 'statement_timeout')
        {
            run_fails_with($node, "SET slab.stop_at = '$point'; SET statement_timeout = '1s'; $sql", $ends{$end}, $claim);
        }
        else
        {
            my $log = -s $node->logfile;
            my ($session, $pid) = run_to_stop($node, $point, $sql);

            is( $node->safe_psql('postgres',
                    "SELECT count(*) FROM pg_locks WHERE pid = $pid AND locktype = 'page' AND mode = 'ExclusiveLock' AND granted"),
                1, "$claim: holds the index's maintenance lock");
            $node->safe_psql('postgres', "SELECT $end($pid)");
            ok($node->poll_query_until('postgres',
                    "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid AND state = 'active'"), $claim);
            like(slurp_file($node->logfile, $log), $ends{$end}, "$claim: says so");
            eval { $session->quit };
        }
        stays_whole($claim, $rows);
        goes_on($claim);
    }
}
answers_are_exact($node, 'after ends at each stop point');

# The log is switched and a checkpoint taken half-way; then a crash, which takes what was not synced

foreach my $point ('reserved', 'written', 'publish', 'published')
{
    make_work($node);
    my $rows = count_rows();
    my ($session, $pid) = run_to_stop($node, $point, "SELECT slab_compact('i', true)");
    $node->safe_psql('postgres', 'SELECT pg_switch_wal(); CHECKPOINT; SELECT pg_switch_wal()');
    $lock->query_safe('SELECT pg_advisory_unlock(20907)');
    $session->query_safe('SELECT 1');
    $session->quit;
    $lock->quit;
    stays_whole("a checkpoint at \"$point\"", $rows);
    crash($node);
    $node->start;
    $lock = hold_stop_points($node);
    stays_whole("a checkpoint at \"$point\", then a crash", $rows);
    goes_on("a checkpoint at \"$point\", then a crash");
}
$lock->quit;
answers_are_exact($node, 'after checkpoints half-way');

# Files that may not grow

sub limit_file_size
{
    my ($session, $limit) = @_;

    system_or_bail('prlimit', '--pid', $session->query_safe('SELECT pg_backend_pid()'), "--fsize=$limit:");
}

# The limit is for all files, so there is no other as large.
$node->safe_psql('postgres', 'DROP INDEX other; DELETE FROM t WHERE NOT kept; VACUUM t');
foreach my $sql (
    'INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(7001, 7080) i',
    "SELECT slab_compact('i', true)",
    "SELECT slab_recluster('i')",
    'VACUUM (INDEX_CLEANUP ON) t')
{
    my $session = $node->background_psql('postgres', on_error_stop => 0);
    my $claim = "$sql on a full disk";

    # A new index has nothing to spare. The table has room.
    $node->safe_psql('postgres', "DELETE FROM t WHERE NOT kept; VACUUM (TRUNCATE OFF) t; REINDEX INDEX i");
    # There is room for a row more than are flushed together.
    my $inserted = $sql =~ /^INSERT/ ? 1 : 290;
    $node->safe_psql('postgres', "INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, $inserted) i");
    $node->safe_psql('postgres', 'DELETE FROM t WHERE NOT kept AND id % 3 > 0') if $inserted > 1;
    my $rows = count_rows();
    limit_file_size($session, $node->safe_psql('postgres', "SELECT pg_relation_size('i')"));
    like(session_error($session, $sql), qr/ERROR:  could not extend file .*File too large/, "$claim fails");
    is($node->safe_psql('postgres', "SELECT in_progress_bytes FROM slab_stats('i')"), 0, 'and no growth did');
    stays_whole($claim, $rows);
    limit_file_size($session, 'unlimited');
    is(session_error($session, $sql), '', "$sql with room again");
    $session->quit;
    stays_whole("$sql with room again", $rows + ($sql =~ /^INSERT/ ? 80 : 0));
    goes_on($claim);
}
$node->safe_psql('postgres', 'CREATE INDEX other ON t USING slab (v vec_l1_ops) WITH (storage = f32)');

# No room for sorting

$node->safe_psql('postgres', "INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(10001, 13000) i");
foreach my $sql ("SELECT slab_recluster('i')")
{
    my $rows = count_rows();

    run_fails_with(
        $node,
        "SET temp_file_limit = '64kB'; SET maintenance_work_mem = '1MB'; $sql",
        qr/ERROR:  53400: temporary file size exceeds "?temp_file_limit/,
        "$sql without room for temporary files");
    stays_whole("$sql without room for temporary files", $rows);
    goes_on("$sql without room for temporary files");
}

# The least memory there may be

my $least = $node->safe_psql('postgres', "SELECT min_val FROM pg_settings WHERE name = 'maintenance_work_mem'");
foreach my $sql (
    'INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(8001, 8100) i',
    "SELECT slab_compact('i')",
    "SELECT slab_compact('i', true)",
    "SELECT slab_vacuum('i')",
    "SELECT slab_recluster('i')",
    'VACUUM (INDEX_CLEANUP ON) t')
{
    make_work($node);
    my $rows = count_rows() + ($sql =~ /^INSERT/ ? 100 : 0);
    is(sql_error($node, "SET maintenance_work_mem = $least; SET work_mem = '64kB'; $sql"), '', "$sql with $least kB of memory");
    stays_whole("$sql with $least kB of memory", $rows);
}

answers_are_exact($node, 'at the end');
everything_is_given_back($node, $_, 'at the end') foreach 'i', 'other';

done_testing();
