# A base backup taken under load, restored to a point in time, gives the answers of that time.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $primary = new_server('primary', allows_streaming => 1, has_archiving => 1, conf => 'shared_buffers = 4MB');

$primary->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id bigserial, v vec(200));
CREATE INDEX l2 ON t USING slab (v);
INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, 2000) i;
CREATE INDEX cosine ON t USING slab (v vec_cosine_ops) WITH (storage = f32);
SQL

# What the two answer at this moment.
my $answers = 'SELECT count(*), sum(id), ' . join(
    ', ', map { "nearest_distances('$_', test_vec(7, 200), 100)" } 'l2', 'cosine') . ' FROM t';

my $load = "$PostgreSQL::Test::Utils::tmp_check/load";
append_to_file("$load.sql", join('', map { <<SQL } 1 .. 5000));
INSERT INTO t (v) SELECT test_vec($_ * 100 + i, 200) FROM generate_series(1, 20) i;
UPDATE t SET v = test_vec(-$_, 200) WHERE id % 1000 = $_ % 1000;
DELETE FROM t WHERE id % 100 = $_ % 100;
SELECT CASE WHEN $_ % 20 = 0 THEN 'VACUUM t' WHEN $_ % 20 = 10 THEN 'REINDEX INDEX l2' ELSE 'SELECT 1' END \\gexec
SQL
my $session = run_in_background($primary, "$load.sql", "$load.out");

sub wait_for_rows
{
    my ($n) = @_;
    my $target = $n + $primary->safe_psql('postgres', 'SELECT last_value FROM t_id_seq');

    $primary->poll_query_until('postgres', "SELECT last_value > $target FROM t_id_seq") or die 'the load has stopped';
}

wait_for_rows(200);
$primary->backup('backup');
wait_for_rows(200);
$session->kill_kill;
# Its server process may have a statement to finish.
$primary->poll_query_until('postgres',
    "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'client backend'")
  or die 'the load goes on';

my $then = $primary->safe_psql('postgres', "SELECT pg_create_restore_point('here'); $answers");
indexes_are_sound($primary, 'primary');
$primary->safe_psql('postgres', 'UPDATE t SET v = test_vec(id, 200); DELETE FROM t WHERE id % 2 = 0');
$primary->safe_psql('postgres', 'VACUUM t; SELECT pg_switch_wal()');

# As soon as the backup is consistent: a moment of which nothing is known, but all must hold; and the restore point.
my %targets = (immediate => "recovery_target = 'immediate'", named => "recovery_target_name = 'here'");
foreach my $target (sort keys %targets)
{
    my $restored = PostgreSQL::Test::Cluster->new("restored_$target");

    $restored->init_from_backup($primary, 'backup', has_restoring => 1, standby => 0);
    # What one of them does afterwards must not get into the archive.
    $restored->append_conf('postgresql.conf', "$targets{$target}\nrecovery_target_action = 'promote'\narchive_mode = off");
    $restored->start;
    $restored->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'recovery does not end';

    is($restored->safe_psql('postgres', $answers), $then =~ s/^.*\n//r, 'the answers are those of the restore point')
      if $target eq 'named';
    indexes_are_sound($restored, "restored to $target");
    answers_are_exact($restored, "restored to $target");
    $restored->safe_psql('postgres', <<'SQL');
INSERT INTO t (v) SELECT test_vec(i, 200) FROM generate_series(1, 500) i;
VACUUM t;
SQL
    indexes_are_sound($restored, "restored to $target, in use again");
    $restored->stop;
}

done_testing();
