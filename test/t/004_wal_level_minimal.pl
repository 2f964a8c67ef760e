# With wal_level = minimal a build is not logged but synced at commit; a crash right after it loses nothing.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => "wal_level = minimal\nmax_wal_senders = 0");

# Each makes or refills a table t_NAME within one transaction, which leaves 900 rows in it.
my %loads = (
    all_in_one => <<'SQL',
BEGIN;
CREATE TABLE t_NAME (id int, v vec(40));
CREATE INDEX i_NAME ON t_NAME USING slab (v);
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 900) i;
COMMIT;
SQL
    index_after_rows => <<'SQL',
BEGIN;
CREATE TABLE t_NAME (id int, v vec(40));
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 500) i;
CREATE INDEX i_NAME ON t_NAME USING slab (v vec_cosine_ops);
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(501, 900) i;
COMMIT;
SQL
    index_of_its_own => <<'SQL',
CREATE TABLE t_NAME (id int, v vec(40));
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 900) i;
CREATE INDEX i_NAME ON t_NAME USING slab (v vec_l1_ops) WITH (storage = f32);
SQL
    truncated_and_reloaded => <<'SQL',
CREATE TABLE t_NAME (id int, v vec(40));
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 2000) i;
CREATE INDEX i_NAME ON t_NAME USING slab (v);
BEGIN;
TRUNCATE t_NAME;
INSERT INTO t_NAME SELECT i, test_vec(-i, 40) FROM generate_series(1, 700) i;
TRUNCATE t_NAME;
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 900) i;
COMMIT;
SQL
    truncate_undone => <<'SQL',
CREATE TABLE t_NAME (id int, v vec(40));
CREATE INDEX i_NAME ON t_NAME USING slab (v);
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 900) i;
BEGIN;
TRUNCATE t_NAME;
INSERT INTO t_NAME SELECT i, test_vec(-i, 40) FROM generate_series(1, 700) i;
ROLLBACK;
SQL
    rebuilt => <<'SQL',
CREATE TABLE t_NAME (id int, v vec(40));
CREATE INDEX i_NAME ON t_NAME USING slab (v);
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 600) i;
BEGIN;
REINDEX INDEX i_NAME;
SAVEPOINT s;
INSERT INTO t_NAME SELECT i, test_vec(-i, 40) FROM generate_series(1, 500) i;
ROLLBACK TO s;
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(601, 900) i;
COMMIT;
SQL
    growth_after => <<'SQL',
BEGIN;
CREATE TABLE t_NAME (id int, v vec(40));
CREATE INDEX i_NAME ON t_NAME USING slab (v vec_ip_ops);
COMMIT;
INSERT INTO t_NAME SELECT i, test_vec(i, 40) FROM generate_series(1, 900) i;
SQL
);

# At commit a small file is logged and a large one synced: the setting chooses which.
foreach my $threshold (0, '1GB')
{
    foreach my $name (sort keys %loads)
    {
        my $sql = $loads{$name} =~ s/NAME/$name/gr;

        $node->safe_psql('postgres', "SET wal_skip_threshold = '$threshold';\n$sql");
    }
    crash($node);
    $node->start;
    indexes_are_sound($node, "wal_skip_threshold $threshold");
    answers_are_exact($node, "wal_skip_threshold $threshold");
    foreach my $name (sort keys %loads)
    {
        is($node->safe_psql('postgres', "SELECT count(*) FROM slab_topk('i_$name', test_vec(1, 40), 10000)"),
            900, "$name, wal_skip_threshold $threshold: all rows are in the index after a crash");
        $node->safe_psql('postgres', "INSERT INTO t_$name SELECT i, test_vec(i, 40) FROM generate_series(1, 300) i");
    }
    indexes_are_sound($node, "more rows after the crash, wal_skip_threshold $threshold");
    $node->safe_psql('postgres', "DROP TABLE t_$_") foreach keys %loads;
}

done_testing();
