# Nobody waits long for maintenance that goes on by itself: a worker ends early, autovacuum is cancelled.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

# A worker takes a rest at each page, so that its work takes long.
my $node = new_server('main', conf => <<'CONF');
autovacuum_vacuum_cost_delay = 100ms
autovacuum_vacuum_cost_limit = 1
deadlock_timeout = 200ms
CONF

# Whoever waits, for what, and what the worker says. On a table "gone" nothing is left to look at.
my @cases = (
    [ 'ALTER TABLE %s ADD COLUMN more int', 'somebody waits for a lock on the table' ],
    [ 'BEGIN; LOCK TABLE %s; COMMIT', 'somebody waits for a lock on the table' ],
    [ 'DROP INDEX %s_i', 'somebody waits for a lock on the table', 'gone' ],
    [ 'REINDEX INDEX %s_i', 'somebody waits for a lock on the index', 'rebuilt' ],
    [ 'REINDEX INDEX CONCURRENTLY %s_i', 'somebody waits for its transaction to end', 'rebuilt' ],
    [ 'DROP INDEX CONCURRENTLY %s_i', 'somebody waits for its transaction to end', 'gone' ],
    [ 'VACUUM (INDEX_CLEANUP ON) %s', 'other maintenance waits for it', 'rebuilt' ],
    [ "SELECT slab_compact('%s_i')", 'other maintenance waits for it', 'rebuilt' ]);

foreach my $n (0 .. $#cases)
{
    my ($command, $reason, $left) = (@{ $cases[$n] }, '');
    my $sql = sprintf $command, "t_$n";

    make_mergeable($node, "t_$n");
    start_slow_worker($node, 'postgres', "t_$n");
    my $offset = -s $node->logfile;
    is(sql_error($node, "SET lock_timeout = '100s'; $sql"), '', $sql);
    ok($node->poll_query_until('postgres', "SELECT count(*) = 0 $workers"), 'the worker has ended');
    my $log = slurp_file($node->logfile, $offset);
    like($log, qr/LOG:  maintenance of index "t_${n}_i" ends early because $reason\n/, 'it says why');
    unlike($log, qr/(ERROR|FATAL|PANIC):/, 'which is no error');
    next if $left;
    is($node->safe_psql('postgres', "SELECT needs_compaction FROM slab_stats('t_${n}_i')"), 't', 'what it was at is still to be done');
    $node->safe_psql('postgres', "SELECT slab_compact('t_${n}_i')");
    nothing_is_half_written($node, "t_${n}_i", 'after that');
}
indexes_are_sound($node, 'after workers gave way');
answers_are_exact($node, 'after workers gave way');

# Autovacuum, which the server has give way: held half-way, so as not to be done before somebody waits

make_mergeable($node, 'vacuumed');
$node->safe_psql('postgres', "DROP TABLE t_$_") foreach 0 .. $#cases;
$node->safe_psql('postgres', "ALTER DATABASE postgres SET slab.stop_at = 'written'");
my $lock = hold_stop_points($node);
$node->append_conf('postgresql.conf', <<'CONF');
autovacuum = on
autovacuum_naptime = 1
autovacuum_vacuum_insert_threshold = 100
autovacuum_vacuum_insert_scale_factor = 0
autovacuum_vacuum_cost_delay = 0
CONF
$node->reload;
my $pid = wait_for_stop($node, "backend_type = 'autovacuum worker'");
is($node->safe_psql('postgres', "SELECT index, operation FROM slab_maintenance WHERE pid = $pid"), 'vacuumed_i|vacuum', 'autovacuum is at an index');
my $offset = -s $node->logfile;
is(sql_error($node, "SET lock_timeout = '100s'; DROP TABLE vacuumed"), '', 'and its table can be dropped');
like(slurp_file($node->logfile, $offset), qr/ERROR:  canceling autovacuum task\n.*CONTEXT:  while cleaning up index "vacuumed_i"/,
    'as autovacuum is cancelled');
$lock->quit;

done_testing();
