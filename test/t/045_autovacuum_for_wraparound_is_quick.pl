# An autovacuum that is to prevent wraparound flags dead rows and leaves maintenance to later: relfrozenxid must advance soon.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => "slab.auto_compact = off\nautovacuum = on\nautovacuum_naptime = 1");
my $age = "SELECT age(relfrozenxid) FROM pg_class WHERE relname = 't'";

# So many rows are dead that a plain VACUUM writes the index anew.
$node->safe_psql('postgres', $_) foreach (
    'CREATE TABLE t (id serial PRIMARY KEY, v vec(200)) WITH (autovacuum_enabled = off, autovacuum_freeze_max_age = 100000,
        autovacuum_freeze_min_age = 0)',
    'INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, 1000) i',
    'CREATE INDEX i ON t USING slab (v)',
    'DELETE FROM t WHERE id % 3 > 0');
my $next = $node->safe_psql('postgres', 'SELECT pg_snapshot_xmax(pg_current_snapshot())') + 200_000;
$node->stop;
my $file = $node->data_dir . '/pg_xact/0000';
append_to_file($file, "\0" x (32 * 8192 - -s $file));
command_ok([ $node->installed_command('pg_resetwal'), '-x', $next, $node->data_dir ], 'the table grows old');
$node->start;
ok($node->poll_query_until('postgres', "SELECT ($age) < 100000"), 'autovacuum advances relfrozenxid');
cmp_ok($node->safe_psql('postgres', "SELECT tombstones FROM slab_stats('i')"), '>', 600, 'it leaves the dead rows flagged in the index');
indexes_are_sound($node, 'after autovacuum');

$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) t');
is($node->safe_psql('postgres', "SELECT tombstones FROM slab_stats('i')"), 0, 'a VACUUM writes the index anew');
indexes_are_sound($node, 'after VACUUM');
answers_are_exact($node, 'after VACUUM');
done_testing();
