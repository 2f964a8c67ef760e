# From PostgreSQL 18 on, what auto_explain logs says what a query's scans of slab indexes did, each query's its own.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => <<'CONF');
session_preload_libraries = 'auto_explain,pgslab'
auto_explain.log_analyze = on
auto_explain.log_verbose = on
CONF
my $shows = $node->safe_psql('postgres', 'SHOW server_version_num') >= 180000;

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vec(4));
INSERT INTO t SELECT i, test_vec(i, 4) FROM generate_series(1, 100) i;
CREATE INDEX ON t USING slab (v);
SQL

# What the log says of the work of queries, in order.
sub logged
{
    my ($statements) = @_;
    my $from = -s $node->logfile;

    $node->safe_psql('postgres', "SET enable_seqscan = off; SET auto_explain.log_min_duration = 0; $statements");
    return join ' ', slurp_file($node->logfile, $from) =~ /Slab Scan: scans=(\d+) .* rows=(\d+) /g;
}

is(logged('SELECT id FROM t ORDER BY v <-> test_vec(1, 4) LIMIT 3'), $shows ? '1 3' : '', 'a query');
is(logged('PREPARE p AS SELECT id FROM t ORDER BY v <-> $1 LIMIT 3; EXECUTE p(test_vec(1, 4))'), $shows ? '1 3' : '',
    'a prepared one');
is(logged('SELECT 1'), '', 'a query without scans');
# Two cursors of which one is fetched from while the other is open; the one that is closed first is logged first.
is(logged(<<'SQL'), $shows ? '1 2 1 5' : '', 'cursors in turns');
BEGIN;
DECLARE a CURSOR FOR SELECT id FROM t ORDER BY v <-> test_vec(1, 4);
DECLARE b CURSOR FOR SELECT id FROM t ORDER BY v <-> test_vec(2, 4);
FETCH 3 FROM a;
FETCH 2 FROM b;
FETCH 2 FROM a;
CLOSE b;
CLOSE a;
COMMIT;
SQL

done_testing();
