# When the file cannot grow, growth and build fail with an ERROR that loses nothing; with room again the index goes on.
#
# The limit is that of a process on the size of a file, which its owner may set and lift.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

# The limit is for all files: with WAL segments of 1 MB it never comes in the way of WAL.
my $node = new_server('main', extra => ['--wal-segsize=1']);

sub in_progress
{
    return $node->safe_psql('postgres', "SELECT in_progress_bytes FROM slab_stats('i')");
}

sub limit_file_size
{
    my ($session, $limit) = @_;

    system_or_bail('prlimit', '--pid', $session->query_safe('SELECT pg_backend_pid()'), "--fsize=$limit:");
}

# Of vectors stored out of line the table needs more room than its index; here it has it beforehand.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vec(500));
INSERT INTO t SELECT i, test_vec(i, 500) FROM generate_series(1, 4000) i;
DELETE FROM t WHERE id BETWEEN 1501 AND 3900;
VACUUM t;
CREATE INDEX i ON t USING slab (v) WITH (storage = f32);
SQL
my $size = $node->safe_psql('postgres', "SELECT pg_relation_size('i')");
cmp_ok($size, '>', 2_000_000, "the index has $size bytes");

# Growth

my $too_large = qr/ERROR:  could not extend file .*File too large/;
my $session = $node->background_psql('postgres', on_error_stop => 0);
limit_file_size($session, $size + 3 * 8192);
like(session_error($session, 'INSERT INTO t SELECT i, test_vec(i, 500) FROM generate_series(10001, 10200) i'),
    $too_large, 'an insert whose growth does not fit the limit fails');
is($node->safe_psql('postgres', 'SELECT count(*) FROM t WHERE id > 10000'), 0, 'it has inserted nothing');
my $reserved = in_progress();
cmp_ok($reserved, '>', 0, 'the growth is on record as not finished');
indexes_are_sound($node, 'after a failed growth');
answers_are_exact($node, 'after a failed growth');

like(session_error($session, 'INSERT INTO t SELECT 10001, test_vec(10001, 500)'), $too_large, 'the next insert fails too');
is(in_progress(), $reserved, 'and reserves nothing more');

# Within a subtransaction, after whose end the session goes on
$session->query_safe('BEGIN; SAVEPOINT s');
like(session_error($session, 'INSERT INTO t SELECT 10001, test_vec(10001, 500)'), $too_large, 'in a subtransaction too');
$session->query_safe('ROLLBACK TO s');
$node->safe_psql('postgres', "SET lock_timeout = '100s'; INSERT INTO t SELECT 10001, test_vec(10001, 500)");
is(in_progress(), 0, 'a session without the limit finishes the growth, and waits for nobody');

limit_file_size($session, 'unlimited');
$session->query_safe('INSERT INTO t SELECT i, test_vec(i, 500) FROM generate_series(10002, 10200) i; COMMIT');
is( $node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE role = 'unused') FROM slab_pages('i')"),
    0, 'no block belongs to nobody');
indexes_are_sound($node, 'growth after the limit was lifted');
answers_are_exact($node, 'growth after the limit was lifted');

# Build

limit_file_size($session, 1024 * 1024 + 8192);
foreach my $build ('CREATE INDEX second ON t USING slab (v)', 'REINDEX INDEX i')
{
    $session->query_safe("SET maintenance_work_mem = '64MB'; SET max_parallel_maintenance_workers = 0");
    like(session_error($session, $build),
        $too_large, "$build fails when the file may not become large enough");
    $session->query_safe("SET maintenance_work_mem = '1MB'; RESET max_parallel_maintenance_workers");
    like(session_error($session, $build),
        qr/ERROR:  could not write to file "base\/pgsql_tmp.*File too large/, "$build fails when what it sorts may not");
}
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_class WHERE relname = 'second'"), 0, 'no index is left');
indexes_are_sound($node, 'after failed builds');
answers_are_exact($node, 'after failed builds');
limit_file_size($session, 'unlimited');
$session->query_safe('RESET maintenance_work_mem');
$session->query_safe('REINDEX INDEX i');
$session->quit;
indexes_are_sound($node, 'built after the limit was lifted');

done_testing();
