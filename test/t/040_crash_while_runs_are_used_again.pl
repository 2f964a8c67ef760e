# A run that was in use until a moment ago is written to again before what retired it is on disk. A crash then brings back the
# earlier manifest, and every page of that is as it was.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

# Commits do not wait for WAL, and WAL waits in memory.
my $node = new_server('main',
    conf => "shared_buffers = 8MB\nwal_buffers = 64MB\nbgwriter_lru_maxpages = 0\nsynchronous_commit = off\nmax_wal_size = 4GB");

$node->safe_psql('postgres', <<'SQL');
ALTER DATABASE postgres SET slab.auto_compact = off;
CREATE TABLE t (id bigserial PRIMARY KEY, v vec(200));
INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, 2000) i;
CREATE INDEX i ON t USING slab (v);
SELECT slab_compact('i', true);
-- A row a page, and more pages than memory has.
CREATE TABLE filler (id int PRIMARY KEY, pad text) WITH (fillfactor = 10);
INSERT INTO filler SELECT i, repeat('x', 700) FROM generate_series(1, 1500) i;
VACUUM (FREEZE, ANALYZE);
SQL

sub size
{
    return $node->safe_psql('postgres', "SELECT pg_relation_size('i')");
}

# From here on WAL is written only when a page has to leave memory that must not be on disk before it.
sub hold_wal_writer
{
    my $pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'");

    kill('STOP', $pid) == 1 or die 'the process that writes WAL cannot be held';
    return;
}

# All pages leave memory but those in use and the index's metapage, which is looked at again and again.
sub empty_memory
{
    $node->safe_psql('postgres', <<'SQL');
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count((slab_stats('i')).rows), sum(read) FROM generate_series(1, 8) pass, generate_series(1, 1500, 10) i,
    LATERAL (SELECT count(pad) AS read FROM filler WHERE id BETWEEN i AND i + 9 AND pass > 0) f;
SQL
    return;
}

foreach my $point ('writing', 'written')
{
    my $claim = "a crash at \"$point\"";

    my $lock = hold_stop_points($node);
    my ($session, $pid) = run_to_stop($node, 'publish', "SELECT slab_compact('i', true)");
    # What is published next is on disk, and WAL is written up to here.
    $node->safe_psql('postgres', 'CHECKPOINT');
    hold_wal_writer();
    $lock->query_safe('SELECT pg_advisory_unlock(20907)');
    $session->query_safe('SELECT 1');
    my $size = size();

    # The run that was given up is written to.
    $lock->query_safe('SELECT pg_advisory_lock(20907)');
    $session->query_until(qr/begun/, "SET slab.stop_at = '$point';\n\\echo begun\nSELECT slab_compact('i', true);\n");
    wait_for_stop($node, "pid = $pid");
    is(size(), $size, "$claim: the file has not grown, a run is used again");
    empty_memory();
    my $waiting = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn() - pg_current_wal_lsn()');
    note("$claim: $waiting bytes of WAL are not written");
    crash($node);
    eval { $_->quit } foreach $session, $lock;
    $node->start;
    indexes_are_sound($node, $claim);
    answers_are_exact($node, $claim);
    $node->safe_psql('postgres', "SELECT slab_compact('i', true)");
    nothing_is_half_written($node, 'i', $claim);
}

done_testing();
