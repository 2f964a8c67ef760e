# A build by several processes gives the index that one process builds, page by page.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => <<'CONF');
maintenance_work_mem = 128MB
max_parallel_maintenance_workers = 3
min_parallel_table_scan_size = 0
max_worker_processes = 8
max_parallel_workers = 8
shared_buffers = 64MB
CONF

# Rows within the table's pages and out of line, NULLs, duplicates, vectors that cosine has no distance for, and dead rows.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE short (id int, v vec(40)) WITH (parallel_workers = 3);
INSERT INTO short SELECT i, test_vec(i % 9000, 40) FROM generate_series(1, 12000) i;
INSERT INTO short SELECT -i, NULL FROM generate_series(1, 500) i;
INSERT INTO short SELECT 0, array_fill(0, ARRAY[40]) FROM generate_series(1, 300) i;
DELETE FROM short WHERE id % 10 = 3;
CREATE TABLE long (id int, v vec(600)) WITH (parallel_workers = 3);
INSERT INTO long SELECT i, test_vec(i, 600) FROM generate_series(1, 2500) i;
CREATE EXTENSION pageinspect;

-- All pages but what may differ: where the WAL was when a page was written, the server's checksum; and the codebook's
-- identity, a random number, on the metapage and the codebook's first page, which begins with 24 bytes about its shape.
CREATE FUNCTION pages(index regclass) RETURNS TABLE (block bigint, content text) LANGUAGE sql AS $$
    SELECT b, md5(substr(get_raw_page(index::text, b), CASE b WHEN 1 THEN 64 + 24 ELSE 10 END + 1))
    FROM generate_series(1, pg_relation_size(index) / 8192 - 1) b
$$;
SQL

my @indexes = (
    [ 'short', 'v' ],
    [ 'short', 'v vec_cosine_ops', 'WITH (lists = 40, bits = 8)' ],
    [ 'short', 'v vec_ip_ops', 'WITH (storage = f32, bits = none, lists = 7)' ],
    [ 'short', 'v vec_l1_ops' ],
    [ 'short', '(subvector(v, 3, 20)::vec(20))', 'WHERE id % 3 = 1' ],
    [ 'short', 'v, id, (id % 7)', 'WITH (lists = 30)' ],
    [ 'short', 'v vec_l1_ops, (nullif(id % 5, 0)), (id::text), (ARRAY[id % 3, id % 4])' ],
    [ 'long', 'v', 'WITH (lists = 30)' ],
    [ 'long', 'v vec_cosine_ops', 'WITH (sample = 500)' ]);

