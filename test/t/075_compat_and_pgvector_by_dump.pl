# A database with pgslab_compat is dumped and restored as it is; and, without the extension's own entry, into one that has pgvector in
# its place, and from there back: with the same columns, indexes, views and answers. What is copied as binary is read by either.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');
my $folder = $PostgreSQL::Test::Utils::tmp_check;

my $tables = <<'SQL';
CREATE TABLE items (id integer PRIMARY KEY, v vector(4), h halfvec(4), s sparsevec(8), b bit(8), any_dims vector);
INSERT INTO items SELECT i, ARRAY[sin(i), cos(i), sin(3 * i), i % 7], ARRAY[cos(i), i % 5, 1, 0.25], ARRAY[i % 3, 0, 0, 0, 0, 0, 0, i % 2],
    (i * 37 % 256)::bit(8), CASE WHEN i % 2 = 0 THEN ARRAY[i, 1]::vector ELSE ARRAY[i, 1, 2]::vector END FROM generate_series(1, 300) i;
INSERT INTO items (id) VALUES (0);
CREATE INDEX items_v ON items USING hnsw (v vector_l2_ops) WITH (m = 12, ef_construction = 80);
CREATE INDEX items_ip ON items USING hnsw (v vector_ip_ops);
CREATE INDEX items_cosine ON items USING ivfflat (v vector_cosine_ops) WITH (lists = 1);
CREATE INDEX items_l1 ON items USING hnsw (v vector_l1_ops);
CREATE INDEX items_h ON items USING hnsw (h halfvec_l2_ops);
CREATE INDEX items_as_half ON items USING ivfflat ((v::halfvec(4)) halfvec_ip_ops) WITH (lists = 2);
CREATE INDEX items_b ON items USING hnsw (b bit_hamming_ops);
CREATE INDEX items_bits ON items USING hnsw ((binary_quantize(v)::bit(4)) bit_jaccard_ops);
CREATE INDEX items_part ON items USING hnsw ((any_dims::vector(2)) vector_l2_ops) WHERE vector_dims(any_dims) = 2;
CREATE INDEX items_order ON items (v, h);
CREATE UNIQUE INDEX items_unique ON items (s, v);
CREATE VIEW summary AS SELECT avg(v) AS mean, sum(h) AS total, count(DISTINCT s) AS kinds FROM items;
CREATE VIEW near AS SELECT id, v <-> '[1,0,0,3]' AS l2, h <=> '[1,1,1,1]' AS cosine, s <#> '{1:1}/8' AS product, b <~> B'10101010' AS bits,
    hamming_distance(b, B'11110000') AS hamming FROM items;
CREATE TABLE parents (v vector(4) DEFAULT '[1,2,3,4]', CHECK (vector_norm(v) < 100), h halfvec(2) GENERATED ALWAYS AS (subvector(v, 1, 2)::halfvec(2)) STORED);
INSERT INTO parents DEFAULT VALUES;
SQL

