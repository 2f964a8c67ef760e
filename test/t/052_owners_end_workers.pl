# The owner of a table sees the worker that maintains its index, and can cancel or terminate it; nobody else can but superusers.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

# A worker takes a rest at each page, so that its work takes long.
my $node = new_server('main', conf => "autovacuum_vacuum_cost_delay = 100ms\nautovacuum_vacuum_cost_limit = 1");

# The owner need not be able to log in.
$node->safe_psql('postgres', 'CREATE ROLE table_owner NOLOGIN; CREATE ROLE member IN ROLE table_owner; CREATE ROLE stranger');
make_mergeable($node, 't');
$node->safe_psql('postgres', 'ALTER TABLE t OWNER TO table_owner');

my %says = (
    pg_cancel_backend => qr/ERROR:  canceling statement due to user request/,
    pg_terminate_backend => qr/FATAL:  terminating background worker "slab worker" due to administrator command/);

foreach my $way ([ 'pg_cancel_backend', 'table_owner' ], [ 'pg_terminate_backend', 'table_owner' ], [ 'pg_cancel_backend', 'member' ])
{
    my ($end, $role) = @$way;
    my $pid = start_slow_worker($node, 'postgres', 't');
    my $offset = -s $node->logfile;

    is($node->safe_psql('postgres', "SET ROLE $role; SELECT index, operation FROM slab_maintenance WHERE pid = $pid"),
        't_i|compact', "$role sees the worker");
    is($node->safe_psql('postgres', "SET ROLE stranger; SELECT index FROM slab_maintenance WHERE pid = $pid"), '', 'a stranger does not');
    like(sql_error($node, "SET ROLE stranger; SELECT $end($pid)"), qr/ERROR:  42501: /, "nor may it $end()");
    is($node->safe_psql('postgres', "SET ROLE $role; SELECT $end($pid)"), 't', "$role may $end()");
    ok($node->poll_query_until('postgres', "SELECT count(*) = 0 $workers"), 'and the worker ends');
    like(slurp_file($node->logfile, $offset), $says{$end}, 'it says so');
    is($node->safe_psql('postgres', "SELECT needs_compaction FROM slab_stats('t_i')"), 't', 'what it was at is still to be done');
    indexes_are_sound($node, "$end of a worker");
}
$node->safe_psql('postgres', "SELECT slab_compact('t_i')");
nothing_is_half_written($node, 't_i', 'after that');
answers_are_exact($node, 'after workers were cancelled');

done_testing();
