# What works with a column of ours works with one of the extension vector: bits, filters, bounds, functions and explanations; and what
# does not, says so. The bridge is not made where it could not work.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestNeighbours;
use Test::More;

my $node = new_neighbours('main');

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE items (id int PRIMARY KEY, tenant int, v vector(48), h halfvec(48), o vec(48));
INSERT INTO items SELECT i, i % 10, x::vector, x::hvec::halfvec, x FROM generate_series(1, 3000) i, LATERAL (SELECT test_vec(i, 48)) f(x);
ANALYZE items;
CREATE INDEX by_cosine ON items USING slab (v vector_cosine_ops, tenant);
CREATE INDEX by_l2 ON items USING slab (h halfvec_l2_ops);
CREATE INDEX by_ip ON items USING slab (v vector_ip_ops);
CREATE INDEX by_hamming ON items USING slab ((binary_quantize(v)::bit(48)) bit_hamming_ops, tenant);
CREATE INDEX by_jaccard ON items USING slab ((binary_quantize(v)::bit(48)) bit_jaccard_ops, tenant);
SQL
my $by_index = 'SET enable_seqscan = off; SET enable_bitmapscan = off; SET slab.exact = on;';
my $by_table = 'SET enable_indexscan = off; SET enable_bitmapscan = off;';
my $query = $node->safe_psql('postgres', 'SELECT v FROM items WHERE id = 5');
my $bits = "binary_quantize(v)::bit(48) %s binary_quantize('$query'::vector)";

# same($index, $condition, $distance): rows in the order of the distance, and the plan.
sub same
{
    my ($index, $condition, $distance) = @_;
    my $rows = "SELECT $distance AS d FROM items WHERE $condition ORDER BY $distance LIMIT 50";

    like($node->safe_psql('postgres', "$by_index EXPLAIN $rows"), qr/Index Scan using $index/, "$distance where $condition by $index");
    is($node->safe_psql('postgres', "$by_index SELECT array_agg(d) FROM ($rows) s"),
        $node->safe_psql('postgres', "$by_table SELECT array_agg(d) FROM ($rows) s"),
        'gives the distances of the table');
}

foreach my $condition ('true', 'tenant = 3', 'tenant IN (1, 4) OR tenant > 8')
{
    same('by_cosine', $condition, "v <=> '$query'");
    same('by_hamming', $condition, sprintf($bits, '<~>'));
    same('by_jaccard', $condition, sprintf($bits, '<%>'));
}
same('by_l2', 'tenant = 3', "h <-> '$query'");
same('by_ip', 'tenant = 3', "v <#> '$query'");
like($node->safe_psql('postgres', "$by_index EXPLAIN SELECT FROM items WHERE tenant = 3 ORDER BY v <=> '$query' LIMIT 5"),
    qr/Index Cond: \(tenant = 3\)/, 'a condition is handed to the index');