# The catalogs' text of all that was made, and what is stored. Distances are rounded: of floats that are summed up in another order the
# last digits differ. So is the sign of a zero, which is plus here and minus there.
my $definitions = <<'SQL';
SELECT indexdef FROM pg_indexes WHERE tablename = 'items' ORDER BY indexname
SQL
my $columns = <<'SQL';
SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid IN ('items'::regclass, 'parents'::regclass, 'near'::regclass, 'summary'::regclass) AND attnum > 0 ORDER BY attrelid::regclass::text, attnum
SQL
my $answers = <<'SQL';
SELECT * FROM items ORDER BY id;
SELECT vector_dims(mean), kinds FROM summary;
SELECT id, round(l2::numeric, 4), round(cosine::numeric, 4), product + 0, bits, hamming FROM near ORDER BY id;
SELECT * FROM parents;
SELECT id FROM items WHERE v > '[0.5,0,0,0]' ORDER BY v LIMIT 20;
SET enable_seqscan = off;
SET hnsw.ef_search = 300;
SET ivfflat.probes = 2;
SELECT id FROM items ORDER BY v <-> '[0.9,0.1,0.2,3]' LIMIT 5;
SELECT id FROM items ORDER BY v <#> '[0.9,0.1,0.2,3]' LIMIT 5;
SELECT id FROM items ORDER BY v <=> '[0.9,0.1,0.2,3]' LIMIT 5;
SELECT id FROM items ORDER BY v <+> '[0.9,0.1,0.2,3]' LIMIT 5;
SELECT round((h <-> '[0.5,2,1,0.3]')::numeric, 3) FROM items ORDER BY h <-> '[0.5,2,1,0.3]' LIMIT 5;
SELECT b <~> B'10101010' FROM items ORDER BY b <~> B'10101010' LIMIT 5;
SELECT id FROM items WHERE vector_dims(any_dims) = 2 ORDER BY any_dims::vector(2) <-> '[50.4,1]' LIMIT 3;
SQL
my $plans = <<'SQL';
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY v <-> '[0.9,0.1,0.2,3]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY v <=> '[0.9,0.1,0.2,3]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM items ORDER BY h <-> '[0.9,0.1,0.2,3]' LIMIT 5;
SQL

sub create_database
{
    my ($name, $extension) = @_;

    $node->safe_psql('postgres', "CREATE DATABASE $name");
    $node->safe_psql($name, "CREATE EXTENSION $extension CASCADE");
    return;
}

# Notices say that m, ef_construction and lists have no effect.
sub is_like
{
    my ($there, $here, $what) = @_;

    is($node->safe_psql($there, $columns), $node->safe_psql($here, $columns), "$what: columns are of the same types");
    is($node->safe_psql($there, $definitions), $node->safe_psql($here, $definitions), "$what: indexes have the same definitions");
    is($node->safe_psql($there, $answers), $node->safe_psql($here, $answers), "$what: answers are the same");
    is($node->safe_psql($there, $plans), $node->safe_psql($here, $plans), "$what: queries use the same indexes");
    return;
}

# As README.md has it.
sub move
{
    my ($from, $to, $extension) = @_;
    my $dump = "$folder/$from.dump";

    $node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $from ], "$from is dumped");
    my ($list) = run_command([ 'pg_restore', '-l', $dump ]);
    my @kept = grep { !/ EXTENSION .*\b(pgslab\w*|vector)\b/ } split /\n/, $list;
    cmp_ok(scalar @kept, '<', scalar(split /\n/, $list), 'there are extensions to leave out');
    append_to_file("$folder/$from.list", join("\n", @kept, ''));
    create_database($to, $extension);
    $node->command_ok([ 'pg_restore', '-e', '-L', "$folder/$from.list", '-d', $to, $dump ], "and restored into $to");
    return;
}

create_database('compat', 'pgslab_compat');
$node->safe_psql('compat', $tables);
like($node->safe_psql('compat', $plans), qr/Index Scan using items_v .*Index Scan using items_cosine .*Index Scan using items_h /s,
    'the planner uses indexes of the names hnsw and ivfflat');

# What clients of pgvector begin a session with.
my $first = 'CREATE EXTENSION IF NOT EXISTS vector;';
$node->safe_psql('postgres', q{ALTER DATABASE compat SET session_preload_libraries = 'pgslab'});
$node->safe_psql('compat', $first);
is($node->safe_psql('compat', "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension"), 'pgslab pgslab_compat plpgsql',
    'with the library preloaded pgvector is not asked for in vain, nor made');
$node->safe_psql('postgres', 'ALTER DATABASE compat RESET session_preload_libraries');

