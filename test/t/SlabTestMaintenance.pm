# What the tests of maintenance share: an index that has something of everything to maintain, statements that come to each
# stop point, processes held there, and runs of the file that nobody uses.
package SlabTestMaintenance;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

our @EXPORT = qw(
  make_table make_work make_way ways_to_stop_points
  hold_stop_points wait_for_stop run_to_stop
  spare_runs nothing_is_half_written everything_is_given_back
  make_mergeable start_slow_worker $workers
);

# What there is of background workers.
our $workers = "FROM pg_stat_activity WHERE backend_type = 'slab worker'";

# Rows that stay, of which index_faults() and answer_faults() look after the indexes: of each kind of distance that has lists
# or none, with filter columns. Nothing happens by itself: inserts flush, but whatever else is needed waits for being asked for.
sub make_table
{
    my ($node) = @_;

    $node->safe_psql('postgres', <<'SQL');
ALTER DATABASE postgres SET slab.auto_compact = off;
SET slab.auto_compact = off;
CREATE TABLE t (id bigserial PRIMARY KEY, kept bool NOT NULL DEFAULT false, v vec(200));
INSERT INTO t (kept, v) SELECT true, test_vec(i, 200) FROM generate_series(1, 500) i;
CREATE INDEX i ON t USING slab (v, kept, (id % 10)) WITH (seal_threshold = 60);
CREATE INDEX other ON t USING slab (v vec_l1_ops, kept, id) WITH (storage = f32);
SQL
    return;
}

# Leaves the index i with several segments, a sidecar, many dead rows, an open part, and runs that were given up.
sub make_work
{
    my ($node) = @_;

    $node->safe_psql('postgres', <<'SQL');
DELETE FROM t WHERE NOT kept;
VACUUM (INDEX_CLEANUP ON) t;
INSERT INTO t (v) SELECT test_vec(-i, 200) FROM generate_series(1, 230) i;
SELECT slab_compact('i', true);
SELECT slab_compact('i', true);
INSERT INTO t (v) SELECT test_vec(-i, 200) FROM generate_series(301, 590) i;
DELETE FROM t WHERE NOT kept AND id % 5 < 3;
SQL
    return;
}

# The same, so that the next to look finds the end of the file free: a new index has nothing to spare; written anew once, it lies
# behind what it had before, and twice, in front again.
sub make_free_end
{
    my ($node) = @_;

    make_work($node);
    $node->safe_psql('postgres', $_) foreach 'REINDEX INDEX i', "SELECT slab_compact('i', true)", "SELECT slab_compact('i', true)";
    return;
}

# Makes ready for one of ways_to_stop_points().
sub make_way
{
    my ($node, $way) = @_;

    return $way->[0] eq 'cut' ? make_free_end($node) : make_work($node);
}

# [stop point, statement that comes there after make_way()]
sub ways_to_stop_points
{
    my $insert = 'INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(5001, 5100) i';
    my $vacuum = 'VACUUM (INDEX_CLEANUP ON) t';
    my @task = qw(reserved written publish published);

    return (
        (map { [ $_, $insert ] } 'flush', @task),
        (map { [ $_, "SELECT slab_compact('i')" ] } 'reclaimed', @task),
        (map { [ $_, "SELECT slab_compact('i', true)" ] } 'closed', @task),
        (map { [ $_, $vacuum ] } 'vacuum', @task),
        (map { [ $_, "SELECT slab_recluster('i')" ] } 'closed', @task),
        [ 'cut', "SELECT slab_vacuum('i')" ]);
}

# A session that holds whoever comes to a stop point that its slab.stop_at names.
sub hold_stop_points
{
    my ($node) = @_;
    my $session = $node->background_psql('postgres');

    $session->query_safe('SELECT pg_advisory_lock(20907)');
    return $session;
}

# Waits until somebody is held at a stop point; who is chosen by a condition on pg_stat_activity. Returns the process's number.
sub wait_for_stop
{
    my ($node, $who) = @_;
    my $held = "FROM pg_stat_activity a WHERE wait_event = 'advisory' AND query NOT LIKE 'SELECT pg_advisory_lock%' AND $who";

    $node->poll_query_until('postgres', "SELECT count(*) > 0 $held") or die "nobody stops: $who";
    return $node->safe_psql('postgres', "SELECT pid $held");
}

