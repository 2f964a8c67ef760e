# A primary that went on maintaining its indexes after another had taken over becomes that one's standby by pg_rewind. That goes by
# what the old primary's WAL names: every page that it wrote is named there, published or not.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $old = new_server('old', allows_streaming => 1, conf => "wal_log_hints = on\nslab.auto_compact = off");
my $new = PostgreSQL::Test::Cluster->new('new');

# index => what the old primary does to it in the end, and where that fails
my %ways = (
    writing => [ "SELECT slab_compact('writing', true)", 'writing' ],
    written => [ "SELECT slab_compact('written', true)", 'written' ],
    published => [ "SELECT slab_compact('published', true)", '' ],
    growing => [ 'INSERT INTO t_growing SELECT test_vec(-i, 200) FROM generate_series(1, 50) i', 'writing' ]);

$old->safe_psql('postgres', <<"SQL") foreach sort keys %ways;
CREATE TABLE t_$_ (v vec(200));
INSERT INTO t_$_ SELECT test_vec(i, 200) FROM generate_series(1, 500) i;
CREATE INDEX $_ ON t_$_ USING slab (v);
SQL

# Another takes over from a primary that does not notice.
$old->backup('backup');
$new->init_from_backup($old, 'backup', has_streaming => 1);
$new->start;
$old->wait_for_catchup($new);
$new->promote;
$new->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'the standby does not take over';
$new->safe_psql('postgres', 'CHECKPOINT');

foreach my $index (sort keys %ways)
{
    my ($sql, $point) = @{ $ways{$index} };

    # Written anew, the index leaves the run that the new primary goes on using; and that is written to next.
    $old->safe_psql('postgres', $_) foreach "SELECT slab_compact('$index', true)", "SELECT slab_compact('$index')";
    my $size = $old->safe_psql('postgres', "SELECT pg_relation_size('$index')");
    if ($point eq '')
    {
        $old->safe_psql('postgres', $sql);
    }
    else
    {
        run_fails_with($old, "SET slab.fail_at = '$point'; $sql", qr/failed at stop point/, "$index: fails");
    }
    is($old->safe_psql('postgres', "SELECT pg_relation_size('$index')"), $size, "$index: a run was used again");
}
$old->stop('fast');

my $folder = $old->data_dir;
my $conf = slurp_file("$folder/postgresql.conf");
command_ok(
    [ $old->installed_command('pg_rewind'), '--no-sync', '--target-pgdata', $folder, '--source-server', $new->connstr('postgres') ],
    'pg_rewind');
# It has brought the new primary's, with the port of that.
unlink "$folder/postgresql.conf";
append_to_file("$folder/postgresql.conf", $conf);
$old->enable_streaming($new);
$old->start;

$new->safe_psql('postgres', "INSERT INTO t_$_ SELECT test_vec(i, 200) FROM generate_series(1001, 1050) i") foreach sort keys %ways;
$new->wait_for_catchup($old);
indexes_are_sound($old, 'rewound');
answers_are_exact($old, 'rewound');

done_testing();