# As it is, in each of the dump's forms.
$node->safe_psql('postgres', 'CREATE DATABASE plain');
$node->command_ok([ 'pg_dump', '-f', "$folder/plain.sql", 'compat' ], 'a plain dump');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/plain.sql", 'plain' ], 'is restored');
is_like('plain', 'compat', 'plain');
is($node->safe_psql('plain', 'SELECT count(*), count(problem) FROM slab_indexes'), '9|0', 'all indexes can be read');
$node->safe_psql('plain', 'SELECT slab_check(index, true) FROM slab_indexes');
$node->safe_psql('postgres', 'CREATE DATABASE jobs');
$node->command_ok([ 'pg_dump', '-Fd', '-j', '2', '-f', "$folder/jobs", 'compat' ], 'a dump in a folder, by two jobs');
$node->command_ok([ 'pg_restore', '-e', '-j', '2', '-d', 'jobs', "$folder/jobs" ], 'is restored by two');
is_like('jobs', 'compat', 'jobs');

SKIP:
{
    skip 'pgvector is not installed', 1
      if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'}) eq '0';
    note('pgvector ' . $node->safe_psql('postgres', q{SELECT default_version FROM pg_available_extensions WHERE name = 'vector'}));

    # One is not beside the other, wherever it is to be.
    like(sql_error($node, 'CREATE EXTENSION vector', 'compat'), qr/already exists/, 'pgvector is not created where its names are taken');
    $node->safe_psql('compat', 'CREATE SCHEMA elsewhere');
    like(sql_error($node, 'CREATE EXTENSION vector SCHEMA elsewhere', 'compat'), qr/already exists/, 'in no schema');

    # There and back.
    move('compat', 'pgvector', 'vector');
    is($node->safe_psql('pgvector', q{SELECT count(*) FROM pg_extension WHERE extname LIKE 'pgslab%'}), '0', 'nothing of ours is there');
    is_like('pgvector', 'compat', 'pgvector');
    like(sql_error($node, 'CREATE EXTENSION pgslab_compat CASCADE', 'pgvector'),
        qr/pgslab_compat cannot be in a database with the extension vector/, 'nor are our names taken where pgvector is');
    move('pgvector', 'back', 'pgslab_compat');
    is_like('back', 'compat', 'back');
    is($node->safe_psql('back', 'SELECT count(*), count(problem) FROM slab_indexes'), '9|0', 'all indexes can be read');
    $node->safe_psql('back', 'SELECT slab_check(index, true) FROM slab_indexes');

    # Binary COPY is the same from either and for either.
    foreach my $database ('compat', 'pgvector')
    {
        $node->safe_psql($database, "COPY (SELECT * FROM items ORDER BY id) TO '$folder/$database.copy' (FORMAT binary)");
    }
    ok(slurp_file("$folder/compat.copy") eq slurp_file("$folder/pgvector.copy"), 'binary copies have the same bytes');
    foreach my $way ([ 'compat', 'pgvector' ], [ 'pgvector', 'compat' ])
    {
        my ($from, $to) = @$way;

        $node->safe_psql($to, "TRUNCATE items; COPY items FROM '$folder/$from.copy' (FORMAT binary)");
        is_like($to, 'back', "binary copy from $from to $to");
    }

    # pgvector's library can be loaded beside ours, as it is where a server preloads it: its settings are its own then.
    my $settings = 'SET hnsw.ef_search = 80; SET enable_seqscan = off;';
    my $search = q{SELECT id FROM items ORDER BY v <-> '[0.9,0.1,0.2,3]' LIMIT 3;};
    my $alone = $node->safe_psql('compat', "$settings $search");
    is($node->safe_psql('compat', "$settings LOAD 'vector'; $search SHOW hnsw.ef_search"), "$alone\n80", 'it is loaded after ours');
    is($node->safe_psql('compat', "LOAD 'vector'; $settings $search SHOW hnsw.ef_search"), "$alone\n80", 'and before');
    like(sql_error($node, "LOAD 'vector'; SET hnsw.ef_search = 0", 'compat'), qr/outside the valid range/, 'and checks its settings');
    is($node->safe_psql('compat', "LOAD 'vector'; SET enable_seqscan = off; $search"), $alone, 'its defaults ask for nothing');
}

done_testing();
