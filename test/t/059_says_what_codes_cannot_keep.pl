# An index whose codes are too coarse for its rows, or for given queries, says which recall it cannot keep, why, and what helps.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main');

# Rows along nearly one line, which under cosine differ in one element; and such among others.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION on_line(i integer) RETURNS vec LANGUAGE sql AS $$
    SELECT array_agg(CASE WHEN d % 3 = 0 THEN i % 50 ELSE -(i % 50) END + CASE WHEN d = 1 THEN i * 0.001 ELSE 0 END ORDER BY d)::vec
    FROM generate_series(1, 40) AS d
$$;
CREATE FUNCTION anywhere(i integer) RETURNS vec LANGUAGE sql AS $$
    SELECT array_agg(hashint4(i * 31 + d) / 2147483648.0 ORDER BY d)::vec FROM generate_series(1, 40) AS d
$$;
CREATE TABLE line AS SELECT on_line(i)::vec(40) AS v FROM generate_series(1, 800) AS i;
CREATE TABLE mixed AS
SELECT (CASE WHEN i % 20 = 0 THEN on_line(i / 20) ELSE anywhere(i) END)::vec(40) AS v FROM generate_series(1, 8000) AS i;
SQL

# What is said while an index of the table is built.
sub said_of
{
    my ($table, $options) = @_;

    return sql_error($node, "DROP INDEX IF EXISTS ${table}_v; CREATE INDEX ${table}_v ON $table USING slab (v vec_cosine_ops) WITH ($options)");
}

sub warning
{
    my ($whose, $remedy) = @_;

    return qr/WARNING: .*index "\w+" cannot keep a recall of 0\.999$whose\nDETAIL: +Its codes are too coarse for these rows: searches find 0\.[3-9]\d\d of the nearest, however many lists they visit\.\nHINT: +\Q$remedy\E$/m;
}

# ---- rows

like(said_of('line', 'lists = 4'), warning('', 'Build it with storage = f32 and bits = 8, or search with slab.exact.'), 'CREATE INDEX says so');
like(said_of('line', 'lists = 4, storage = f32'), warning('', 'Build it with bits = 8, or search with slab.exact.'),
    'and does not tell to do what was done');
like(said_of('line', 'lists = 4, storage = f32, bits = 8'), warning('', 'Search with slab.exact.'), 'of the finest codes neither');

my $recall = sql_error($node, "SET slab.target_recall = 0.999; SELECT slab_recall('line_v', 10, (SELECT array_agg(v) FROM line))");
like($recall, qr/DETAIL: .* instead of 0\.999, and 0\.9\d\d where it visits all lists: its codes are too coarse for these rows\.\nHINT: +Search with slab\.exact\.$/m,
    'slab_recall() says the same where more lists would not help');

# ---- queries

unlike(said_of('mixed', 'lists = 40'), qr/WARNING/, 'a few such rows are too few to speak of');
my $given = sql_error($node, "SELECT slab_calibrate('mixed_v', (SELECT array_agg(on_line(10 * i + 3)) FROM generate_series(0, 39) AS i))");
like($given, warning(' for the given queries', 'Build it with storage = f32 and bits = 8, or search with slab.exact.'), 'but not for queries that are given');
is(() = $given =~ /WARNING/g, 1, 'of which alone it is said');

done_testing();
