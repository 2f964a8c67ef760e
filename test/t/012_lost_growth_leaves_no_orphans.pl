# Blocks that a growth had added to the file when a crash made the index forget them are the next that growth takes.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

# The WAL of a transaction in progress stays in memory, so that a crash loses it, though not the file's new length.
my $node = new_server('main', conf => "wal_writer_delay = 10s\nwal_buffers = 32MB");

sub blocks
{
    my ($role) = @_;

    return $node->safe_psql('postgres', "SELECT count(*) FROM slab_pages('i') WHERE role LIKE '$role'");
}

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vec(768));
CREATE INDEX i ON t USING slab (v);
INSERT INTO t SELECT i, test_vec(i, 768) FROM generate_series(1, 20) i;
CHECKPOINT;
SQL
my $known = blocks('%');

my $session = $node->background_psql('postgres');
$session->query_safe('BEGIN; INSERT INTO t SELECT i, test_vec(i, 768) FROM generate_series(21, 500) i');
crash($node);
$node->start;

my $length = blocks('%');
my $orphans = blocks('unused');
cmp_ok($orphans, '>', 50, "the crash left $orphans blocks that belong to nobody ($known were known)");
is(blocks('in progress'), 0, 'the index knows of no growth that has not finished');
is($node->safe_psql('postgres', "SELECT count(*) FROM slab_topk('i', test_vec(0, 768), 1000)"),
    20, 'it has the rows that were committed');
indexes_are_sound($node, 'after the crash');

my $seen = 20;
while (blocks('unused') > 0 && $seen < 1000)
{
    $node->safe_psql('postgres', "INSERT INTO t SELECT i, test_vec(i, 768) FROM generate_series($seen + 1, $seen + 20) i");
    $seen += 20;
    last if blocks('%') > $length && blocks('unused') > 0;
}
is(blocks('unused'), 0, 'growth takes them before it makes the file any longer');
indexes_are_sound($node, 'on blocks taken again');
answers_are_exact($node, 'on blocks taken again');

done_testing();