foreach my $i (@indexes)
{
    my ($table, $column, $options) = (@$i, '');
    my $claim = "$table ($column) $options";

    $node->safe_psql('postgres', <<SQL);
SET max_parallel_maintenance_workers = 0;
CREATE INDEX serial ON $table USING slab ($column) $options;
SET max_parallel_maintenance_workers = 3;
CREATE INDEX parallel ON $table USING slab ($column) $options;
CREATE INDEX CONCURRENTLY concurrent ON $table USING slab ($column) $options;
SQL
    my $pages = $node->safe_psql('postgres', 'SELECT count(*) FROM pages(\'serial\')');
    cmp_ok($pages, '>', 10, "$claim has $pages pages");
    foreach my $other ('parallel', 'concurrent')
    {
        is($node->safe_psql('postgres',
                "SELECT string_agg(block::text, ' ') FROM pages('serial') s FULL JOIN pages('$other') p USING (block)
                 WHERE s.content IS DISTINCT FROM p.content"),
            '', "$claim: $other and serial build wrote the same pages");
    }
    indexes_are_sound($node, $claim);
    $node->safe_psql('postgres', 'DROP INDEX serial, parallel, concurrent');
}

# Helpers do help: reading any row waits for a lock, and so several processes come to wait for it.

$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION held(v vec) RETURNS vec LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public AS $$
BEGIN
    PERFORM pg_advisory_lock_shared(1);
    PERFORM pg_advisory_unlock_shared(1);
    RETURN v;
END
$$;
CREATE FUNCTION unsafe(v vec) RETURNS vec LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE AS 'BEGIN RETURN v; END';
SQL

# How many helpers a build of the index has once it encodes rows, as soon as there are so many; undef when it never came so far.
sub count_helpers
{
    my ($sql, $wanted) = @_;
    my $builder = $node->background_psql('postgres');
    my $locker = $node->background_psql('postgres');
    my $pid = $builder->query_safe('SELECT pg_backend_pid()');
    my $helpers;

    # Sampling evaluates the expression too, but without helpers: let it pass.
    $locker->query_safe('SELECT pg_advisory_lock(1)');
    $builder->query_until(qr/begun/, "\\echo begun\n$sql;\n");
    for (1 .. 1000)
    {
        my $phase = $node->safe_psql('postgres', "SELECT phase FROM pg_stat_progress_create_index WHERE pid = $pid");

        $helpers = $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE leader_pid = $pid");
        last if $phase =~ /encoding/ || $phase eq '';
        $locker->query_safe('SELECT pg_advisory_unlock(1)');
        $locker->query_safe('SELECT pg_advisory_lock(1)');
    }
    for (1 .. 100)
    {
        $helpers = $node->safe_psql('postgres',
            "SELECT count(*) FROM pg_stat_activity WHERE leader_pid = $pid AND wait_event = 'advisory'");
        last if $helpers >= $wanted;
        select(undef, undef, undef, 0.02);
    }
    $locker->query_safe('SELECT pg_advisory_unlock(1)');
    $locker->quit;
    $builder->quit;
    return $helpers;
}

cmp_ok(count_helpers("CREATE INDEX i ON long USING slab ((held(v)::vec(600)))", 1), '>', 0, 'helpers read the table');
indexes_are_sound($node, 'built with helpers that waited');
$node->safe_psql('postgres', 'DROP INDEX i');
is(count_helpers("CREATE INDEX i ON long USING slab ((held(unsafe(v))::vec(600)))", 1),
    0, 'not where the expression is not safe for them');
$node->safe_psql('postgres', 'DROP INDEX i');
is(count_helpers("SET maintenance_work_mem = '32MB'; CREATE INDEX i ON long USING slab ((held(v)::vec(600)))", 3),
    3, 'as many as the table asks for, whatever the memory');
$node->safe_psql('postgres', 'DROP INDEX i; ALTER TABLE long RESET (parallel_workers)');
is(count_helpers("SET maintenance_work_mem = '32MB'; CREATE INDEX i ON long USING slab ((held(v)::vec(600)))", 1),
    0, 'but none by itself where memory is short');
$node->safe_psql('postgres', 'DROP INDEX i');

# What a helper meets, the statement reports.

$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION failing(v vec) RETURNS vec LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF (SELECT leader_pid FROM pg_stat_activity WHERE pid = pg_backend_pid()) IS NOT NULL THEN
        RAISE 'met by a helper';
    END IF;
    PERFORM pg_sleep(0.001);
    RETURN v;
END
$$;
SQL
run_fails_with($node, 'CREATE INDEX i ON long USING slab ((failing(v)::vec(600)))', qr/met by a helper/,
    'an error of a helper ends the build');
$node->safe_psql('postgres', 'ALTER TABLE long SET (parallel_workers = 3)');
run_fails_with($node, 'CREATE INDEX i ON long USING slab ((failing(v)::vec(600)))', qr/met by a helper/,
    'an error of a helper ends the build');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'"),
    0, 'no helper is left');

# No helpers to be had

$node->append_conf('postgresql.conf', 'max_parallel_workers = 0');
$node->reload;
is(count_helpers('CREATE INDEX i ON long USING slab ((held(v)::vec(600)))', 1), 0, 'without workers the leader builds alone');
indexes_are_sound($node, 'built alone');

done_testing();
