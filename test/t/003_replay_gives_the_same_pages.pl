# wal_consistency_checking: after each record a standby's page is the primary's, byte by byte.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $primary = new_server('primary', allows_streaming => 1);
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

# Growth of small and large extents, vectors over one page and over several records, flags set by scans and by VACUUM,
# what a rollback leaves, builds, an index without rows; flushes, and every kind of maintenance, some of it on blocks used before.
my $load = <<'SQL';
CREATE TABLE t (id int, v vec(60));
CREATE INDEX l2 ON t USING slab (v, id);
INSERT INTO t SELECT i, test_vec(i, 60) FROM generate_series(1, 1500) i;
CREATE INDEX cosine ON t USING slab (v vec_cosine_ops) WITH (storage = f32);
CREATE TABLE large (id int, v vec(9000));
CREATE INDEX large_i ON large USING slab (v) WITH (storage = f32);
INSERT INTO large SELECT i, test_vec(i, 9000) FROM generate_series(1, 12) i;
CREATE UNLOGGED TABLE u (v vec(2));
CREATE INDEX u_i ON u USING slab (v);
DELETE FROM t WHERE id % 3 = 0;
DELETE FROM large WHERE id = 5;
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT FROM t ORDER BY v <-> test_vec(0, 60)) s;
SELECT count(*) FROM (SELECT FROM large ORDER BY v <-> test_vec(0, 9000)) s;
BEGIN;
INSERT INTO t SELECT i, test_vec(i, 60) FROM generate_series(2001, 2500) i;
SAVEPOINT s;
INSERT INTO large SELECT i, test_vec(i, 9000) FROM generate_series(101, 104) i;
ROLLBACK;
VACUUM t, large;
CHECKPOINT;
INSERT INTO t SELECT i, test_vec(i, 60) FROM generate_series(3001, 3500) i;
INSERT INTO large SELECT i, test_vec(i, 9000) FROM generate_series(201, 204) i;
UPDATE t SET v = test_vec(-id, 60) WHERE id % 50 = 1;
DELETE FROM t WHERE id > 3400;
SELECT count(*) FROM (SELECT FROM t ORDER BY v <=> test_vec(0, 60)) s;
VACUUM t;
REINDEX TABLE t;
ALTER INDEX l2 SET (seal_threshold = 50, vacuum_threshold = 0.05);
INSERT INTO t SELECT i, test_vec(i, 60) FROM generate_series(4001, 4500) i;
SELECT slab_compact('l2'), slab_compact('large_i', true);
INSERT INTO t SELECT i, test_vec(i, 60) FROM generate_series(5001, 5300) i;
SELECT slab_compact('l2', true), slab_recluster('cosine');
DELETE FROM t WHERE id % 3 = 1;
VACUUM (INDEX_CLEANUP ON) t;
SELECT slab_recluster('l2');
SELECT slab_compact('l2', true);
INSERT INTO t SELECT i, test_vec(i, 60) FROM generate_series(6001, 6300) i;
SELECT slab_vacuum('l2'), slab_vacuum('cosine'), slab_calibrate('l2') IS NULL;
CREATE TABLE terms (id int, s svec(1000), t tsvector);
CREATE INDEX products ON terms USING slab (s, id) WITH (seal_threshold = 50, vacuum_threshold = 0.05);
INSERT INTO terms SELECT i, test_svec(i, 1000), test_text(i) FROM generate_series(1, 300) i;
CREATE INDEX words ON terms USING slab (t, id) WITH (seal_threshold = 50);
INSERT INTO terms SELECT i, test_svec(i, 1000), test_text(i) FROM generate_series(301, 600) i;
INSERT INTO terms SELECT 0, ('{' || string_agg(i || ':1', ',') || '}/1000')::svec, NULL FROM generate_series(1, 1000) i;
SELECT slab_compact('words'), slab_compact('products', true);
DELETE FROM terms WHERE id % 3 = 1;
VACUUM (INDEX_CLEANUP ON) terms;
INSERT INTO terms SELECT i, test_svec(i, 1000), test_text(i) FROM generate_series(601, 650) i;
SELECT slab_vacuum('words'), slab_compact('products', true);
SQL

foreach my $checked ('generic', 'all')
{
    $primary->append_conf('postgresql.conf', "wal_consistency_checking = '$checked'");
    $primary->reload;
    ok($primary->poll_query_until('postgres', "SHOW wal_consistency_checking", $checked), "checking $checked");
    $primary->safe_psql('postgres', $load);
    $primary->wait_for_catchup($standby);
    is($standby->safe_psql('postgres', 'SELECT pg_is_in_recovery()'), 't', "$checked: the standby has replayed everything");
    indexes_are_sound($standby, "$checked, standby");
    answers_are_exact($standby, "$checked, standby") if $checked eq 'generic';
    $primary->safe_psql('postgres', 'DROP TABLE t, large, u, terms');
    $primary->wait_for_catchup($standby);
}
unlike(slurp_file($standby->logfile), qr/inconsistent page/, 'no page differed');

done_testing();
