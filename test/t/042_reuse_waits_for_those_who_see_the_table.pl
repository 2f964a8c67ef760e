# What an index gave up is used again unless a snapshot is older that can see the table: one of a prepared transaction, or of a
# standby that feeds back; not one of another database, nor what logical decoding needs of the catalogs. A temporary index waits
# for the cursors of its session.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', allows_streaming => 1,
    conf => "wal_level = logical\nmax_prepared_transactions = 2\nslab.auto_compact = off");
my $rows = 'SELECT test_vec(i, 16) FROM generate_series(1, 1000) i';

$node->safe_psql('postgres', "CREATE TABLE t (v vec(16)); INSERT INTO t $rows; CREATE INDEX i ON t USING slab (v)");
$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');

# Leaves nothing to spare. This conflicts with a standby's cursor.
sub make_small
{
    $node->safe_psql('postgres', 'REINDEX INDEX i');
    return;
}

# How many times its size the index has after it has been written anew four times.
sub growth
{
    my $before = $node->safe_psql('postgres', "SELECT pg_relation_size('i')");
    $node->safe_psql('postgres', "SELECT slab_compact('i', true)") foreach 1 .. 4;
    return $node->safe_psql('postgres', "SELECT round(pg_relation_size('i') / $before.0, 1)");
}

sub is_used_again
{
    my ($claim) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    make_small();
    return cmp_ok(growth(), '<', 2.5, "$claim: runs are used again");
}

sub is_kept
{
    my ($claim) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return cmp_ok(growth(), '>', 4, "$claim: runs are kept");
}

is_used_again('nobody else');

# These are of no consequence

$node->safe_psql('postgres', "SELECT pg_create_logical_replication_slot('idle', 'test_decoding')");
$node->safe_psql('postgres', 'SELECT txid_current()');
is_used_again('an idle logical slot');
$node->safe_psql('postgres', "SELECT pg_drop_replication_slot('idle')");

my $other = $node->background_psql('elsewhere');
$other->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class');
is_used_again('a snapshot of another database');
$other->query_safe('COMMIT');
$other->quit;

# These are

make_small();
$node->safe_psql('postgres', "BEGIN; SELECT txid_current(); PREPARE TRANSACTION 'p'");
is_kept('a prepared transaction');
$node->safe_psql('postgres', "COMMIT PREPARED 'p'");
is_used_again('a prepared transaction that has ended');

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = on\nwal_receiver_status_interval = 1");
$standby->start;
make_small();
$node->wait_for_catchup($standby);
my $reader = $standby->background_psql('postgres');
my $exact = 'SET enable_seqscan = off; SET slab.exact = on';
$reader->query_safe("$exact; BEGIN ISOLATION LEVEL REPEATABLE READ; "
      . 'DECLARE c CURSOR FOR SELECT v <-> test_vec(0, 16) FROM t ORDER BY 1; FETCH 1 FROM c');
my $xmin = $reader->query_safe('SELECT pg_snapshot_xmin(pg_current_snapshot())');
# The next feedback tells of it.
$node->safe_psql('postgres', 'SELECT txid_current()') foreach 1 .. 2;
$node->wait_for_catchup($standby);
$node->poll_query_until('postgres', "SELECT backend_xmin::text = '$xmin' FROM pg_stat_replication") or die 'nothing is fed back';
is_kept('a snapshot that a standby feeds back');
$node->wait_for_catchup($standby);
is( scalar(split /\n/, $reader->query_safe('FETCH ALL FROM c')), 999, 'its cursor returns the other rows');
$reader->query_safe('COMMIT');
$reader->quit;
# As long as it is there it feeds back the next id, now and then.
$standby->stop;
is_used_again('a standby that has gone');

# A temporary table

$node->safe_psql('postgres', <<"SQL");
CREATE TEMPORARY TABLE s (v vec(16));
INSERT INTO s $rows;
CREATE INDEX si ON s USING slab (v);
$exact;
DO \$\$
DECLARE
    c CURSOR FOR SELECT v <-> test_vec(0, 16) FROM s ORDER BY 1;
    d float8;
    n int := 1;
    size bigint := pg_relation_size('si');
BEGIN
    OPEN c;
    FETCH c INTO d;
    FOR i IN 1 .. 4 LOOP
        PERFORM slab_compact('si', true);
    END LOOP;
    ASSERT pg_relation_size('si') > 4 * size, 'runs were used again';
    LOOP
        FETCH c INTO d;
        EXIT WHEN NOT FOUND;
        n := n + 1;
    END LOOP;
    ASSERT n = 1000, 'a cursor lost rows';
END \$\$;
SQL
my $session = $node->background_psql('postgres');
$session->query_safe("CREATE TEMPORARY TABLE s (v vec(16)); INSERT INTO s $rows; CREATE INDEX si ON s USING slab (v)");
my $size = $session->query_safe("SELECT pg_relation_size('si')");
$session->query_safe("SELECT slab_compact('si', true)") foreach 1 .. 6;
cmp_ok($session->query_safe("SELECT pg_relation_size('si')"), '<', 2.5 * $size, 'without a cursor its runs are used again');
$session->query_safe("DELETE FROM s");
$session->query_safe("VACUUM (INDEX_CLEANUP ON) s") foreach 1 .. 2;
cmp_ok($session->query_safe("SELECT pg_relation_size('si')"), '<', $size, 'and VACUUM gives them back');
$session->quit;

indexes_are_sound($node, 'in the end');
done_testing();
