# Preloaded by the server or by a database, the library knows its settings from a session's beginning, and a wrong one in a file
# keeps nobody out.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');

# Of a new session, which does nothing else.
sub setting
{
    my ($name, $database) = @_;

    return $node->safe_psql($database // 'postgres', "SHOW $name");
}

run_fails_with($node, 'SHOW slab.exact', qr/unrecognized configuration parameter/, 'without, a session has yet to load it');

$node->safe_psql('postgres', q(CREATE DATABASE d));
$node->safe_psql('postgres', q(ALTER DATABASE d SET session_preload_libraries = 'pgslab'));
$node->safe_psql('postgres', q(ALTER DATABASE d SET slab.exact = on));
is(setting('slab.target_recall', 'd'), '0.95', 'a database preloads it');
is(setting('slab.exact', 'd'), 'on', 'and has a setting of its own');

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pgslab'\nslab.probes = 7\nslab.target_recall = 7\nslab.recall = 1\n");
$node->restart;
my $log = slurp_file($node->logfile);
like($log, qr/7 is outside the valid range for parameter "slab.target_recall"/, 'the log names a wrong value');
like($log, qr/invalid configuration parameter name "slab.recall"/, 'and a wrong name');
is(setting('slab.probes'), '7', 'the server preloads it, and its file sets it');
is(setting('slab.target_recall'), '0.95', 'where the value was wrong, the default holds');
is(setting('slab.exact', 'd'), 'on', 'a database still has its own');
is($node->safe_psql('postgres', 'ALTER SYSTEM SET slab.target_recall = 0.9; SELECT pg_reload_conf()'), 't', 'ALTER SYSTEM knows it');

# A search in the first query of a session, planned and explained with all that the library adds.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vec(4));
INSERT INTO t SELECT i, test_vec(i, 4) FROM generate_series(1, 100) i;
CREATE INDEX ON t USING slab (v);
SQL
like($node->safe_psql('postgres', <<'SQL'), qr/^ *Output: t\.id\n.*Slab Scan: scans=1 /ms, 'so it is with plans');
SET enable_seqscan = off; SET jit = off; EXPLAIN (ANALYZE, VERBOSE) SELECT id FROM t ORDER BY v <-> (SELECT v FROM t LIMIT 1) LIMIT 3
SQL

done_testing();
