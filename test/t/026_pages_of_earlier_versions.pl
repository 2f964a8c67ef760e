# Pages that any released version of the format wrote are read, and maintained; those of a version to come are refused.
#
# test/compat/make.sh wrote them.
use strict;
use warnings;

use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

plan skip_all => 'the pages are those of a little-endian machine' if unpack('S', "\1\0") != 1;

my @formats = glob "$ENV{TESTDIR}/compat/format*";
cmp_ok(scalar @formats, '>', 0, 'there are pages of earlier versions');

sub unzip
{
    my ($file) = @_;
    my $bytes;

    gunzip($file => \$bytes) or die "$file: $GunzipError";
    return $bytes;
}

sub write_file
{
    my ($path, $bytes) = @_;

    open(my $file, '>:raw', $path) or die "$path: $!";
    print $file $bytes;
    close($file) or die "$path: $!";
    return;
}

foreach my $format (@formats)
{
    my ($version) = $format =~ /(\d+)$/;
    # The pages' checksums are not the server's.
    my $node = PostgreSQL::Test::Cluster->new("format$version");
    $node->init(extra => $node->pg_version >= 18 ? ['--no-data-checksums'] : []);
    $node->append_conf('postgresql.conf', 'autovacuum = off');
    $node->start;
    $node->safe_psql('postgres', $SlabTestSql::functions);
    $node->safe_psql('postgres', 'ALTER DATABASE postgres SET slab.auto_compact = off');
    $node->safe_psql('postgres', 'CREATE TABLE compat (id int NOT NULL, dead bool NOT NULL, v vec(24))');
    $node->safe_psql('postgres', 'COPY compat FROM STDIN;' . "\n" . unzip("$format/rows.gz") . "\\.\n");
    $node->safe_psql('postgres', "CREATE COLLATION compat_not_c (provider = libc, locale = 'C.UTF-8')");
    # Indexes of all rows, to have catalog entries whose files are then put aside; the rows that were dead die afterwards.
    $node->safe_psql('postgres', slurp_file("$format/indexes.sql") =~ s/$/;/gmr);
    $node->safe_psql('postgres', 'DELETE FROM compat WHERE dead; CHECKPOINT');
    my @indexes = split /\n/, $node->safe_psql('postgres', 'SELECT index FROM test_index');
    my %path = map { $_ => $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('$_')") } @indexes;
    cmp_ok(scalar @indexes, '>', 3, "format $version has indexes: @indexes");

    $node->stop;
    foreach my $index (@indexes)
    {
        my $bytes = unzip("$format/$index.gz");

        isnt($bytes, slurp_file($path{$index}), "$index has other pages than a new index");
        write_file($path{$index}, $bytes);
    }
    $node->start;

    is($node->safe_psql('postgres', "SELECT string_agg(DISTINCT format_version::text, ' ') FROM slab_indexes"),
        $version, "the indexes have format $version");
    indexes_are_sound($node, "format $version");
    answers_are_exact($node, "format $version");
    filters_are_exact(
        $node,
        "format $version",
        [ 'compat', 'id BETWEEN 20 AND 60', '<->', 24 ],
        [ 'compat', "md5(id::text)::uuid < 'a0000000-0000-0000-0000-000000000000'", '<->', 24 ],
        [ 'compat', "ARRAY[id % 5, id % 11 - 5, id] && '{3}'", '<#>', 24 ]);
    is( $node->safe_psql('postgres', 'SELECT bool_or(sidecar_rows > 0), bool_or(tombstones > 0), bool_or(segments > 1), '
              . 'bool_or(spare_bytes > 0) FROM slab_indexes'),
        't|t|t|t', 'they have rows in the sidecar, tombstones, segments to be merged, and blocks to spare');

    # In use again
    $node->safe_psql('postgres', <<'SQL');
INSERT INTO compat SELECT i, false, test_vec(i, 24) FROM generate_series(1001, 1300) i;
UPDATE compat SET v = test_vec(-id, 24) WHERE id % 10 = 0;
VACUUM (INDEX_CLEANUP ON) compat;
SQL
    indexes_are_sound($node, "format $version, in use");
    answers_are_exact($node, "format $version, in use");
    $node->safe_psql('postgres', "SELECT slab_compact(index, true), slab_vacuum(index) FROM test_index");
    $node->safe_psql('postgres', "SELECT slab_recluster(index) FROM slab_indexes WHERE lists > 0");
    indexes_are_sound($node, "format $version, maintained");
    answers_are_exact($node, "format $version, maintained");

    # What is yet to come
    $node->stop;
    foreach my $index (@indexes)
    {
        my $bytes = slurp_file($path{$index});

        # doc/format.md: the page's version and the metapage's
        substr($bytes, 26, 2) = pack('S', 1000);
        substr($bytes, 64 + 4, 2) = pack('S', 1000);
        write_file($path{$index}, $bytes);
    }
    $node->start;
    foreach my $index (@indexes)
    {
        my $format_error = qr/ERROR:  0A000: index "$index" has a format that this version of pgslab does not read/;
        my $refused = qr/$format_error\nDETAIL:  Block 0:.*format version 1000.*\nHINT:/;
        my $operator = $node->safe_psql('postgres', "SELECT operator FROM test_index WHERE index = '$index'::regclass");
        my $others = join(', ', map { "DROP INDEX $_; " } grep { $_ ne $index } @indexes) =~ s/, //gr;

        like(sql_error($node, "SELECT slab_check('$index')"), $refused, "$index of a newer version: slab_check() refuses it");
        like(sql_error($node, "SELECT slab_compact('$index')"), $refused, 'so does slab_compact()');
        like(
            sql_error($node, "BEGIN; ${others}SELECT FROM compat ORDER BY v $operator test_vec(1, 24); ROLLBACK"),
            qr/^[^\n]*WARNING:  0A000: index "$index" cannot be read and is not used\nDETAIL:  Block 0:.*format version 1000.*\nHINT:(?!.*ERROR)/s,
            'queries do without it');
        like(sql_error($node, "BEGIN; ${others}INSERT INTO compat VALUES (1, false, test_vec(1, 24)); ROLLBACK"),
            $refused, 'so does an INSERT');
    }
    $node->safe_psql('postgres', 'REINDEX TABLE compat');
    indexes_are_sound($node, "format $version, after REINDEX");
    answers_are_exact($node, "format $version, after REINDEX");
    $node->stop;
}

done_testing();
