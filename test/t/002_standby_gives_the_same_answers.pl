# A standby gives the primary's answers, does not believe what the primary's scans found dead, and can take over.
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
$standby->append_conf('postgresql.conf', "hot_standby_feedback = on\nwal_receiver_status_interval = 1\n"
      . "max_standby_streaming_delay = -1");
$standby->start;

sub standby_agrees
{
    my ($claim) = @_;
    my $count = "SELECT count(*), (SELECT count(*) FROM slab_topk('i', test_vec(0, 50), 100000)) FROM t";

    $primary->wait_for_catchup($standby);
    is($standby->safe_psql('postgres', $count), $primary->safe_psql('postgres', $count), "$claim: as many rows");
    indexes_are_sound($standby, "$claim, standby");
    answers_are_exact($standby, "$claim, standby");
    filters_are_exact($standby, "$claim, standby", map { [ 't', $_, '<->', 50 ] } 'id BETWEEN 100 AND 140', 'id > 2000');
}

$primary->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int PRIMARY KEY, v vec(50));
CREATE INDEX i ON t USING slab (v, id);
CREATE TABLE large (id int, v vec(9000));
CREATE INDEX large_i ON large USING slab (v) WITH (storage = f32);
CREATE TABLE halves (id int, v hvec(50));
CREATE INDEX halves_i ON halves USING slab (v hvec_cosine_ops);
CREATE TABLE bits (id int, v bit(50));
CREATE INDEX bits_i ON bits USING slab (v bit_jaccard_ops);
INSERT INTO t SELECT i, test_vec(i, 50) FROM generate_series(1, 1500) i;
INSERT INTO large SELECT i, test_vec(i, 9000) FROM generate_series(1, 15) i;
INSERT INTO halves SELECT id, v FROM t;
INSERT INTO bits SELECT id, binary_quantize(v) FROM t;
SQL
standby_agrees('inserts');

$primary->safe_psql('postgres', <<'SQL');
UPDATE t SET v = test_vec(-id, 50) WHERE id % 5 = 0;
DELETE FROM t WHERE id % 7 = 0;
DELETE FROM large WHERE id = 3;
DELETE FROM halves WHERE id % 3 = 0;
DELETE FROM bits WHERE id % 3 = 0;
BEGIN;
INSERT INTO t SELECT i, test_vec(i, 50) FROM generate_series(10001, 10500) i;
ROLLBACK;
VACUUM t, large, halves, bits;
INSERT INTO halves SELECT i, test_vec(i, 50) FROM generate_series(2001, 2500) i;
INSERT INTO bits SELECT id, binary_quantize(v) FROM halves WHERE id > 2000;
INSERT INTO t SELECT i, test_vec(i, 50) FROM generate_series(2001, 2700) i;
SQL
standby_agrees('updates, deletes, a rollback and VACUUM');

$primary->safe_psql('postgres', <<'SQL');
CREATE INDEX cosine ON t USING slab (v vec_cosine_ops);
CREATE INDEX CONCURRENTLY ip ON t USING slab (v vec_ip_ops);
REINDEX INDEX i;
REINDEX INDEX CONCURRENTLY cosine;
DELETE FROM large;
TRUNCATE large;
INSERT INTO large SELECT i, test_vec(-i, 9000) FROM generate_series(1, 5) i;
SQL
standby_agrees('builds and TRUNCATE');

$primary->safe_psql('postgres', 'CREATE UNLOGGED TABLE u (v vec(3)); CREATE INDEX u_i ON u USING slab (v)');
$primary->wait_for_catchup($standby);
is($standby->safe_psql('postgres', "SELECT string_agg(index::text, ' ' ORDER BY index::text) FROM slab_indexes"),
    'bits_i cosine halves_i i ip large_i', 'slab_indexes lists the indexes that the standby has');
run_fails_with(
    $standby,
    "SELECT slab_check('u_i')",
    qr/0A000: cannot read unlogged index "u_i" during recovery/,
    'an unlogged index is refused there');

