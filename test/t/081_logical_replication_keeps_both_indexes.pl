# Logical replication: rows that are copied at first and changes after that arrive in a table with slab indexes of its own, which stay
# sound and give the answers that the publisher's do.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $publisher = new_server('publisher', allows_streaming => 'logical');
my $subscriber = new_server('subscriber');

my $tables = <<'SQL';
CREATE TABLE t (id int PRIMARY KEY, tenant int, v vec(50));
CREATE INDEX t_v ON t USING slab (v, tenant);
CREATE TABLE halves (id int PRIMARY KEY, v hvec(50), s svec(50));
CREATE INDEX halves_v ON halves USING slab (v hvec_cosine_ops);
CREATE TABLE bits (id int PRIMARY KEY, v bit(50));
CREATE INDEX bits_v ON bits USING slab (v);
CREATE TABLE emptied (id int PRIMARY KEY, v vec(3));
CREATE INDEX emptied_v ON emptied USING slab (v vec_cosine_ops);
SQL
$_->safe_psql('postgres', $tables) foreach $publisher, $subscriber;

# Large values lie out of line, and an update of another column does not send them. Such a row has to be looked up there.
$_->safe_psql('postgres', 'CREATE TABLE large (id int PRIMARY KEY, note text, v vec(2000)); CREATE INDEX large_v ON large USING slab (v)')
    foreach $publisher, $subscriber;

sub both_agree
{
    my ($claim) = @_;
    my $seed = int(rand(1_000_000));

    $publisher->wait_for_catchup('s');
    foreach my $table (qw(t halves bits emptied large))
    {
        my $rows = "SELECT count(*), md5(string_agg(r::text, ',' ORDER BY id)) FROM $table r";
        is($subscriber->safe_psql('postgres', $rows), $publisher->safe_psql('postgres', $rows), "$claim: rows of $table");
    }
    foreach my $node ($publisher, $subscriber)
    {
        my $where = $claim . ' on the ' . $node->name;
        indexes_are_sound($node, $where);
        answers_are_exact($node, $where, $seed);
        filters_are_exact($node, $where, [ 't', 'tenant = 3', '<->', 50 ]);
    }
}

$publisher->safe_psql('postgres', <<'SQL');
INSERT INTO t SELECT i, i % 10, test_vec(i, 50) FROM generate_series(1, 1500) i;
INSERT INTO halves SELECT id, v, v FROM t;
INSERT INTO bits SELECT id, binary_quantize(v) FROM t;
INSERT INTO emptied SELECT i, test_vec(i, 3) FROM generate_series(1, 200) i;
INSERT INTO large SELECT i, 'first', test_vec(i, 2000) FROM generate_series(1, 30) i;
CREATE PUBLICATION p FOR TABLE t, halves, bits, emptied, large;
SQL
$subscriber->safe_psql('postgres',
    sprintf("CREATE SUBSCRIPTION s CONNECTION '%s dbname=postgres' PUBLICATION p", $publisher->connstr));
$subscriber->wait_for_subscription_sync($publisher, 's');
both_agree('the first copy');

my $changes = <<'SQL';
INSERT INTO t SELECT i, i % 10, test_vec(i, 50) FROM generate_series(%1$d, %1$d + 700) i;
UPDATE t SET v = test_vec(-id, 50) WHERE id %% 5 = 0;
UPDATE t SET tenant = 3 WHERE id %% 11 = 0;
DELETE FROM t WHERE id %% 7 = 0;
BEGIN;
INSERT INTO t SELECT i, 3, test_vec(i, 50) FROM generate_series(90001, 90100) i;
ROLLBACK;
INSERT INTO halves SELECT id, v, v FROM t WHERE id >= %1$d;
DELETE FROM halves WHERE id %% 3 = 0;
UPDATE bits SET v = ~v WHERE id %% 4 = 0;
DELETE FROM bits WHERE id %% 9 = 0;
UPDATE large SET note = 'again' WHERE id %% 2 = 0;
UPDATE large SET v = test_vec(-id, 2000) WHERE id %% 3 = 0;
TRUNCATE emptied;
INSERT INTO emptied SELECT i, test_vec(-i, 3) FROM generate_series(1, 50) i;
SQL
$publisher->safe_psql('postgres', sprintf($changes, 2001));
both_agree('changes');

# The subscriber's index is maintained by itself, and VACUUM on either side is its own affair.
$subscriber->safe_psql('postgres', "VACUUM t, halves, bits, emptied, large; SELECT slab_compact('t_v', true)");
$publisher->safe_psql('postgres', 'VACUUM t, halves');
both_agree('maintenance');

# Vectors go in binary form, too.
$subscriber->safe_psql('postgres', 'ALTER SUBSCRIPTION s SET (binary = true)');
$publisher->safe_psql('postgres', sprintf($changes, 4001));
both_agree('changes in binary form');

is($publisher->safe_psql('postgres', 'SELECT count(*) FROM t WHERE id > 90000'), 0, 'what was rolled back is nowhere');
is($subscriber->safe_psql('postgres', 'SELECT count(*) > 1000 FROM t'), 't', 'the tables have rows');

done_testing();
