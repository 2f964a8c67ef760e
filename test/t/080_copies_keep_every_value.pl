# COPY, as text and in binary form, by the server and by psql, gives every value of every type back as it was, into tables with
# indexes too.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');
my $dir = $PostgreSQL::Test::Utils::tmp_check;

# Values at the limits of their types among others, and nulls.
my $tables = <<'SQL';
CREATE TABLE %1$s (id int PRIMARY KEY, v vec(5), h hvec(5), s svec(7), b bit(70), w varbit, a vec, q bm25query);
SQL
$node->safe_psql('postgres', sprintf($tables, 'original') . <<'SQL');
INSERT INTO original
    SELECT i, test_vec(i, 5), test_vec(i, 5), test_vec(i, 7), binary_quantize(test_vec(i, 70)), binary_quantize(test_vec(i, i)), test_vec(i, i),
        CASE WHEN i % 2 = 0 THEN bm25_query('i', repeat('word ', i)) ELSE bm25_query('"a b".i', ('w' || i || ':*A <-> !x')::tsquery) END
    FROM generate_series(1, 500) i;
INSERT INTO original VALUES
    (1001, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (1002, '[3.4028235e38,-3.4028235e38,1e-45,-0,0]', '[65504,-65504,6e-8,-0,0]', '{}/7', repeat('0', 70)::bit(70), '', '[1]', bm25_query('', '')),
    (1003, '[0.1,1e-30,123456.79,-1e10,1]', '[0.1,0.333,1,2,3]', '{1:1e-45,7:3.4028235e38}/7', repeat('1', 70)::bit(70), '1', '[0]', bm25_query('ä', 'ö "\'));
SQL

my @forms = ([ 'text', '' ], [ 'csv', '(FORMAT csv)' ], [ 'binary', '(FORMAT binary)' ]);
foreach my $form (@forms)
{
    my ($name, $options) = @$form;

    foreach my $way ('COPY', '\copy')
    {
        my $table = 'by_' . ($way eq 'COPY' ? 'server' : 'psql') . "_$name";
        my $file = "$dir/$table";

        $node->safe_psql('postgres', sprintf($tables, $table) . <<"SQL");
CREATE INDEX ${table}_v ON $table USING slab (v);
CREATE INDEX ${table}_h ON $table USING slab (h hvec_ip_ops);
CREATE INDEX ${table}_b ON $table USING slab (b);
SQL
        $node->safe_psql('postgres', "$way original TO '$file' $options");
        $node->safe_psql('postgres', "$way $table FROM '$file' $options");
        my $differences = "SELECT count(*) FROM original o FULL JOIN $table t USING (id) WHERE o::text IS DISTINCT FROM t::text";
        is($node->safe_psql('postgres', $differences), 0, "$way as $name: every value is there");
        is($node->safe_psql('postgres', "SELECT count(*) FROM $table"), 503, "$way as $name: and every row");

        # Bytes tell -0 from 0.
        $node->safe_psql('postgres', "$way (SELECT * FROM $table ORDER BY id) TO '$file.again' (FORMAT binary)");
        $node->safe_psql('postgres', "$way (SELECT * FROM original ORDER BY id) TO '$file.original' (FORMAT binary)");
        ok(slurp_file("$file.again") eq slurp_file("$file.original"), "$way as $name: with the same bytes");
        # A row without a vector is in no index, and so in the answers of a sequential scan alone.
        $node->safe_psql('postgres', "DELETE FROM $table WHERE v IS NULL");
    }
}
indexes_are_sound($node, 'after copies');
answers_are_exact($node, 'after copies');

# What COPY refuses leaves nothing behind.

$node->safe_psql('postgres', 'CREATE TABLE four (v vec(4)); CREATE INDEX four_v ON four USING slab (v)');
$node->safe_psql('postgres', "COPY (SELECT v FROM original WHERE v IS NOT NULL) TO '$dir/five' (FORMAT binary)");
run_fails_with($node, "COPY four FROM '$dir/five' (FORMAT binary)", qr/ERROR:  22000: /, 'five dimensions into a column of four');
$node->safe_psql('postgres', "COPY (SELECT h FROM original WHERE h IS NOT NULL) TO '$dir/halves' (FORMAT binary)");
run_fails_with($node, "COPY four FROM '$dir/halves' (FORMAT binary)", qr/ERROR:  22P03: /, 'halves where floats are due');
is($node->safe_psql('postgres', 'SELECT count(*) FROM four'), 0, 'nothing of them is there');
indexes_are_sound($node, 'after copies that failed');

done_testing();
