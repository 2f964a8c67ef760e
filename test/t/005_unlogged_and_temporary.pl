# Unlogged indexes are empty and usable after a crash, temporary ones serve their session, prepared inserts survive.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => 'max_prepared_transactions = 4');

sub count_found
{
    my ($table) = @_;

    return $node->safe_psql('postgres',
        "SET enable_seqscan = off; SELECT count(*) FROM (SELECT 1 FROM $table ORDER BY v <-> test_vec(0, 20)) s");
}

# Unlogged

$node->safe_psql('postgres', <<'SQL');
CREATE UNLOGGED TABLE u (id int, v vec(20));
CREATE INDEX u_built ON u USING slab (v);
INSERT INTO u SELECT i, test_vec(i, 20) FROM generate_series(1, 700) i;
CREATE INDEX u_cosine ON u USING slab (v vec_cosine_ops);
SQL
indexes_are_sound($node, 'unlogged');
answers_are_exact($node, 'unlogged');

$node->restart;
is(count_found('u'), 700, 'an unlogged index keeps its rows over a clean restart');
indexes_are_sound($node, 'after a clean restart');

# Of this one nothing was written by a checkpoint.
$node->safe_psql('postgres', <<'SQL');
CREATE UNLOGGED TABLE late (id int, v vec(20));
CREATE INDEX late_i ON late USING slab (v);
INSERT INTO late SELECT i, test_vec(i, 20) FROM generate_series(1, 700) i;
SQL
crash($node);
$node->start;
is(count_found('late'), 0, 'an unlogged index made since the last checkpoint is empty after a crash');
$node->safe_psql('postgres', 'INSERT INTO late SELECT i, test_vec(i, 20) FROM generate_series(1, 100) i');
is(count_found('u'), 0, 'an unlogged index is empty after a crash');
is($node->safe_psql('postgres', "SELECT count(*) FROM slab_pages('u_built') WHERE role NOT IN ('meta', 'codebook')"),
    0, 'it is its metapage and a codebook again, and nothing else');
indexes_are_sound($node, 'after a crash');

$node->safe_psql('postgres', 'INSERT INTO u SELECT i, test_vec(i, 20) FROM generate_series(1, 500) i');
is(count_found('u'), 500, 'rows inserted after the crash are found');
indexes_are_sound($node, 'filled after a crash');
answers_are_exact($node, 'filled after a crash');

$node->safe_psql('postgres', 'ALTER TABLE u SET LOGGED; INSERT INTO u SELECT 1, test_vec(-1, 20)');
crash($node);
$node->start;
is(count_found('u'), 501, 'a table set to LOGGED keeps its rows through a crash');
indexes_are_sound($node, 'set to LOGGED');

# Temporary

my $session = $node->background_psql('postgres');
$session->query_safe(<<'SQL');
CREATE TEMPORARY TABLE temp_t (id int, v vec(20));
CREATE INDEX temp_i ON temp_t USING slab (v);
INSERT INTO temp_t SELECT i, test_vec(i, 20) FROM generate_series(1, 700) i;
DELETE FROM temp_t WHERE id % 3 = 0;
VACUUM temp_t;
INSERT INTO temp_t SELECT i, test_vec(i, 20) FROM generate_series(701, 900) i;
SQL
is($session->query_safe('SELECT * FROM index_faults()'), '', 'a temporary index is sound');
is($session->query_safe('SELECT * FROM answer_faults(1)'), '', 'its answers are exact');
run_fails_with(
    $node,
    "SELECT slab_check(oid) FROM pg_class WHERE relname = 'temp_i'",
    qr/0A000: cannot read temporary index "temp_i" of another session/,
    'another session is told that it cannot read it');

$session->query_safe(<<'SQL');
CREATE TEMPORARY TABLE short_t (id int, v vec(20)) ON COMMIT DELETE ROWS;
CREATE INDEX short_i ON short_t USING slab (v);
SQL
foreach my $rows (500, 30, 800)
{
    my $count = $session->query_safe(<<SQL);
BEGIN;
INSERT INTO short_t SELECT i, test_vec(i, 20) FROM generate_series(1, $rows) i;
SELECT slab_check('short_i', true);
SELECT count(*) FROM slab_topk('short_i', test_vec(0, 20), 1000);
COMMIT;
SQL
    is($count =~ s/\s//gr, $rows, "$rows rows of a table ON COMMIT DELETE ROWS");
}
is($session->query_safe("SELECT count(*) FROM slab_pages('short_i') WHERE role NOT IN ('meta', 'codebook')"),
    0, 'its index is empty after the commit');
$session->quit;
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_class WHERE relname IN ('temp_i', 'short_i')"),
    'temporary indexes vanish with their session');

# Two-phase commit

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE p (id int, v vec(20));
CREATE INDEX p_i ON p USING slab (v);
INSERT INTO p SELECT i, test_vec(i, 20) FROM generate_series(1, 100) i;
BEGIN;
INSERT INTO p SELECT i, test_vec(i, 20) FROM generate_series(101, 500) i;
PREPARE TRANSACTION 'kept';
BEGIN;
INSERT INTO p SELECT i, test_vec(i, 20) FROM generate_series(501, 800) i;
PREPARE TRANSACTION 'undone';
SQL
is(count_found('p'), 100, 'rows of prepared transactions are not seen yet');
crash($node);
$node->start;
is(count_found('p'), 100, 'nor after a crash');
$node->safe_psql('postgres', q{COMMIT PREPARED 'kept'});
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'undone'});
is(count_found('p'), 500, 'those of the committed one are seen then, the others never');
indexes_are_sound($node, 'prepared transactions');
answers_are_exact($node, 'prepared transactions');

done_testing();
