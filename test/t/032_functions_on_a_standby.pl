# On a standby the functions that read an index report a conflict with recovery when the primary has used its pages again, as
# searches do; and those that would change it are refused.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $primary = new_server('primary', allows_streaming => 1);
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = off\nmax_standby_streaming_delay = -1");
$standby->start;
make_table($primary);
$primary->wait_for_catchup($standby);

# Held between reading the manifest and reading what it names. A session that has searched before knows the codebook.
my $queries = 'ARRAY[test_vec(1, 200), test_vec(2, 200)]';
my @functions = (
    { point => 'stats', sql => "SELECT slab_stats('i')" },
    { point => 'recall', sql => "SELECT slab_recall('i', 10, $queries)" },
    { point => 'recall', sql => "SELECT slab_recall('i', 10)" },
    { point => 'recall', sql => "SELECT slab_recall('i', 10, $queries)", before => "SELECT slab_recall('i', 10, $queries)" },
    { point => 'recall', sql => "SELECT slab_recall('i', 10)", before => "SELECT slab_recall('i', 10)" });

foreach my $function (@functions)
{
    my $claim = $function->{sql} . ($function->{before} ? ', codebook known' : '');
    my $lock = hold_stop_points($standby);
    my $session = $standby->background_psql('postgres', on_error_stop => 0);

    $session->query_safe("\\set VERBOSITY verbose");
    $session->query_safe($function->{before}) if $function->{before};
    my $pid = $session->query_safe('SELECT pg_backend_pid()');
    $session->query_safe("SET slab.stop_at = '$function->{point}'");
    $session->query_until(qr/begun/, "\\echo begun\n$function->{sql};\n");
    wait_for_stop($standby, "pid = $pid");
    # All that there was is given up, and used again.
    foreach (1 .. 3)
    {
        $primary->safe_psql('postgres', $_) foreach (
            "SELECT slab_recluster('i')",
            'SELECT txid_current()',
            "SELECT slab_compact('i', true)",
            'INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, 70) i');
    }
    $primary->wait_for_catchup($standby);
    $lock->quit;
    $session->query('SELECT 1');
    like($session->{stderr}, qr/ERROR:  40001: canceling statement due to conflict with recovery\n.*index "i"/s, "$claim: a conflict");
    unlike($session->{stderr}, qr/corrupted/, "$claim: nothing is called corrupted");
    $session->{stderr} = '';
    eval { $session->quit };
    $primary->safe_psql('postgres', 'DELETE FROM t WHERE NOT kept');
    $primary->wait_for_catchup($standby);
}

foreach my $call ("slab_calibrate('i')", "slab_compact('i', true)", "slab_recluster('i')", "slab_vacuum('i')")
{
    my ($name) = $call =~ /^(\w+)/;

    like(sql_error($standby, "SELECT $call"), qr/ERROR:  25006: cannot execute $name\(\) during recovery/, "$name() is refused");
    like(sql_error($primary, "BEGIN READ ONLY; SELECT $call"), qr/ERROR:  25006: cannot execute $name\(\) in a read-only transaction/,
        "$name() is refused to a transaction that only reads");
}
is($standby->safe_psql('postgres', "SELECT format_version > 0 FROM slab_stats('i')"), 't', 'those that read work');

done_testing();
