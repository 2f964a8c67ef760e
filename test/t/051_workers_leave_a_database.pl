# A database that a worker is at can be dropped, copied and renamed, without waiting for the worker's work to be done.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

# A worker takes a rest at each page, so that its work takes long.
my $node = new_server('main', conf => "autovacuum_vacuum_cost_delay = 100ms\nautovacuum_vacuum_cost_limit = 1");

$node->safe_psql('postgres', 'CREATE DATABASE busy');
$node->safe_psql('busy', $SlabTestSql::functions);

# The server itself waits five seconds for others to leave.
foreach my $sql ('CREATE DATABASE copy TEMPLATE busy', 'ALTER DATABASE busy RENAME TO busier', 'DROP DATABASE busier')
{
    my ($database) = $sql =~ /(busy|busier)/;
    my ($table) = lc($sql) =~ /^(\w+)/;

    make_mergeable($node, "${table}_t", $database);
    start_slow_worker($node, $database, "${table}_t");
    my $offset = -s $node->logfile;
    is(sql_error($node, $sql), '', $sql);
    like(
        slurp_file($node->logfile, $offset),
        qr/LOG:  maintenance of index "${table}_t_i" ends early because its database is to be dropped, copied or moved\n/,
        'the worker says why it left');
    ok($node->poll_query_until('postgres', "SELECT count(*) = 0 $workers"), 'and is gone');
}
is($node->safe_psql('copy', 'SELECT * FROM index_faults()'), '', 'the indexes of the copy are sound');

done_testing();
