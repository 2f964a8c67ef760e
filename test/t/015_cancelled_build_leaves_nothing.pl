# A build that is cancelled or fails in any of its phases leaves no file, no index and no helper behind.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

# Logging takes long enough to be met if it has to compress what it logs.
my $node = new_server('main', conf => <<'CONF');
wal_level = replica
wal_compression = on
maintenance_work_mem = 1MB
max_parallel_maintenance_workers = 2
max_worker_processes = 8
CONF

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int, v vec(100)) WITH (parallel_workers = 2);
INSERT INTO t SELECT i, test_vec(i, 100) FROM generate_series(1, 10000) i;
CHECKPOINT;

-- Lets the session that waits for lock 1 begin its build, waits until that is in a phase, and ends it. False, and the
-- build ended as well, where the phase was missed.
CREATE FUNCTION end_in(builder integer, wanted text, how text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    phases text[] := ARRAY['initializing', 'sampling table', 'training lists', 'encoding rows', 'sorting and writing rows',
                           'calibrating', 'logging pages'];
    met text;
BEGIN
    PERFORM pg_advisory_unlock(1);
    LOOP
        PERFORM pg_stat_clear_snapshot();
        SELECT substring(phase, 'building index: (.*)') INTO met FROM pg_stat_progress_create_index WHERE pid = builder;
        IF array_position(phases, met) >= array_position(phases, wanted) THEN
            EXECUTE format('SELECT %I($1)', how) USING builder;
            RETURN met = wanted;
        END IF;
        IF NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = builder AND state <> 'idle') THEN
            RETURN false;
        END IF;
    END LOOP;
END
$$;

-- Files of the database that no relation has. What a transaction that is gone has dropped stays, empty, until the next
-- checkpoint.
CREATE FUNCTION orphans() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT file FROM (SELECT current_setting('data_directory') || '/base/'
                          || (SELECT oid FROM pg_database WHERE datname = current_database()) AS folder) d,
        pg_ls_dir(folder) file
    WHERE file ~ '^[0-9]+' AND pg_filenode_relation(0, substring(file, '^[0-9]+')::oid) IS NULL
        AND (pg_stat_file(folder || '/' || file)).size > 0
    UNION ALL
    SELECT name FROM pg_ls_tmpdir()
$$;
SQL
is($node->safe_psql('postgres', 'SELECT orphans()'), '', 'at first there is nothing');

# Whether a build, with so many helpers, was ended in the phase.
sub end_build_in
{
    my ($phase, $workers, $how, $column) = @_;
    my $watcher = $node->background_psql('postgres');
    my $builder = $node->background_psql('postgres', on_error_stop => 0);
    my $pid = $builder->query_safe('SELECT pg_backend_pid()');

    $watcher->query_safe('SELECT pg_advisory_lock(1)');
    $builder->query_until(qr/begun/, <<SQL);
\\echo begun
SET max_parallel_maintenance_workers = $workers;
BEGIN;
SELECT pg_advisory_lock_shared(1);
CREATE INDEX i ON t USING slab ($column);
COMMIT;
SQL
    my $ended = $watcher->query_safe("SELECT end_in($pid, '$phase', '$how')");
    $node->poll_query_until('postgres',
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid AND state = 'active'");
    $watcher->quit;
    eval { $builder->quit };
    # It may have ended by itself before the signal came.
    return $ended =~ /t/ && $node->safe_psql('postgres', "SELECT count(*) FROM pg_class WHERE relname = 'i'") eq '0';
}

# There are helpers in two phases only.
my @cases = (
    [ 'sampling table', 0, 'pg_cancel_backend', 'v' ],
    [ 'training lists', 0, 'pg_terminate_backend', 'v' ],
    [ 'encoding rows', 0, 'pg_terminate_backend', 'v' ],
    [ 'encoding rows', 2, 'pg_cancel_backend', 'v' ],
    [ 'encoding rows', 2, 'pg_terminate_backend', 'v' ],
    [ 'sorting and writing rows', 0, 'pg_cancel_backend', 'v' ],
    [ 'sorting and writing rows', 2, 'pg_cancel_backend', 'v' ],
    [ 'sorting and writing rows', 2, 'pg_terminate_backend', 'v' ],
    [ 'calibrating', 2, 'pg_cancel_backend', 'v' ],
    [ 'logging pages', 2, 'pg_cancel_backend', 'v vec_l1_ops' ]);

foreach my $case (@cases)
{
    my ($phase, $workers, $how, $column) = @$case;
    my $met = 0;

    for (my $try = 0; $try < 50 && !$met; $try++)
    {
        $met = end_build_in($phase, $workers, $how, $column);
        $node->safe_psql('postgres', 'DROP INDEX IF EXISTS i');
    }
    ok($met, "$how ended a build with $workers helpers in the phase: $phase");
    ok( $node->poll_query_until(
            'postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'parallel worker'"),
        'no helper is left');
    is($node->safe_psql('postgres', 'SELECT orphans()'), '', 'no file is left');
}
$node->safe_psql('postgres', 'CREATE INDEX i ON t USING slab (v)');
indexes_are_sound($node, 'at the end');

done_testing();