# Starts the statement in a new session; returns the session and its process, which is held at the stop point then.
sub run_to_stop
{
    my ($node, $point, $sql) = @_;
    my $session = $node->background_psql('postgres', on_error_stop => 0);
    my $pid = $session->query_safe('SELECT pg_backend_pid()');

    $session->query_safe("SET slab.stop_at = '$point'");
    $session->query_until(qr/begun/, "\\echo begun\n$sql;\n");
    wait_for_stop($node, "pid = $pid");
    return ($session, $pid);
}

# Runs of the index's file that no table lies in, from the metapage, as "working" and "free" or the transaction id since
# which the run has waited: { working => [blocks, ...], ... }.
sub spare_runs
{
    my ($node, $index) = @_;
    my %runs = (working => [], free => [], waiting => []);

    my $path = $node->safe_psql('postgres', "CHECKPOINT; SELECT pg_relation_filepath('$index')");
    my $page = substr(slurp_file($node->data_dir . "/$path"), 0, 8192);
    # doc/format.md, "Metapage"
    my $n = unpack('S', substr($page, 64 + 34, 2));
    die "$n spare runs on the metapage" if $n > 128;
    foreach my $i (0 .. $n - 1)
    {
        my (undef, $blocks, $since) = unpack('L L Q', substr($page, 64 + 3000 + 16 * $i, 16));
        push @{ $runs{ $since == 0 ? 'free' : $since == ~0 ? 'working' : 'waiting' } }, $blocks;
    }
    return %runs;
}

sub nothing_is_half_written
{
    my ($node, $index, $claim) = @_;
    my %runs = spare_runs($node, $index);
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is(join(' ', @{ $runs{working} }), '', "$claim: no run of $index is left as being written to");
}

# Maintenance works, and what nobody uses goes back: to the index first, then to the file system.
sub everything_is_given_back
{
    my ($node, $index, $claim) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    # Alone slab_recluster() moves the codebook.
    my $rewrite = $node->safe_psql('postgres', "SELECT lists > 0 FROM slab_stats('$index')") eq 't'
      ? "SELECT slab_recluster('$index')" : "SELECT slab_compact('$index', true)";
    my ($spare, $total);
    my $table = $node->safe_psql('postgres', "SELECT indrelid::regclass FROM pg_index WHERE indexrelid = '$index'::regclass");
    # Tables lie now before, now behind what they had before: whenever they do not lie last, the file gets shorter. VACUUM moves what
    # does.
    foreach my $round (1 .. 4)
    {
        $node->safe_psql('postgres', $_) foreach $rewrite, "VACUUM (INDEX_CLEANUP ON) $table", "SELECT slab_vacuum('$index')";
        ($spare, $total) = split /\|/,
          $node->safe_psql('postgres', "SELECT spare_bytes / 8192, total_bytes / 8192 FROM slab_stats('$index')");
        last if $round > 1 && $spare <= $total / 2;
    }
    nothing_is_half_written($node, $index, $claim);
    return cmp_ok($spare, '<=', $total / 2, "$claim: of $total blocks of $index, $spare are spare in the end");
}

# A table of which inserts have left segments to be merged. No worker was asked to.
sub make_mergeable
{
    my ($node, $table, $database) = @_;

    $node->safe_psql($database // 'postgres', <<"SQL");
CREATE TABLE $table (id bigserial PRIMARY KEY, v vec(20));
INSERT INTO $table (v) SELECT test_vec(i, 20) FROM generate_series(1, 200) i;
CREATE INDEX ${table}_i ON $table USING slab (v) WITH (seal_threshold = 50);
SET slab.auto_compact = off;
INSERT INTO $table (v) SELECT test_vec(-i, 20) FROM generate_series(1, 1000) i;
DELETE FROM $table WHERE id = 7;
SQL
    return;
}

# Has a worker begin with that, on a server whose autovacuum_vacuum_cost_delay makes it slow; returns its process number. As many rows
# are inserted as are flushed once, so that no other flush is in the worker's way.
sub start_slow_worker
{
    my ($node, $database, $table) = @_;

    $node->safe_psql($database, "INSERT INTO $table (v) SELECT test_vec(-i, 20) FROM generate_series(1, 50) i");
    $node->poll_query_until('postgres', "SELECT count(*) > 0 $workers AND wait_event = 'VacuumDelay'") or die 'no worker comes';
    return $node->safe_psql('postgres', "SELECT pid $workers");
}

1;
