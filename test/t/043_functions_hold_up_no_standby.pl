# Cutting the file keeps a standby's queries waiting until the transaction ends that did it. So slab_vacuum() in a transaction that
# goes on leaves the file alone; and where a parallel VACUUM leaves the cutting to a worker, that heeds the command's TRUNCATE.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $primary = new_server('primary', allows_streaming => 1, conf => "min_parallel_index_scan_size = 0\nmax_parallel_maintenance_workers = 2");
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->append_conf('postgresql.conf', 'max_standby_streaming_delay = -1');
$standby->start;
make_table($primary);

sub size
{
    return $primary->safe_psql('postgres', "SELECT pg_relation_size('i')");
}

# In an open transaction

SlabTestMaintenance::make_free_end($primary);
my $size = size();
my $session = $primary->background_psql('postgres');
$session->query_safe("BEGIN; SELECT slab_vacuum('i'); SELECT slab_compact('i'); INSERT INTO t (v) VALUES (test_vec(1, 200))");
# What an open transaction has written reaches a standby with what others commit.
$primary->safe_psql('postgres', 'SELECT txid_current()');
$primary->wait_for_catchup($standby);
is( $standby->safe_psql('postgres', "SET statement_timeout = '20s'; SELECT count(*) FROM slab_topk('i', test_vec(0, 200), 3)"),
    3, 'a query on the standby does not wait for an open transaction that called slab_vacuum()');
is(size(), $size, 'the file is as it was');
$session->query_safe('ROLLBACK');
$session->quit;

# As a statement

SlabTestMaintenance::make_free_end($primary);
$size = size();
$primary->safe_psql('postgres', "SELECT slab_vacuum('i')");
cmp_ok(size(), '<', $size, 'as a statement slab_vacuum() cuts the file');
$primary->wait_for_catchup($standby);
is($standby->safe_psql('postgres', "SELECT pg_relation_size('i')"), size(), 'and the standby does, too');

# A parallel VACUUM, which leaves the indexes to a worker

sub workers_end
{
    $primary->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'slab worker'")
      or die 'a worker does not end';
    return;
}

$primary->safe_psql('postgres', 'ALTER DATABASE postgres RESET slab.auto_compact; DELETE FROM t WHERE NOT kept; '
      . 'CREATE INDEX ON t (kept); CREATE INDEX another ON t USING slab (v vec_cosine_ops)');
foreach my $index ('i', 'other', 'another')
{
    $primary->safe_psql('postgres', $_) foreach "REINDEX INDEX $index", ("SELECT slab_compact('$index', true)") x 2;
}

# A query for whether all files are shorter.
sub shorter_than
{
    my ($i, $other, $another) = split /\|/, shift;

    return "SELECT pg_relation_size('i') < $i AND pg_relation_size('other') < $other AND pg_relation_size('another') < $another";
}

# A worker that has been asked for may not have started yet.
sub files_get_shorter
{
    my ($before, $what) = @_;

    ok($primary->poll_query_until('postgres', shorter_than($before)), $what);
    workers_end();
    return;
}

my $sizes = "SELECT pg_relation_size('i'), pg_relation_size('other'), pg_relation_size('another')";
my $before = $primary->safe_psql('postgres', $sizes);
$primary->safe_psql('postgres', 'VACUUM (PARALLEL 2, INDEX_CLEANUP ON, TRUNCATE OFF) t');
workers_end();
is($primary->safe_psql('postgres', $sizes), $before, 'a parallel VACUUM with TRUNCATE OFF cuts no file, nor has one cut');
# The workers of the VACUUM before may be at it only now, and those of this one go away then: the next one's come.
foreach (1 .. 30)
{
    $primary->safe_psql('postgres', 'VACUUM (PARALLEL 2, INDEX_CLEANUP ON) t');
    sleep 1;
    workers_end();
    last if $primary->safe_psql('postgres', shorter_than($before)) eq 't';
}
files_get_shorter($before, 'without it the files get shorter');

# Any other VACUUM of several indexes: a standby has no lock of one while others are seen to

foreach my $index ('i', 'other', 'another')
{
    $primary->safe_psql('postgres', $_) foreach "REINDEX INDEX $index", ("SELECT slab_compact('$index', true)") x 2;
}
$before = $primary->safe_psql('postgres', $sizes);
my $start = $primary->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
$primary->safe_psql('postgres', 'VACUUM (PARALLEL 0, INDEX_CLEANUP ON) t');
files_get_shorter($before, 'a VACUUM of several indexes makes all files shorter');
$primary->safe_psql('postgres', 'SELECT pg_switch_wal()');
my %oid = split /[|\n]/, $primary->safe_psql('postgres', "SELECT oid, relname FROM pg_class WHERE relname IN ('i', 'other', 'another')");
my ($waldump) = run_command([ 'pg_waldump', '--rmgr=Standby', '--path=' . $primary->data_dir . '/pg_wal', "--start=$start" ]);
my %locks;
while ($waldump =~ /LOCK (.*)/g)
{
    my $lock = $1;
    push @{ $locks{$1} }, $oid{$2} while $lock =~ /xid (\d+) db \d+ rel (\d+)/g;
}
my %taken = map { $_ => 1 } map { grep { defined } @$_ } values %locks;
is_deeply([ sort keys %taken ], [ 'another', 'i', 'other' ], 'each was cut under a lock');
is(scalar(grep { my %of = map { $_ => 1 } grep { defined } @$_; keys %of > 1 } values %locks), 0, 'no transaction had two of these locks');

indexes_are_sound($primary, 'primary');
$primary->wait_for_catchup($standby);
indexes_are_sound($standby, 'standby');
answers_are_exact($standby, 'standby');
done_testing();
