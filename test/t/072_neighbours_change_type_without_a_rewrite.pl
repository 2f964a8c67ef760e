# A column of the extension vector becomes one of ours by ALTER TABLE, and one of theirs again, without its table being written anew;
# and what becomes of the indexes on it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestNeighbours;
use Test::More;

my $node = new_neighbours('main');

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE items (id int PRIMARY KEY, v vector(3), h halfvec(3), s sparsevec(3), d vector);
INSERT INTO items SELECT i, x::vector, x::hvec::halfvec, x::svec::sparsevec, x::vector
    FROM generate_series(1, 2000) i, LATERAL (SELECT test_vec(i, 3)) f(x);
CREATE TABLE copied AS SELECT id, v::text AS v, h::text AS h, s::text AS s, d::text AS d FROM items;
SQL
my $file = q(SELECT pg_relation_filenode('items'), pg_relation_filenode(reltoastrelid) FROM pg_class WHERE oid = 'items'::regclass);

# alters($change, $rewrites, $claim)
sub alters
{
    my ($change, $rewrites, $claim) = @_;
    my $before = $node->safe_psql('postgres', $file);

    $node->safe_psql('postgres', "ALTER TABLE items $change");
    my $after = $node->safe_psql('postgres', $file);

    ($rewrites ? \&isnt : \&is)->($after, $before, "$change: $claim");
    is( $node->safe_psql('postgres', 'SELECT id, v, h, s, d FROM items ORDER BY 1'),
        $node->safe_psql('postgres', 'SELECT * FROM copied ORDER BY 1'),
        'and the values are those');
}

alters('ALTER v TYPE vec(3), ALTER h TYPE hvec(3), ALTER d TYPE vec', 0, 'no rewrite');
is($node->safe_psql('postgres', q(SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'items'::regclass AND attnum = 2)),
    'vec(3)', 'the column has the type and its dimensions');
alters('ALTER v TYPE vector(3), ALTER h TYPE halfvec(3), ALTER d TYPE vector', 0, 'nor on the way back');
alters('ALTER v TYPE vec', 0, 'without dimensions neither');
alters('ALTER v TYPE vector', 0, 'nor back');
alters('ALTER v TYPE vec(3)', 1, 'dimensions that were not declared have to be looked at');
alters('ALTER v TYPE vector(3)', 0, 'those that were need not');
my $dims = qr/22000.*expected 4 dimensions/s;
run_fails_with($node, 'ALTER TABLE items ALTER v TYPE vec(4)', $dims, 'other dimensions are refused');
run_fails_with($node, 'ALTER TABLE items ALTER d TYPE vec(4)', $dims, 'where none are declared, too');

# ---- sparse vectors, which do not have quite the same rules

alters('ALTER s TYPE svec(3)', 1, 'values are looked at');
alters('ALTER s TYPE sparsevec(3)', 1, 'and on the way back');
is($node->safe_psql('postgres', q(SELECT s, s = '{2:1}/2'::svec FROM (SELECT ('{1e-60,1}'::float8[])::sparsevec::svec AS s) AS t)),
    '{2:1}/2|t', 'an element that was rounded to zero is none of an svec');
$node->safe_psql('postgres', q(CREATE TABLE many (s svec);
    INSERT INTO many SELECT ('{' || string_agg(i || ':1', ',') || '}/20000')::svec FROM generate_series(1, 16001) AS i));
run_fails_with($node, 'ALTER TABLE many ALTER s TYPE sparsevec', qr/54000.*more than 16000 non-zero/s, 'more non-zeros than they have are refused');

# ---- indexes

my $nearest = 'SET enable_seqscan = off; SET slab.exact = on; SELECT array_agg(id) FROM '
  . q((SELECT id FROM items ORDER BY v %s '[0.1,0.2,0.3]' LIMIT 20) s);
my $definition = q(SELECT pg_get_indexdef('on_v'::regclass));

# Of the default class: both types have one, which the index becomes one of.
$node->safe_psql('postgres', 'CREATE INDEX on_v ON items USING slab (v, id)');
my $found = $node->safe_psql('postgres', sprintf($nearest, '<->'));
alters('ALTER v TYPE vec(3)', 0, 'no rewrite with an index of the default class');
is($node->safe_psql('postgres', q(SELECT opcname FROM pg_index, pg_opclass o WHERE indexrelid = 'on_v'::regclass AND o.oid = indclass[0])),
    'vec_l2_ops', 'which is one of our class now');