# Flags of dead rows

$primary->safe_psql('postgres', 'CREATE TABLE k (id int, v vec(3)); CREATE INDEX k_i ON k USING slab (v)');
$primary->safe_psql('postgres', 'INSERT INTO k SELECT i, test_vec(i, 3) FROM generate_series(1, 100) i');
$primary->wait_for_catchup($standby);

sub found_in_k
{
    my ($ask) = @_;

    return $ask->("SET enable_seqscan = off; SELECT count(*) FROM (SELECT 1 FROM k ORDER BY v <-> '[0,0,0]') s");
}

# Feedback would keep rows that a standby's snapshot sees from being dead to everybody, so nothing would be flagged.
$standby->append_conf('postgresql.conf', 'hot_standby_feedback = off');
$standby->reload;
ok( $primary->poll_query_until('postgres', 'SELECT bool_and(backend_xmin IS NULL) FROM pg_stat_replication'),
    'the primary knows of no snapshot on the standby');

my $old = $standby->background_psql('postgres');
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
is(found_in_k(sub { $old->query_safe(@_) }), 100, 'a snapshot on the standby sees all rows');

$primary->safe_psql('postgres', 'DELETE FROM k WHERE id <= 40');
is(found_in_k(sub { $primary->safe_psql('postgres', @_) }), 60, 'the primary has deleted some');
my $flagged = "SELECT sum(tombstones) FROM slab_pages('k_i')";
is($primary->safe_psql('postgres', $flagged), 40, 'its scan has flagged them');
$primary->wait_for_catchup($standby);
is($standby->safe_psql('postgres', $flagged), 40, 'the flags are on the standby');
is(found_in_k(sub { $old->query_safe(@_) }), 100, 'the older snapshot there still finds all rows by the index');
is(found_in_k(sub { $standby->safe_psql('postgres', @_) }), 60, 'a new one does not');

$old->query_safe('COMMIT');

# Feedback on: an older snapshot of the standby keeps its rows over a VACUUM of the primary.

$standby->append_conf('postgresql.conf', 'hot_standby_feedback = on');
$standby->reload;
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
is(found_in_k(sub { $old->query_safe(@_) }), 60, 'another snapshot on the standby');
ok($primary->poll_query_until('postgres', 'SELECT bool_and(backend_xmin IS NOT NULL) FROM pg_stat_replication'),
    'the primary knows of it');
$primary->safe_psql('postgres', 'DELETE FROM k WHERE id <= 70');
found_in_k(sub { $primary->safe_psql('postgres', @_) });
is($primary->safe_psql('postgres', $flagged), 40, 'rows it sees are not flagged');
$primary->safe_psql('postgres', 'VACUUM k');
$primary->wait_for_catchup($standby);
is(found_in_k(sub { $old->query_safe(@_) }), 60, 'it finds them after VACUUM');
$old->query_safe('COMMIT');

# Taking over, with a transaction on the standby that began before

$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
found_in_k(sub { $old->query_safe(@_) });
$standby->promote;
ok($standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()'), 'the standby takes over');
$standby->safe_psql('postgres', <<'SQL');
INSERT INTO t SELECT i, test_vec(i, 50) FROM generate_series(5001, 6000) i;
INSERT INTO large SELECT i, test_vec(i, 9000) FROM generate_series(1, 10) i;
INSERT INTO k SELECT i, test_vec(i, 3) FROM generate_series(1001, 1500) i;
DELETE FROM k WHERE id BETWEEN 71 AND 80;
SQL
found_in_k(sub { $standby->safe_psql('postgres', @_) });
is(found_in_k(sub { $old->query_safe(@_) }), 30, 'a transaction of the standby goes on after it took over');
$old->query_safe('COMMIT');
$old->quit;
$standby->safe_psql('postgres', 'VACUUM t, large, halves, bits, k');
indexes_are_sound($standby, 'after taking over');
answers_are_exact($standby, 'after taking over');

done_testing();
