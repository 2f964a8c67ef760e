# A parallel build needs little of /dev/shm; where even that is missing, the error says what to do.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

# Where segments are files of the data directory, the limit of a process on the size of files is one on segments as well,
# and nobody else's segments matter. With WAL segments of 1 MB the limit never comes in the way of WAL.
my $node = new_server('main', extra => ['--wal-segsize=1'], conf => <<'CONF');
dynamic_shared_memory_type = mmap
maintenance_work_mem = 1GB
max_parallel_maintenance_workers = 2
max_worker_processes = 8
CONF

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vec(64)) WITH (parallel_workers = 2);
INSERT INTO t SELECT i, test_vec(i, 64) FROM generate_series(1, 1500) i;
SQL

sub limit_file_size
{
    my ($session, $limit) = @_;

    system_or_bail('prlimit', '--pid', $session->query_safe('SELECT pg_backend_pid()'), "--fsize=$limit:");
}

my $session = $node->background_psql('postgres', on_error_stop => 0);
limit_file_size($session, 1024 * 1024);
$session->query_safe('CREATE INDEX i ON t USING slab (v)');
indexes_are_sound($node, 'built with a segment of 1 MB at most');
$session->query_safe('DROP INDEX i');

limit_file_size($session, 32 * 1024);
my $error = session_error($session, 'CREATE INDEX i ON t USING slab (v)');
like($error, qr/ERROR:  could not .*shared memory segment .*File too large/, 'the segment is refused');
like($error, qr{HINT:  .*/dev/shm.*max_parallel_maintenance_workers = 0}, 'the hint says what can be done');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_class WHERE relname = 'i'"), 0, 'there is no index');

limit_file_size($session, 1024 * 1024);
$session->query_safe('SET max_parallel_maintenance_workers = 0; CREATE INDEX i ON t USING slab (v)');
indexes_are_sound($node, 'built as the hint says');
$session->quit;

done_testing();