is($node->safe_psql('postgres', sprintf($nearest, '<->')), $found, 'and finds the same rows');
indexes_are_sound($node, 'after the change');
alters('ALTER v TYPE vector(3)', 0, 'and back');
is($node->safe_psql('postgres', q(SELECT opcname FROM pg_index, pg_opclass o WHERE indexrelid = 'on_v'::regclass AND o.oid = indclass[0])),
    'vector_l2_ops', 'to an index of theirs');
is($node->safe_psql('postgres', sprintf($nearest, '<->')), $found, 'that finds the same rows');
$node->safe_psql('postgres', 'DROP INDEX on_v');

# Of a class that is named: the name is that of one type. The change is refused, and all is as before.
foreach my $index ('USING slab (v vector_cosine_ops)', 'USING hnsw (v vector_l2_ops)', 'USING hnsw (v vector_cosine_ops)', 'USING ivfflat (v)')
{
    $node->safe_psql('postgres', "SET client_min_messages = error; CREATE INDEX on_v ON items $index");
    run_fails_with($node, 'ALTER TABLE items ALTER v TYPE vec(3)',
        qr/(42804|42704).*(does not accept data type vec|has no default operator class)/s,
        "with an index $index the change is refused");
    is($node->safe_psql('postgres', q(SELECT indisvalid FROM pg_index WHERE indexrelid = 'on_v'::regclass)), 't', 'which leaves the index');
    $node->safe_psql('postgres', 'DROP INDEX on_v');
}

# The whole way of an application, and its queries, which stay as they are.
my $queries = <<'SQL';
SET enable_seqscan = off; SET slab.exact = on;
SELECT array_agg(id) FROM (SELECT id FROM items ORDER BY v <=> '[0.1,0.2,0.3]' LIMIT 20) s;
SELECT array_agg(id) FROM (SELECT id FROM items ORDER BY v <=> '[0.1,0.2,0.3]'::vector LIMIT 20) s;
SELECT array_agg(id) FROM (SELECT id FROM items WHERE id % 2 = 0 AND id < 900 ORDER BY v <=> '[0.1,0.2,0.3]' LIMIT 20) s;
SELECT count(*) FROM items WHERE v <=> '[0.1,0.2,0.3]' < 0.1;
SELECT vector_dims(avg(v)::vector), vector_dims(v::vector) FROM items GROUP BY 2;
SQL
my $plans = q(SET enable_seqscan = off; EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY v <=> '[0.1,0.2,0.3]'::vector LIMIT 20);
$node->safe_psql('postgres', 'CREATE INDEX on_v ON items USING slab (v vector_cosine_ops, id)');
my $before = $node->safe_psql('postgres', $queries);
my $plan_before = $node->safe_psql('postgres', $plans);
like($plan_before, qr/Index Scan using on_v on items\n\s+Order By: \(v <=> /, 'a query uses the index of vectors');
$node->safe_psql('postgres', <<'SQL');
BEGIN;
DROP INDEX on_v;
ALTER TABLE items ALTER v TYPE vec(3);
CREATE INDEX on_v ON items USING slab (v vec_cosine_ops, id);
COMMIT;
SQL
is($node->safe_psql('postgres', $queries), $before, 'the same rows come of a column of vecs');
(my $plan_after = $node->safe_psql('postgres', $plans)) =~ s/::vec\b/::vector/g;
is($plan_after, $plan_before, 'by the same plan');
$node->safe_psql('postgres', <<'SQL');
BEGIN;
DROP INDEX on_v;
ALTER TABLE items ALTER v TYPE vector(3);
CREATE INDEX on_v ON items USING hnsw (v vector_cosine_ops);
COMMIT;
SQL
is($node->safe_psql('postgres', 'SELECT id, v, h, s, d FROM items ORDER BY 1'),
    $node->safe_psql('postgres', 'SELECT * FROM copied ORDER BY 1'), 'and the way back is open');

done_testing();
