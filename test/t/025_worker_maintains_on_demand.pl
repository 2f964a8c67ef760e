# A background worker maintains an index that inserts have left in need of it, and is in nobody's way.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

# At debug1 the server tells of each worker that it starts.
my $node = new_server('main', conf => <<'CONF');
log_min_messages = debug1
autovacuum_naptime = 1
autovacuum_vacuum_insert_threshold = 100
autovacuum_vacuum_insert_scale_factor = 0
CONF

sub index_oid
{
    my ($index) = @_;

    return $node->safe_psql('postgres', "SELECT '$index'::regclass::oid");
}

# How often a worker for the index was started, by what the log says from an offset on.
sub count_workers
{
    my ($index, $offset) = @_;
    my $oid = index_oid($index);
    my @started = slurp_file($node->logfile, $offset // 0) =~ /starting background worker process "slab worker for index $oid"/g;

    return scalar @started;
}

sub wait_for_no_worker
{
    my ($claim) = @_;

    return ok($node->poll_query_until('postgres', "SELECT count(*) = 0 $workers"), $claim);
}

# A table of which enough inserts leave several segments to be merged.
sub make_index
{
    my ($name, $kind) = @_;

    # One session, which may keep a temporary table.
    return <<SQL;
CREATE $kind TABLE $name (id bigserial PRIMARY KEY, v vec(20));
INSERT INTO $name (v) SELECT test_vec(i, 20) FROM generate_series(1, 200) i;
CREATE INDEX ${name}_i ON $name USING slab (v) WITH (seal_threshold = 50);
SQL
}

sub insert_much
{
    my ($name, $rows) = @_;

    return "INSERT INTO $name (v) SELECT test_vec(-i, 20) FROM generate_series(1, $rows) i";
}

sub needs_compaction
{
    my ($index) = @_;

    return $node->safe_psql('postgres', "SELECT needs_compaction FROM slab_stats('$index')");
}

# Waits for the query to give true. Who inserts and flushes at the moment when a worker comes has it go away again, and only the
# next who fills the sidecar asks for another; so that many are inserted now and then.
sub ask_until
{
    my ($insert, $query) = @_;

    foreach my $try (1 .. 5 * $PostgreSQL::Test::Utils::timeout_default)
    {
        return 1 if $node->safe_psql('postgres', $query) eq 't';
        $node->safe_psql('postgres', $insert) if $try % 10 == 0;
        select(undef, undef, undef, 0.2);
    }
    return 0;
}

# On demand: merges, then more lists as there are many more rows than at first

$node->safe_psql('postgres', make_index('t', ''));
is(count_workers('t_i'), 0, 'a build asks for no worker');
$node->safe_psql('postgres', insert_much('t', 40));
is(count_workers('t_i'), 0, 'nor do few inserts');
my ($lists, $segments) = split /\|/, $node->safe_psql('postgres', "SELECT lists, segments FROM slab_stats('t_i')");
# From 10000 on there is more than one list.
$node->safe_psql('postgres', insert_much('t', 11_000));
ok(ask_until(insert_much('t', 60), "SELECT NOT needs_compaction AND lists > $lists FROM slab_stats('t_i')"),
    'a worker merges segments and trains more lists, so that nothing is left to be done');
cmp_ok(count_workers('t_i'), '>', 0, 'a worker did it');
wait_for_no_worker('it has ended');
indexes_are_sound($node, 'after a worker');
answers_are_exact($node, 'after a worker');

# Off; never for temporary tables, which nobody else can read

$node->safe_psql('postgres', make_index('off', ''));
$node->safe_psql('postgres', 'SET slab.auto_compact = off; ' . insert_much('off', 1000));
is(needs_compaction('off_i'), 't', 'with slab.auto_compact = off inserts leave something to be done');
is(count_workers('off_i'), 0, 'and ask for no worker');

$node->safe_psql('postgres', make_index('unlogged', 'UNLOGGED') . insert_much('unlogged', 1000));
ok(ask_until(insert_much('unlogged', 60), "SELECT NOT needs_compaction FROM slab_stats('unlogged_i')"),
    'a worker looks after an unlogged table, too');

my $oid = $node->safe_psql('postgres', make_index('temporary', 'TEMPORARY') . insert_much('temporary', 1000)
      . ";\nSELECT 'temporary_i'::regclass::oid");
unlike(slurp_file($node->logfile), qr/slab worker for index $oid/, 'no worker is started for a temporary table');

# Held half-way

$node->safe_psql('postgres', "ALTER DATABASE postgres SET slab.stop_at = 'written'");
my $lock = hold_stop_points($node);

# Has a worker held at 'written' while it maintains a new index; returns its process number.
sub hold_worker
{
    my ($name) = @_;

    $node->safe_psql('postgres', make_index($name, ''));
    # Flushes are not to be held.
    $node->safe_psql('postgres', "SET slab.stop_at = ''; " . insert_much($name, 1000));
    ask_until("SET slab.stop_at = ''; " . insert_much($name, 60), "SELECT count(*) > 0 $workers AND wait_event = 'advisory'");
    my $pid = wait_for_stop($node, "a.backend_type = 'slab worker'");
    is($node->safe_psql('postgres', "SELECT index FROM slab_maintenance WHERE pid = $pid"),
        "${name}_i", "a worker for ${name}_i is held half-way");
    return $pid;
}

my $pid = hold_worker('held');
is($node->safe_psql('postgres', "SELECT backend_xid, backend_xmin $workers"), '|', 'a worker holds back nobody\'s VACUUM');
like($node->safe_psql('postgres', "SELECT query $workers"), qr/^slab: maintaining index "public.held_i"$/, 'it says what it does');
$node->safe_psql('postgres', "SET slab.stop_at = ''; INSERT INTO held (v) SELECT test_vec(i, 20) FROM generate_series(1, 100) i");
indexes_are_sound($node, 'while a worker is held');
answers_are_exact($node, 'while a worker is held');

# Terminated

$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
wait_for_no_worker('a worker ends when it is told to');
is(needs_compaction('held_i'), 't', 'its work is not done');
indexes_are_sound($node, 'after a worker was terminated');
$node->safe_psql('postgres', "SET slab.stop_at = ''; SELECT slab_compact('held_i')");
nothing_is_half_written($node, 'held_i', 'after a worker was terminated');

# DROP INDEX and REINDEX wait for one task and no longer: whoever holds the next one would find them waiting still.

foreach my $command ('DROP INDEX %s_i', 'REINDEX INDEX %s_i', 'DROP TABLE %s')
{
    my $name = 'waited_' . lc($command =~ s/ %s.*//r =~ s/ /_/r);
    my $sql = sprintf $command, $name;
    my $session = $node->background_psql('postgres');
    my $next_lock = $node->background_psql('postgres');

    hold_worker($name);
    my $offset = -s $node->logfile;
    my $waiting = "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE";
    $session->query_safe("SET slab.stop_at = ''");
    $session->query_until(qr/begun/, "\\echo begun\n$sql;\n");
    $node->poll_query_until('postgres', "$waiting '$sql%'") or die "$sql does not wait";
    $next_lock->query_until(qr/asking/, "\\echo asking\nSELECT pg_advisory_lock(20907);\n");
    $node->poll_query_until('postgres', "$waiting 'SELECT pg_advisory_lock(20907)%'") or die 'nobody waits';
    # The worker passes, then the other session holds stop points again.
    $lock->query_safe('SELECT pg_advisory_unlock(20907)');
    $next_lock->query_safe('SELECT 1');
    ($lock, $next_lock) = ($next_lock, $lock);
    $next_lock->quit;
    $session->query_safe('SELECT 1');
    $session->quit;
    pass("$sql waits for the task that the worker is at, no longer");
    $node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) $workers") if $sql =~ /^REINDEX/;
    wait_for_no_worker("the worker has ended after $sql");
    unlike(slurp_file($node->logfile, $offset), qr/(ERROR|PANIC):/, 'without an error');
}
$lock->quit;
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET slab.stop_at');

# Recluster holds nobody back either, though it sorts.

$node->safe_psql('postgres', "ALTER DATABASE postgres SET slab.stop_at = 'publish'");
$lock = hold_stop_points($node);
$node->safe_psql('postgres', make_index('many', ''));
$node->safe_psql('postgres', "SET slab.stop_at = ''; SET slab.auto_compact = off; " . insert_much('many', 11_000)
      . "; SELECT slab_compact('many_i')");
$node->safe_psql('postgres', "SET slab.stop_at = ''; " . insert_much('many', 100));
ask_until("SET slab.stop_at = ''; " . insert_much('many', 60), "SELECT count(*) > 0 $workers AND wait_event = 'advisory'");
$pid = wait_for_stop($node, "a.backend_type = 'slab worker'");
is($node->safe_psql('postgres', "SELECT lists FROM slab_stats('many_i')"), 1, 'a worker is about to publish more lists than one');
is($node->safe_psql('postgres', "SELECT backend_xid, backend_xmin $workers"), '|', 'a worker that trains lists holds back nobody\'s VACUUM');
$lock->quit;
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET slab.stop_at');
wait_for_no_worker('and ends');
cmp_ok($node->safe_psql('postgres', "SELECT lists FROM slab_stats('many_i')"), '>', 1, 'there are more lists then');

# The limits of autovacuum hold: a worker that may read one page at a time sleeps between.

$node->append_conf('postgresql.conf', "autovacuum_vacuum_cost_delay = 100ms\nautovacuum_vacuum_cost_limit = 1");
$node->reload;
$node->safe_psql('postgres', make_index('slow', ''));
$node->safe_psql('postgres', insert_much('slow', 1000));
ok(ask_until(insert_much('slow', 60), "SELECT count(*) > 0 $workers AND wait_event = 'VacuumDelay'"),
    'with autovacuum_vacuum_cost_delay a worker takes rests');
my $rests = $node->safe_psql('postgres', "SELECT pid $workers");
$node->safe_psql('postgres', "SELECT pg_terminate_backend($rests)") if $rests;
wait_for_no_worker('and ends in one of them when it is told to');
$node->append_conf('postgresql.conf', "autovacuum_vacuum_cost_delay = 0");
$node->reload;

# A VACUUM of several indexes in parallel cannot use space again, and asks a worker to.

$node->safe_psql('postgres', make_index('wide', '') . insert_much('wide', 4000));
$node->safe_psql('postgres', 'CREATE INDEX ON wide (id) WHERE id % 2 = 0; CREATE INDEX ON wide (id) WHERE id % 3 = 0');
ok(ask_until(insert_much('wide', 60), "SELECT NOT needs_compaction FROM slab_stats('wide_i')"), 'an index is in order');
wait_for_no_worker('and left alone');
my $size = $node->safe_psql('postgres', "DELETE FROM wide WHERE id % 10 > 0; SELECT pg_relation_size('wide_i')");
my $offset = -s $node->logfile;
my $vacuumed = "SET min_parallel_index_scan_size = 0; SET client_min_messages = info;";
my ($status, $out, $said) = $node->psql('postgres', $vacuumed, extra_params => [ '-c', 'VACUUM (PARALLEL 2, VERBOSE) wide' ]);
cmp_ok(count_workers('wide_i', $offset), '>', 0, 'a parallel VACUUM asks for a worker');
wait_for_no_worker('which does what there is to do');
is($node->safe_psql('postgres', "SELECT tombstones, needs_vacuum, needs_compaction FROM slab_stats('wide_i')"), '0|f|f', 'all of it');
cmp_ok($node->safe_psql('postgres', "SELECT pg_relation_size('wide_i')"), '<', $size / 4, 'and gives the space back');
indexes_are_sound($node, 'after a parallel VACUUM');

# Autovacuum does it where no worker is wanted.

$node->safe_psql('postgres', 'ALTER DATABASE postgres SET slab.auto_compact = off');
$node->safe_psql('postgres', make_index('vacuumed', ''));
$node->safe_psql('postgres', insert_much('vacuumed', 1000));
is(needs_compaction('vacuumed_i'), 't', 'inserts alone leave something to be done');
$node->append_conf('postgresql.conf', 'autovacuum = on');
$node->reload;
ok($node->poll_query_until('postgres', "SELECT NOT needs_compaction FROM slab_stats('vacuumed_i')"),
    'autovacuum for the sake of inserts does it');
$node->append_conf('postgresql.conf', 'autovacuum = off');
$node->reload;
is(count_workers('vacuumed_i'), 0, 'without a worker');

indexes_are_sound($node, 'at the end');
answers_are_exact($node, 'at the end');

done_testing();
