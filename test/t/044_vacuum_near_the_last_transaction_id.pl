# Near the end of transaction ids VACUUM takes none: it removes dead rows and advances relfrozenxid, and leaves to later what takes an
# id. What cannot do without one says what the server's own commands say.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

# The ages at which autovacuum and VACUUM's failsafe begin are as great as can be: it is a plain VACUUM that is tried here.
my $node = new_server('main',
    conf => "slab.auto_compact = off\nautovacuum_freeze_max_age = 2000000000\nvacuum_failsafe_age = 2100000000");

# Past that many ids after the oldest there is, the server gives out no more.
my $stop = $node->safe_psql('postgres', 'SELECT min(datfrozenxid::text::bigint) FROM pg_database') + 2**31 - 3_000_000;

# Makes that the next transaction id.
sub go_to
{
    my ($id) = @_;
    my $transactions = 32 * 8192 * 4;    # of a file
    my $file = sprintf('%s/pg_xact/%04X', $node->data_dir, int($id / $transactions));

    $node->stop;
    command_ok([ $node->installed_command('pg_resetwal'), '-x', $id, $node->data_dir ], "the next transaction id becomes $id");
    append_to_file($file, "\0" x ($transactions / 4)) if !-e $file;
    return;
}

sub next_id
{
    return $node->safe_psql('postgres', 'SELECT pg_snapshot_xmax(pg_current_snapshot())');
}

# A table that is much younger; many rows of what was built are dead, and the index ends with a run that is to be freed.
go_to(1_000_000_000);
$node->start;
$node->safe_psql('postgres', $_) foreach (
    'CREATE TABLE t (id serial PRIMARY KEY, v vec(16))',
    'INSERT INTO t (v) SELECT test_vec(i, 16) FROM generate_series(1, 3000) i',
    'CREATE INDEX i ON t USING slab (v)',
    'DELETE FROM t WHERE id % 3 > 0',
    'INSERT INTO t (v) SELECT test_vec(i, 16) FROM generate_series(1, 100) i',
    "SELECT slab_compact('i', true)",
    "SELECT slab_compact('i', true)");

# As for pg_upgrade: without an autovacuum that makes room at once.
go_to($stop + 10);
system_or_bail($node->installed_command('pg_ctl'), '-w', '-D', $node->data_dir, '-l', $node->logfile, '-o', '-b', 'start');
$node->_update_pid(1);
my $refused = qr/ERROR:  54000: database is not accepting commands/;
run_fails_with($node, 'INSERT INTO t (v) SELECT test_vec(1, 16)', $refused, 'an insert is refused');
run_fails_with($node, "SELECT slab_compact('i', true)", $refused, 'slab_compact() is refused');
indexes_are_sound($node, 'after both');
my $id = next_id();
my $before = $node->safe_psql('postgres', "SELECT relfrozenxid FROM pg_class WHERE relname = 't'");
my $size = $node->safe_psql('postgres', "SELECT pg_relation_size('i')");
unlike(sql_error($node, 'VACUUM (FREEZE, INDEX_CLEANUP ON) t'), qr/ERROR/, 'VACUUM succeeds');
isnt($node->safe_psql('postgres', "SELECT relfrozenxid FROM pg_class WHERE relname = 't'"), $before, 'it advances relfrozenxid');
is(next_id(), $id, 'it has taken no transaction id');
cmp_ok($node->safe_psql('postgres', "SELECT tombstones FROM slab_stats('i')"), '>', 0, 'it has flagged dead rows');
is($node->safe_psql('postgres', "SELECT pg_relation_size('i')"), $size, 'and done nothing else');
indexes_are_sound($node, 'after VACUUM');
answers_are_exact($node, 'after VACUUM');

$node->stop;
done_testing();
