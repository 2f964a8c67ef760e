# Indexes whose access method has a name of pgvector's are maintained as any other: by inserts, by workers, by VACUUM; and a crash leaves
# them whole.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $node = new_server('main', conf => "log_min_messages = debug1\nmax_parallel_maintenance_workers = 2");
$node->safe_psql('postgres', 'CREATE EXTENSION pgslab_compat');

my %method = (hnsw => 'hnsw (v vector_l2_ops) WITH (m = 16, seal_threshold = 50)', ivfflat => 'ivfflat (v) WITH (lists = 10, seal_threshold = 50)');

sub insert_rows
{
    my ($table, $from, $to) = @_;

    return "INSERT INTO $table SELECT i, test_vec(i, 12) FROM generate_series($from, $to) i";
}

# The distances of the nearest rows, exactly: by the index, and by a sequential scan.
sub answers_agree
{
    my ($table, $when) = @_;
    my $nearest = "SELECT round((v <-> test_vec(-1, 12)::vector)::numeric, 4) FROM $table ORDER BY v <-> test_vec(-1, 12)::vector LIMIT 20";
    my $indexed = 'SET slab.exact = on; SET enable_seqscan = off;';

    like($node->safe_psql('postgres', "$indexed EXPLAIN $nearest"), qr/Index Scan using ${table}_v_idx/, "$table, $when: the index is used");
    return is($node->safe_psql('postgres', "$indexed $nearest"), $node->safe_psql('postgres', "SET enable_indexscan = off; $nearest"),
        "$table, $when: it finds the nearest rows");
}

sub is_whole
{
    my ($table, $when) = @_;

    is($node->safe_psql('postgres', "SELECT slab_check('${table}_v_idx', true)"), '', "$table, $when: the index agrees with its table");
    return answers_agree($table, $when);
}

foreach my $table (sort keys %method)
{
    $node->safe_psql('postgres', "CREATE TABLE $table (id integer, v vector(12))");
    $node->safe_psql('postgres', insert_rows($table, 1, 2000));
    $node->safe_psql('postgres', "CREATE INDEX ON $table USING $method{$table}");
    is_whole($table, 'built');

    # Enough segments for a worker to merge them. It may go away where somebody waits, so more is inserted now and then.
    my $oid = $node->safe_psql('postgres', "SELECT '${table}_v_idx'::regclass::oid");
    my $merged;
    $node->safe_psql('postgres', insert_rows($table, 2001, 4000));
    foreach my $try (1 .. 5 * $PostgreSQL::Test::Utils::timeout_default)
    {
        $merged = $node->safe_psql('postgres', "SELECT NOT needs_compaction FROM slab_stats('${table}_v_idx')");
        last if $merged eq 't';
        $node->safe_psql('postgres', insert_rows($table, 4001, 4060)) if $try % 10 == 0;
        select(undef, undef, undef, 0.2);
    }
    is($merged, 't', "$table: nothing is left to be merged");
    like(slurp_file($node->logfile), qr/starting background worker process "slab worker for index $oid"/, "$table: a worker did it");
    is_whole($table, 'maintained');

    $node->safe_psql('postgres', "DELETE FROM $table WHERE id % 2 = 0");
    $node->safe_psql('postgres', "VACUUM $table");
    $node->safe_psql('postgres', "SELECT slab_vacuum('${table}_v_idx')");
    is($node->safe_psql('postgres', "SELECT tombstones, live = (SELECT count(*) FROM $table) FROM slab_stats('${table}_v_idx')"), '0|t',
        "$table: rows that were deleted are removed");
    is_whole($table, 'vacuumed');
}

# EXPLAIN says what the scans did, once the library is loaded.
like($node->safe_psql('postgres',
        q{LOAD 'pgslab'; SET enable_seqscan = off; EXPLAIN (ANALYZE, VERBOSE, COSTS off) SELECT id FROM hnsw ORDER BY v <-> test_vec(-1, 12)::vector LIMIT 5}),
    qr/Index Scan using hnsw_v_idx .*Slab/s, 'EXPLAIN (ANALYZE, VERBOSE) says what a scan did');

$node->stop('immediate');
$node->start;
is_whole($_, 'after a crash') foreach sort keys %method;

done_testing();
