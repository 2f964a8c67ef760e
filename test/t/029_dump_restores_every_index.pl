# A dump restores every index that there can be: what a restore could not build was refused when it was defined.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');

# Definitions that are made in several steps; those that a restore would refuse fail here.
my $statements = <<'SQL';
CREATE DOMAIN three AS vec(3);
CREATE DOMAIN checked AS three CHECK (vec_dims(VALUE) = 3);
CREATE DOMAIN any_dims AS vec;
CREATE TABLE t (id int, v vec(3), d checked, a vec);
INSERT INTO t SELECT i, x, x, x FROM generate_series(1, 500) i, LATERAL (SELECT test_vec(i, 3)) f(x);
CREATE INDEX plain ON t USING slab (v);
CREATE INDEX domain ON t USING slab (d vec_cosine_ops) WITH (lists = 4, storage = f32, embedder = 'model');
CREATE INDEX expression ON t USING slab ((a::vec(3)) vec_ip_ops) WHERE id > 100;
CREATE INDEX l1 ON t USING slab (v vec_l1_ops);
ALTER INDEX l1 SET (lists = 10);
ALTER INDEX l1 SET (storage = f32);
ALTER INDEX plain SET (bits = 8, lists = 2);
ALTER INDEX domain SET (embedder = 'another', revision = 2);
ALTER TABLE t ALTER v TYPE vec;
ALTER TABLE t ALTER d TYPE any_dims;
ALTER TABLE t ALTER v TYPE three;
CREATE INDEX nothing ON t USING slab (a);
CREATE TABLE p (id int, v vec(3), a vec) PARTITION BY LIST (id);
CREATE INDEX parts ON p USING slab (v);
CREATE INDEX parts_l1 ON p USING slab (v vec_l1_ops) WITH (lists = 4);
CREATE INDEX parts_any ON p USING slab (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
ALTER TABLE p ALTER v TYPE vec;
ALTER TABLE p ALTER v TYPE checked;
INSERT INTO p SELECT 1, v FROM t;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'ok';
CREATE TABLE f (id int, v vec(3), m mood, s text, c text COLLATE "C", labels text[], n numeric);
INSERT INTO f SELECT i, test_vec(i, 3), (enum_range(NULL::mood))[1 + i % 4], 'S' || i % 20, 'c' || i % 30, ARRAY['a' || i % 5], i / 7.0 FROM generate_series(1, 800) i;
CREATE INDEX filters ON f USING slab (v, m, s, s COLLATE "C", (lower(s)), c, labels, n, ((id % 5))) WITH (lists = 5);
CREATE TABLE h (id int, h hvec(3), v vec(3));
INSERT INTO h SELECT id, v, v FROM t;
CREATE INDEX halves ON h USING slab (h hvec_ip_ops, id);
CREATE INDEX as_halves ON h USING slab ((v::hvec(3)));
CREATE INDEX as_bits ON h USING slab ((binary_quantize(v)::bit(3)) bit_jaccard_ops, id);
CREATE INDEX too_many ON f USING slab (v, m, s, c, labels, n, id, (id % 2), (id % 3), (id % 5));
CREATE INDEX no_class ON f USING slab (v, (point(id, 0)));
SQL

my @refused = grep { sql_error($node, $_) ne '' } split /\n/, $statements;
is_deeply(
    \@refused,
    [
        'ALTER INDEX l1 SET (lists = 10);',
        'ALTER TABLE t ALTER v TYPE vec;',
        'ALTER TABLE t ALTER d TYPE any_dims;',
        'CREATE INDEX nothing ON t USING slab (a);',
        'CREATE INDEX parts_l1 ON p USING slab (v vec_l1_ops) WITH (lists = 4);',
        'CREATE INDEX parts_any ON p USING slab (a);',
        'ALTER TABLE p ALTER v TYPE vec;',
        'CREATE INDEX too_many ON f USING slab (v, m, s, c, labels, n, id, (id % 2), (id % 3), (id % 5));',
        'CREATE INDEX no_class ON f USING slab (v, (point(id, 0)));'
    ],
    'what a build would refuse is refused at once');

my $indexes = <<'SQL';
SELECT c.relname, pg_get_indexdef(c.oid), s.rows, s.dims, s.problem
FROM pg_class c JOIN pg_am a ON a.oid = c.relam LEFT JOIN slab_indexes s ON s.index = c.oid WHERE amname = 'slab' ORDER BY 1
SQL
my $dump = "$PostgreSQL::Test::Utils::tmp_check/dump.sql";
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_dump', '-f', $dump, 'postgres' ], 'the database is dumped');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, 'restored' ], 'and restored');
my $there = $node->safe_psql('postgres', $indexes);
is($node->safe_psql('restored', $indexes), $there, 'with every index');
is(scalar(split /\n/, $there), 10, 'of which there are some');
is($node->safe_psql('restored', 'SELECT * FROM index_faults()'), '', 'that agrees with its table');

# An enum's values have other numbers there.
my $conditions = <<'SQL';
SELECT fault FROM unnest(ARRAY[
    $$ m = 'calm' $$, $$ m >= 'ok' $$, $$ s = 'S3' $$, $$ s COLLATE "C" < 'S15' $$, $$ lower(s) = 's7' $$,
    $$ c BETWEEN 'c1' AND 'c15' $$, $$ labels && '{a1,a4}' $$, $$ n > 50.5 $$, $$ id % 5 = 2 $$]) condition,
    filter_faults('f', condition, '<->', test_vec(1001, 3)) fault
SQL
is($node->safe_psql($_, $conditions), '', "conditions on filter columns find their rows in database $_") foreach 'postgres', 'restored';

# Other ways to build them all anew.
$node->safe_psql('postgres', $_) foreach 'VACUUM FULL', 'REINDEX DATABASE postgres', 'REINDEX TABLE CONCURRENTLY t';
indexes_are_sound($node, 'after VACUUM FULL and REINDEX');

done_testing();
