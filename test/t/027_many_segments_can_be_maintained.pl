# An index that inserts have given as many segments as there may be, and a long sidecar, can be maintained.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');

$node->safe_psql('postgres', 'ALTER DATABASE postgres SET slab.auto_compact = off');
foreach my $sql ('VACUUM (INDEX_CLEANUP ON) t', "SELECT slab_compact('i')", "SELECT slab_compact('i', true)", "SELECT slab_recluster('i')")
{
    $node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id bigserial PRIMARY KEY, v vec(200));
INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, 100) i;
CREATE INDEX i ON t USING slab (v) WITH (seal_threshold = 20);
INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(101, 1500) i;
DELETE FROM t WHERE id % 2 = 0;
SQL
    my ($segments, $sidecar) = split /\|/, $node->safe_psql('postgres', "SELECT segments, sidecar_rows FROM slab_stats('i')");
    is($segments, 24, 'the index has as many segments as it may have');
    cmp_ok($sidecar, '>', 500, "and $sidecar rows that are in none of them");
    is(sql_error($node, $sql), '', "$sql works");
    is($node->safe_psql('postgres', "SELECT sidecar_rows FROM slab_stats('i')"), 0, "$sql leaves no row in no segment");
    indexes_are_sound($node, $sql);
    answers_are_exact($node, $sql);
    $node->safe_psql('postgres', 'DROP TABLE t');
}

done_testing();
