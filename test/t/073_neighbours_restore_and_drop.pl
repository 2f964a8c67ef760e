# A database with slab indexes on the types of the extension vector is dumped and restored in every format; and any of the three
# extensions can be dropped, as far as PostgreSQL lets one go that others need.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestNeighbours;
use Test::More;

my $node = new_neighbours('main');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE items (id int, v vector(16), h halfvec(16), s sparsevec(16), o vec(16));
INSERT INTO items SELECT i, x::vector, x::hvec::halfvec, x::svec::sparsevec, x
    FROM generate_series(1, 1200) i, LATERAL (SELECT test_vec(i, 16)) f(x);
CREATE INDEX by_l2 ON items USING slab (v, id);
CREATE INDEX by_ip ON items USING slab (v vector_ip_ops) WITH (storage = f32);
CREATE INDEX by_cosine ON items USING slab (v vector_cosine_ops) WHERE id > 10;
CREATE INDEX by_l1 ON items USING slab (v vector_l1_ops);
CREATE INDEX h_l2 ON items USING slab (h);
CREATE INDEX h_ip ON items USING slab (h halfvec_ip_ops);
CREATE INDEX h_cosine ON items USING slab (h halfvec_cosine_ops);
CREATE INDEX h_l1 ON items USING slab (h halfvec_l1_ops);
CREATE INDEX as_half ON items USING slab ((v::halfvec(16)) halfvec_l2_ops);
CREATE INDEX bits ON items USING slab ((binary_quantize(v)::bit(16)) bit_hamming_ops, id);
CREATE INDEX bits_shared ON items USING slab ((binary_quantize(v)::bit(16)) bit_jaccard_ops);
CREATE INDEX of_ours ON items USING slab ((v::vec(16)) vec_cosine_ops);
CREATE INDEX of_their_own ON items USING hnsw (v vector_l2_ops);
CREATE VIEW beside AS SELECT id, v <=> o AS distance FROM items;
SQL
my $indexes = q(SELECT c.relname, pg_get_indexdef(c.oid), s.rows, s.dims, s.metric, s.problem FROM pg_class c
    JOIN slab_indexes s ON s.index = c.oid ORDER BY 1);
my $answers = <<'SQL';
SET enable_seqscan = off; SET slab.exact = on;
SELECT array_agg(id) FROM (SELECT id FROM items ORDER BY v <-> (SELECT v FROM items WHERE id = 77) LIMIT 30) s;
SELECT array_agg(id) FROM (SELECT id FROM items WHERE id > 10 ORDER BY v <=> (SELECT v FROM items WHERE id = 77) LIMIT 30) s;
SELECT array_agg(id) FROM (SELECT id FROM items ORDER BY h <+> (SELECT h FROM items WHERE id = 77) LIMIT 30) s;
SELECT sum(id * distance) FROM beside WHERE id < 5;
SELECT v, h, s, o FROM items WHERE id = 5;
SQL
my $there = $node->safe_psql('postgres', $indexes);
my $given = $node->safe_psql('postgres', $answers);

is(scalar(split /\n/, $there), 12, 'there are indexes of all kinds');
indexes_are_sound($node, 'as they were made');

foreach my $way (
    [ 'plain', [ '--format=plain' ] ],
    [ 'custom', [ '--format=custom' ] ],
    [ 'directory', [ '--format=directory', '--jobs=2' ] ])
{
    my ($format, $options) = @$way;
    my $dump = "$tmp/dump.$format";

    $node->safe_psql('postgres', "CREATE DATABASE $format");
    $node->command_ok([ 'pg_dump', @$options, '-f', $dump, 'postgres' ], "a dump in format $format");
    $node->command_ok(
        $format eq 'plain'
        ? [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $format ]
        : [ 'pg_restore', '--exit-on-error', ($format eq 'directory' ? '--jobs=2' : ()), '-d', $format, $dump ],
        'is restored');
    is($node->safe_psql($format, $indexes), $there, 'with every index');
    is($node->safe_psql($format, $answers), $given, 'that gives the same answers');
    is($node->safe_psql($format, 'SELECT * FROM index_faults()'), '', 'and agrees with its table');
}

# ---- dropping

my $classes = q(SELECT count(*) FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod WHERE amname = 'slab' AND opcname ~ 'vector|halfvec');
my $strays = <<'SQL';
SELECT 'operator of a family', count(*) FROM pg_amop WHERE NOT EXISTS (SELECT FROM pg_operator o WHERE o.oid = amopopr)
    OR NOT EXISTS (SELECT FROM pg_opfamily f WHERE f.oid = amopfamily)
UNION ALL SELECT 'bit in a family', count(*) FROM pg_amop o JOIN pg_am a ON a.oid = amopmethod WHERE amname = 'slab' AND amoplefttype = 'bit'::regtype
UNION ALL SELECT 'cast', count(*) FROM pg_cast WHERE castsource::regtype::text IN ('vec', 'hvec', 'svec') AND casttarget::regtype::text ~ 'vector|halfvec|sparse'
SQL
my $needed = qr/2BP01.*cannot drop extension.*because other objects depend on it/s;

# drops($extension, $other_objects) - in a copy of the database
sub drops
{
    my ($extension, $survivors) = @_;

    $node->safe_psql('postgres', 'DROP DATABASE IF EXISTS dropping WITH (FORCE)');
    $node->safe_psql('postgres', 'CREATE DATABASE dropping TEMPLATE plain');
    my ($out, $error);
    $node->psql('dropping', "\\set VERBOSITY verbose\nDROP EXTENSION $extension", stderr => \$error);
    like($error, $needed, "the extension $extension is not dropped while it is needed");
    is($node->safe_psql('dropping', $indexes), $there, 'and nothing was');
    $node->safe_psql('dropping', "SET client_min_messages = error; DROP EXTENSION $extension CASCADE");
    is($node->safe_psql('dropping', q(SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension WHERE extname <> 'plpgsql')),
        $survivors, 'with CASCADE it is, and those that need it');
    is($node->safe_psql('dropping', 'SELECT count(*) FROM items'), '1200', 'the table stays');
    is($node->safe_psql('dropping', $strays), "operator of a family|0\nbit in a family|0\ncast|0", 'nothing is left of the bridge');
}

drops('pgslab_pgvector', 'pgslab vector');
is($node->safe_psql('dropping', "$classes"), '0', 'no operator class is left');
is($node->safe_psql('dropping', q(SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY 1) FROM pg_index WHERE indrelid = 'items'::regclass)),
    'bits bits_shared of_their_own', 'indexes of pgslab or vector alone stay');
$node->safe_psql('dropping', 'CREATE EXTENSION pgslab_pgvector; CREATE INDEX ON items USING slab (v vector_cosine_ops)');
is($node->safe_psql('dropping', $classes), '10', 'it can be made again');
like($node->safe_psql('dropping',
        q(SET enable_seqscan = off; EXPLAIN SELECT id FROM items ORDER BY binary_quantize(v)::bit(16) <~> binary_quantize('[1,-1,1,-1,1,-1,1,-1,1,-1,1,-1,1,-1,1,-1]'::vector) LIMIT 3)),
    qr/Index Scan using bits/, 'and serves indexes of bits that were there');
drops('vector', 'pgslab');
is($node->safe_psql('dropping', q(SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'items'::regclass AND attnum > 0 AND NOT attisdropped)),
    'id o', 'with its columns');
drops('pgslab', 'vector');
is($node->safe_psql('dropping', q(SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'items'::regclass AND attnum > 0 AND NOT attisdropped)),
    'id v h s', 'with its columns');

done_testing();
