# Maintenance that users called for ends when a VACUUM to prevent transaction id wraparound waits for it; any other VACUUM waits.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $node = new_server('main', conf => 'autovacuum_naptime = 1');

make_table($node);
make_work($node);
# Each VACUUM goes to the indexes, for the dead rows that there are.
$node->safe_psql('postgres', 'ALTER TABLE t SET (autovacuum_enabled = off, vacuum_index_cleanup = on)');

# Starts a statement in a new session, and returns that.
sub start_statement
{
    my ($sql) = @_;
    my $session = $node->background_psql('postgres', on_error_stop => 0);

    $session->query_until(qr/begun/, "\\echo begun\n$sql;\n");
    return $session;
}

# Waits until a condition on pg_stat_activity holds for somebody who waits for a maintenance lock.
sub wait_for_waiting
{
    my ($who) = @_;

    return $node->poll_query_until('postgres',
        "SELECT count(*) = 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'page' AND NOT granted AND $who");
}

# What the error of a session's statement says, when that ends; an empty string when there is none.
sub end_statement
{
    my ($session) = @_;
    my $error = session_error($session, '\set VERBOSITY verbose');

    $session->quit;
    return $error;
}

# A VACUUM that a user called for

my $lock = hold_stop_points($node);
my ($recluster) = run_to_stop($node, 'reserved', "SELECT slab_recluster('i')");
my $vacuum = start_statement('VACUUM t');
ok(wait_for_waiting("query = 'VACUUM t;'"), 'a VACUUM waits for slab_recluster()');
$lock->quit;
is(end_statement($recluster), '', 'which goes on');
is(end_statement($vacuum), '', 'and then the VACUUM does');

# As if very many transactions had been: their states fill the first file of pg_xact, of which only the part in use is there.

make_work($node);
$node->stop;
system_or_bail('pg_resetwal', '--next-transaction-id', 250_000, $node->data_dir);
truncate($node->data_dir . '/pg_xact/0000', 262_144) or die "pg_xact: $!";
$node->start;

$lock = hold_stop_points($node);
($recluster) = run_to_stop($node, 'reserved', "SELECT slab_recluster('i')");
my $compact = start_statement("SELECT slab_compact('i')");
ok(wait_for_waiting("query LIKE '%slab_compact%'"), 'slab_compact() waits for slab_recluster()');
$node->safe_psql('postgres', 'ALTER TABLE t SET (autovacuum_freeze_max_age = 100000, autovacuum_freeze_table_age = 0, autovacuum_freeze_min_age = 0)');
$node->append_conf('postgresql.conf', 'autovacuum = on');
$node->reload;
ok(wait_for_waiting("query LIKE 'autovacuum: VACUUM % (to prevent wraparound)'"), 'and so does a VACUUM to prevent wraparound');
$lock->quit;
my $error = qr/ERROR:  canceling maintenance of index "i" for the sake of VACUUM\nDETAIL:  .*wraparound.*\nHINT:  Repeat/;
like(end_statement($recluster), $error, 'slab_recluster() ends');
like(end_statement($compact), $error, 'slab_compact() ends, whose turn came before that of VACUUM');
ok($node->poll_query_until('postgres', "SELECT age(relfrozenxid) < 100000 FROM pg_class WHERE oid = 't'::regclass"),
    'the VACUUM can do what it is for');

$node->safe_psql('postgres', "SELECT slab_recluster('i')");
indexes_are_sound($node, 'after that');
nothing_is_half_written($node, 'i', 'after that');

done_testing();
