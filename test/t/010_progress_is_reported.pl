# pg_stat_progress_create_index shows a build's phases and counts its rows.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => 'wal_level = replica');

# Exactly half-way: reading one row waits for a lock.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION held(v vec) RETURNS vec LANGUAGE plpgsql IMMUTABLE SET search_path = public AS $$
BEGIN
    IF v = test_vec(600, 10) THEN
        PERFORM pg_advisory_lock_shared(1);
        PERFORM pg_advisory_unlock_shared(1);
    END IF;
    RETURN v;
END
$$;
CREATE TABLE t (id int, v vec(10));
INSERT INTO t SELECT i, test_vec(i, 10) FROM generate_series(1, 1000) i;
INSERT INTO t SELECT 0, NULL FROM generate_series(1, 10);
SQL

my $lock = $node->background_psql('postgres');
my $next_lock = $node->background_psql('postgres');
my $builder = $node->background_psql('postgres');
$lock->query_safe('SELECT pg_advisory_lock(1)');
$builder->query_until(qr/begun/, "\\echo begun\nCREATE INDEX i ON t USING slab ((held(v)::vec(10)));\n");

sub wait_for
{
    my ($waiting, $claim) = @_;

    ok( $node->poll_query_until(
            'postgres',
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE '$waiting%'"),
        $claim);
    return;
}

# The row is read when rows are counted, when the sample is taken, and when rows are encoded.
sub progress_while_held
{
    my ($claim) = @_;

    wait_for('CREATE INDEX', $claim);
    return $node->safe_psql('postgres',
        'SELECT command, phase, relid::regclass, tuples_done, tuples_total FROM pg_stat_progress_create_index');
}

# Lets the build pass the row once: the lock is asked for again before it is given back, so the build gets it in between.
sub let_it_pass
{
    $next_lock->query_until(qr/asking/, "\\echo asking\nSELECT pg_advisory_lock(1);\n");
    wait_for('SELECT pg_advisory_lock', 'the next to hold the build waits');
    $lock->query_safe('SELECT pg_advisory_unlock(1)');
    $next_lock->query_safe('SELECT 1');
    ($lock, $next_lock) = ($next_lock, $lock);
    return;
}

foreach my $time ('first', 'second')
{
    is(progress_while_held("a build comes to the row for the $time time"),
        'CREATE INDEX|building index: sampling table|t|0|0', 'it samples the table');
    let_it_pass();
}
is( progress_while_held('and once more'),
    'CREATE INDEX|building index: encoding rows|t|599|1000', 'its progress tells the phase and the rows that are done');
$lock->query_safe('SELECT pg_advisory_unlock(1)');
$lock->quit;
$next_lock->quit;
$builder->quit;
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_stat_progress_create_index'), 0, 'and nothing when it is over');
indexes_are_sound($node, 'the index built');

# Other phases cannot be held, so another session watches builds until it has seen them all, or lock 2 tells it that
# there have been enough.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE many AS SELECT ARRAY[i, -i]::vec(2) AS v FROM generate_series(1, 10000) i;
CREATE INDEX many_i ON many USING slab (v);
CREATE TABLE seen (phase text PRIMARY KEY);
SQL
$lock = $node->background_psql('postgres');
$lock->query_safe('SELECT pg_advisory_lock(2)');
my $watcher = $node->background_psql('postgres');
my $pid = $watcher->query_safe('SELECT pg_backend_pid()');
$watcher->query_until(qr/begun/, <<'SQL');
\echo begun
DO $$
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        INSERT INTO seen
            SELECT phase FROM pg_stat_progress_create_index WHERE phase LIKE 'building index%'
            ON CONFLICT DO NOTHING;
        EXIT WHEN (SELECT count(*) FROM seen WHERE phase <> 'building index: initializing') = 6 OR pg_try_advisory_lock(2);
    END LOOP;
END
$$;
SQL
my $builds = 0;
while ($builds < 300
    && $node->safe_psql('postgres', "SELECT state FROM pg_stat_activity WHERE pid = $pid") eq 'active')
{
    $node->safe_psql('postgres', 'REINDEX INDEX many_i');
    $builds++;
}
$lock->quit;
$watcher->query_safe('SELECT 1');
is( $node->safe_psql('postgres', "SELECT string_agg(phase, ', ' ORDER BY phase) FROM seen WHERE phase !~ 'initializing'"),
    join(', ', map { "building index: $_" } 'calibrating', 'encoding rows', 'logging pages', 'sampling table',
        'sorting and writing rows', 'training lists'),
    "all phases were seen in $builds builds, and no others");
$watcher->quit;
indexes_are_sound($node, 'at the end');

done_testing();
