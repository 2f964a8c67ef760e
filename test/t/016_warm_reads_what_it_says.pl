# slab_warm() reads the blocks it counts from disk, what searches need first before the rest, and says when one is damaged.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => 'shared_buffers = 64MB', no_data_checksums => 1);
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vec(100));
INSERT INTO t SELECT i, test_vec(i, 100) FROM generate_series(1, 5000) i;
CREATE INDEX i ON t USING slab (v) WITH (lists = 8);
INSERT INTO t SELECT i, test_vec(i, 100) FROM generate_series(5001, 5100) i;
SQL
my %blocks = map { split /\|/ } split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT CASE WHEN role IN ('meta', 'codebook', 'directory') THEN 'meta' ELSE role END, count(*) FROM slab_pages('i') GROUP BY 1
SQL
my $codes = $blocks{meta} + $blocks{list} + $blocks{refine} + $blocks{record};

# How many blocks it says, and how many of them were read from disk.
sub warm
{
    my ($arguments) = @_;
    my $before = $node->safe_psql('postgres', "SELECT idx_blks_read FROM pg_statio_user_indexes WHERE indexrelname = 'i'");
    my $said = $node->safe_psql('postgres', "SELECT slab_warm('i', $arguments)");
    my $after = $node->safe_psql('postgres', "SELECT idx_blks_read FROM pg_statio_user_indexes WHERE indexrelname = 'i'");

    return "$said|" . ($after - $before);
}

$node->restart;
is(warm("'meta', 1"), '1|1', 'the metapage comes first');
is(warm("'meta'"), "$blocks{meta}|" . ($blocks{meta} - 1), 'then what a search begins with');
is(warm("'meta'"), "$blocks{meta}|0", 'which is there from then on');
is(warm("'all', $blocks{meta} + $blocks{list}"), $blocks{meta} + $blocks{list} . "|$blocks{list}", 'lists come next');
is(warm("'codes'"), "$codes|" . ($blocks{refine} + $blocks{record}), 'then other codes and records');
is(warm("'all'"), $codes + $blocks{slab} . "|$blocks{slab}", 'and the vectors last');

my $file = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('i')");
my $block = $node->safe_psql('postgres', "SELECT max(block) FROM slab_pages('i') WHERE role = 'slab' AND used_bytes > 0");
$node->stop;
open(my $handle, '+<:raw', $file) or die "$file: $!";
seek($handle, $block * 8192 + 64, 0);
print $handle "\x55" x 4;
close($handle);
$node->start;
is(warm("'codes'"), "$codes|$codes", 'damage elsewhere does not matter');
run_fails_with($node, "SELECT slab_warm('i', 'all')", qr/XX002: index "i" is corrupted at block $block$/m, 'damage is reported');

done_testing();
