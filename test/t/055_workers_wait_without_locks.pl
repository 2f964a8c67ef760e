# A worker that a parallel VACUUM asked for waits for others without a lock and in no lock's queue, where it would cancel an autovacuum
# and hold up who comes behind it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $node = new_server('main');
my $waits = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.backend_type = 'slab worker'";

make_mergeable($node, 't');
$node->safe_psql('postgres', <<'SQL');
DELETE FROM t WHERE id % 10 > 0;
CREATE INDEX ON t (id) WHERE id % 2 = 0;
CREATE INDEX ON t (id) WHERE id % 3 = 0;
SQL

# Whoever has the table's lock next asks for it while VACUUM is at the index, before that has a worker come.
my $lock = hold_stop_points($node);
my $vacuum = $node->background_psql('postgres');
$vacuum->query_safe("SET slab.stop_at = 'vacuum'; SET min_parallel_index_scan_size = 0");
$vacuum->query_until(qr/begun/, "\\echo begun\nVACUUM (PARALLEL 2) t;\n");
wait_for_stop($node, 'true');
my $next = $node->background_psql('postgres');
$next->query_until(qr/begun/, "\\echo begun\nBEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE;\n");
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE relation = 't'::regclass AND NOT granted")
  or die 'nobody waits for the table';
$lock->quit;
$vacuum->query_safe('SELECT 1');
$next->query_safe('SELECT 1');
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 $workers AND state = 'idle'"), 'a worker waits until nobody has the table');
is($node->safe_psql('postgres', "$waits AND NOT l.granted"), 0, 'it is in no queue');
ok($node->poll_query_until('postgres', $waits =~ s/count\(\*\)/count(*) = 0/r), 'nor does it hold a lock meanwhile');

$next->query_safe('COMMIT');
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 $workers"), 'then it does what there is to do');
is($node->safe_psql('postgres', "SELECT tombstones, needs_vacuum, needs_compaction FROM slab_stats('t_i')"), '0|f|f', 'all of it');

$vacuum->quit;
$next->quit;
indexes_are_sound($node, 'at the end');

done_testing();