like($node->safe_psql('postgres', "$by_index EXPLAIN SELECT FROM items WHERE tenant IN (1, 4) OR tenant > 8 ORDER BY v <=> '$query' LIMIT 5"),
    qr/Index Cond: \(v <\?> ROW/, 'one of several parts, too');

# within($index, $condition): rows within a distance, and whether the plan finds them by the index.
sub within
{
    my ($index, $condition, $by_it) = @_;
    my $rows = "SELECT count(*) FROM items WHERE $condition";
    my $plan = $node->safe_psql('postgres', "$by_index EXPLAIN $rows");

    ($by_it ? \&like : \&unlike)->($plan, qr/Index Cond: \(.* (<\?>|OPERATOR\(public\.<\?>\)) ROW/, "$condition: " . ($by_it ? "by $index" : 'not by an index'));
    is($node->safe_psql('postgres', "$by_index $rows"), $node->safe_psql('postgres', "$by_table $rows"), 'with the rows of the table');
}
within('by_cosine', "v <=> '$query' < 0.7", 1);
within('by_cosine', "0.7 >= v <=> '$query' AND tenant = 3", 1);
within('by_l2', "h <-> '$query' <= 6", 1);
within('by_ip', "v <#> '$query' < -5", 1);
within('by_ip', "(v <#> '$query') * -1 > 5", 0);
within('by_ip', "inner_product(v, '$query') > 5", 0);
within('by_hamming', sprintf($bits, '<~>') . ' < 18', 1);
within('by_jaccard', sprintf($bits, '<%>') . ' <= 0.5', 1);
unlike($node->safe_psql('postgres', "$by_index EXPLAIN SELECT FROM items ORDER BY cosine_distance(v, '$query') LIMIT 5"),
    qr/Index Scan using by_/, 'a call of a distance of theirs is no operator');

# ---- functions

my $nearest = "$by_table SELECT array_agg(id) FROM (SELECT id FROM items WHERE %s ORDER BY v <=> '$query' LIMIT 20) s";
is($node->safe_psql('postgres', "$by_index SELECT array_agg(id) FROM slab_topk('by_cosine', '$query'::vector, 20) k JOIN items i ON i.ctid = k.ctid"),
    $node->safe_psql('postgres', sprintf($nearest, 'true')), 'slab_topk takes a vector');
is($node->safe_psql('postgres', "$by_index SELECT array_agg(id) FROM slab_topk('by_cosine', '$query'::vector, 20, filter => 'tenant = 3') k JOIN items i ON i.ctid = k.ctid"),
    $node->safe_psql('postgres', sprintf($nearest, 'tenant = 3')), 'with a filter');
is($node->safe_psql('postgres', "$by_index SELECT array_agg(distance) FROM slab_topk('by_cosine', '$query'::vector, 20)"),
    $node->safe_psql('postgres', "$by_table SELECT array_agg(d) FROM (SELECT v <=> '$query' AS d FROM items ORDER BY 1 LIMIT 20) s"),
    'distances are those of their operator');
is($node->safe_psql('postgres', "$by_index SELECT array_agg(id) FROM slab_topk('by_l2', '$query'::halfvec, 20) k JOIN items i ON i.ctid = k.ctid"),
    $node->safe_psql('postgres', "$by_table SELECT array_agg(id) FROM (SELECT id FROM items ORDER BY h <-> '$query' LIMIT 20) s"),
    'slab_topk takes a halfvec');
is($node->safe_psql('postgres', "SET slab.exact = on; SELECT count(*), count(quality_score) FROM slab_two_tier('by_l2', 'v', '$query'::vector, '$query'::vector, 10)"),
    '10|10', 'slab_two_tier ranks by a column of theirs');
is($node->safe_psql('postgres', "SET slab.exact = on; SELECT recall, queries FROM slab_recall('by_cosine', 10, (SELECT array_agg(v) FROM items WHERE id < 30))"),
    '1|29', 'slab_recall takes vectors');
cmp_ok($node->safe_psql('postgres', "SET slab.target_recall = 0.9; SELECT recall FROM slab_recall('by_cosine')"), '>', 0.8, 'and measures');
is($node->safe_psql('postgres', "SELECT count(*) > 0 FROM slab_calibrate('by_cosine', (SELECT array_agg(v) FROM items WHERE id < 30))"),
    't', 'slab_calibrate takes vectors');
$node->safe_psql('postgres', "SELECT slab_check(i, true) FROM unnest('{by_cosine,by_l2,by_ip,by_hamming,by_jaccard}'::regclass[]) i");

# why($statement, $pattern)
sub why
{
    my ($statement, $pattern, $claim) = @_;

    like($node->safe_psql('postgres', "SELECT used, reason, remedy FROM slab_why(\$q\$$statement\$q\$) WHERE index::text = 'by_cosine'"),
        $pattern, "slab_why: $claim");
}
why("SELECT id FROM items ORDER BY v <=> '$query' LIMIT 5", qr/^t\|/, 'an index of vectors is used');
why("SELECT id FROM items ORDER BY v <-> '$query' LIMIT 5", qr/^f\|.*<->.*vector_l2_ops/s, 'the class for another operator');
why("SELECT id FROM items ORDER BY v <=> '$query'::vec LIMIT 5", qr/^f\|/, 'a query of our type is another operator');

# ---- messages call the type by its name

$node->safe_psql('postgres', 'CREATE TABLE undeclared (v vector, h halfvec)');
run_fails_with($node, 'CREATE INDEX ON undeclared USING slab (v)', qr/22023.*HINT:.*vector\(n\)/s, 'vector(n) is asked for');
run_fails_with($node, 'CREATE INDEX ON undeclared USING slab (h)', qr/22023.*HINT:.*halfvec\(n\)/s, 'halfvec(n) is');
run_fails_with($node, q(SET enable_seqscan = off; SELECT FROM items ORDER BY v <=> '[1,2]' LIMIT 1),
    qr/22000.*different vector dimensions/s, 'dimensions of vectors differ');
run_fails_with($node, q(SET enable_seqscan = off; SELECT FROM items ORDER BY h <-> '[1,2]' LIMIT 1),
    qr/22000.*different halfvec dimensions/s, 'those of halfvecs do');

# ---- the bridge is not made where it could not work

$node->safe_psql('postgres', 'DROP EXTENSION pgslab_pgvector CASCADE');
my $refused = qr/0A000.*values of types vector and vec are not the same.*DETAIL.*HINT/s;
run_fails_with($node, 'BEGIN; ALTER TYPE vector SET (STORAGE = extended); CREATE EXTENSION pgslab_pgvector', $refused,
    'where values are stored otherwise');
run_fails_with($node, <<'SQL', $refused, 'where they are sent otherwise');
BEGIN;
CREATE FUNCTION send(vector) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT '\x01'::bytea $$;
ALTER TYPE vector SET (SEND = send);
CREATE EXTENSION pgslab_pgvector
SQL
my $hidden = qr/42710.*hides one of an extension.*DETAIL.*HINT/s;
run_fails_with($node, <<'SQL', $hidden, 'where a type of the same name comes first');
BEGIN;
CREATE SCHEMA mine;
CREATE TYPE mine.vector;
CREATE FUNCTION mine.vector_in(cstring) RETURNS mine.vector LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
CREATE FUNCTION mine.vector_out(mine.vector) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
CREATE TYPE mine.vector (INPUT = mine.vector_in, OUTPUT = mine.vector_out);
CREATE FUNCTION mine.distance(mine.vector, mine.vector) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT 0::double precision';
CREATE OPERATOR mine.<-> (LEFTARG = mine.vector, RIGHTARG = mine.vector, FUNCTION = mine.distance);
CREATE OPERATOR mine.<#> (LEFTARG = mine.vector, RIGHTARG = mine.vector, FUNCTION = mine.distance);
CREATE OPERATOR mine.<=> (LEFTARG = mine.vector, RIGHTARG = mine.vector, FUNCTION = mine.distance);
CREATE OPERATOR mine.<+> (LEFTARG = mine.vector, RIGHTARG = mine.vector, FUNCTION = mine.distance);
CREATE EXTENSION pgslab_pgvector SCHEMA mine
SQL
run_fails_with($node, <<'SQL', $hidden, 'or an operator');
BEGIN;
CREATE SCHEMA mine;
CREATE FUNCTION mine.distance(vector, vector) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT 0::double precision';
CREATE OPERATOR mine.<=> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = mine.distance);
CREATE EXTENSION pgslab_pgvector SCHEMA mine
SQL
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA theirs;
ALTER EXTENSION vector SET SCHEMA theirs;
CREATE SCHEMA bridge;
CREATE EXTENSION pgslab_pgvector SCHEMA bridge;
CREATE INDEX again ON items USING slab (v bridge.vector_cosine_ops);
SQL
like($node->safe_psql('postgres', "$by_index EXPLAIN SELECT id FROM items ORDER BY v OPERATOR(theirs.<=>) '$query' LIMIT 3"),
    qr/Index Scan using again/, 'in schemas of their own all three work');
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod WHERE amname = 'slab' AND NOT amvalidate(c.oid))),
    '0', 'every operator class is valid');

done_testing();
