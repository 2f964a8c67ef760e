# Base backups taken while an index is compacted, restored to moments before, in and after maintenance, give the answers of that
# moment.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $primary = new_server('primary', allows_streaming => 1, has_archiving => 1);
my $dump = 'SELECT count(*), sum(id), sum(hashtext(v::text)) FROM t';
my %answers;

make_table($primary);

# Names a moment, and remembers what the table held then.
sub name_moment
{
    my ($name) = @_;

    $answers{$name} = $primary->safe_psql('postgres', $dump);
    $primary->safe_psql('postgres', "SELECT pg_create_restore_point('$name')");
    # Rows that a recovery which goes too far would find.
    $primary->safe_psql('postgres', 'INSERT INTO t (v) VALUES (test_vec(random()::int, 200))');
    return;
}

# What lies between two stops of a session: it is let go from one, and begins another statement.
sub release
{
    my ($lock, $session) = @_;

    $lock->quit;
    $session->query_safe('SELECT 1');
    $session->quit;
    return;
}

my @points = ('reserved', 'written', 'publish');
@points = ('written') if !$ENV{PGSLAB_LONG};
my @targets;
foreach my $point (@points)
{
    make_work($primary);
    my $lock = hold_stop_points($primary);
    my ($session) = run_to_stop($primary, $point, "SELECT slab_compact('i', true)");
    $primary->backup("at_$point");
    name_moment("before_$point");
    release($lock, $session);
    name_moment("after_$point");

    # Another operation is about to publish; rows come and go meanwhile.
    $lock = hold_stop_points($primary);
    ($session) = run_to_stop($primary, 'publish', "SELECT slab_recluster('i')");
    $primary->safe_psql('postgres', 'DELETE FROM t WHERE NOT kept AND id % 3 = 0');
    name_moment("in_$point");
    release($lock, $session);
    name_moment("reclustered_$point");

    # Pages are used again, and the file is cut.
    $primary->safe_psql('postgres', "SELECT slab_compact('i', true)") for 1 .. 2;
    $primary->safe_psql('postgres', "SELECT slab_vacuum('i')");
    name_moment("cut_$point");
    push @targets, map { [ "at_$point", $_ . "_$point" ] } 'before', 'after', 'in', 'reclustered', 'cut';
    push @targets, [ "at_$point", undef ];
}
$primary->safe_psql('postgres', 'SELECT pg_switch_wal()');

foreach my $target (@targets)
{
    my ($backup, $moment) = @$target;
    my $name = $moment // "${backup}_immediate";
    my $restored = PostgreSQL::Test::Cluster->new($name);

    $restored->init_from_backup($primary, $backup, has_restoring => 1, standby => 0);
    $restored->append_conf('postgresql.conf',
        (defined $moment ? "recovery_target_name = '$moment'" : "recovery_target = 'immediate'")
          . "\nrecovery_target_action = 'promote'\narchive_mode = off");
    $restored->start;
    $restored->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'recovery does not end';
    is($restored->safe_psql('postgres', $dump), $answers{$moment}, "$name: the rows of that moment") if defined $moment;
    indexes_are_sound($restored, $name);
    answers_are_exact($restored, $name);
    make_work($restored);
    everything_is_given_back($restored, 'i', "$name, in use again");
    indexes_are_sound($restored, "$name, in use again");
    $restored->stop;
}

done_testing();
