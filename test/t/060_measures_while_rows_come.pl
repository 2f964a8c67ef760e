# An index measures itself while rows are inserted, with memory for few copies of its pages: so few that they end among those of the
# open part, at another place for each number of rows. What is read of it then is from one time, and no damage.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');
my $insert = "INSERT INTO t (v) VALUES (ARRAY[random(), random(), random()]::real[]::vec);\n";
my $measure = "SELECT count(*) FROM slab_calibrate('i');\n";

sub write_script
{
    my ($name, $text) = @_;
    my $file = "$PostgreSQL::Test::Utils::tmp_check/$name";

    append_to_file("$file.sql", $text);
    return $file;
}

my $inserts = write_script('inserts', $insert x 600);
my $measures = write_script('measures', "SET maintenance_work_mem = '1MB';\n" . $measure x 8);

$node->safe_psql('postgres', "ALTER DATABASE postgres SET slab.auto_compact = off");
foreach my $rows (map { 6300 + 25 * $_ } 0 .. 8)
{
    $node->safe_psql('postgres', <<"SQL");
DROP TABLE IF EXISTS t;
CREATE TABLE t (id serial, v vec(3));
INSERT INTO t (v) SELECT ARRAY[random(), random(), random()]::real[]::vec FROM generate_series(1, $rows);
CREATE INDEX i ON t USING slab (v) WITH (lists = 8, seal_threshold = 100000);
INSERT INTO t (v) SELECT ARRAY[random(), random(), random()]::real[]::vec FROM generate_series(1, 345);
SQL
    my @runs = map { run_in_background($node, "$_.sql", "$_.out") } $inserts, $measures;
    $_->finish foreach @runs;
    is(slurp_file("$measures.out.errors"), '', "$rows rows: all measurements came to their end");
    is(slurp_file("$inserts.out.errors"), '', 'and all rows in');
}
indexes_are_sound($node, 'then');

done_testing();
