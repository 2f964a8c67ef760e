# What an inserted row costs the index, counted: bytes of WAL and pages touched, away from a checkpoint.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

# Growth aside, which logs whole pages: its part has a bound of its own.
use constant ROWS => 1000;

my $node = new_server('main', conf => "wal_level = replica\nmax_wal_senders = 3\ncheckpoint_timeout = 1h\nmax_wal_size = 4GB");

# A row's vector as the index stores it and its record; its refinement code.
my %cases = (
    f16_768 => { dims => 768, options => 'storage = f16', stored => 768 * 2 + 24, code => 768 / 2 + 20 },
    f32_768 => { dims => 768, options => 'storage = f32', stored => 768 * 4 + 24, code => 768 / 2 + 20 },
    bits_8 => { dims => 768, options => 'storage = f16, bits = 8', stored => 768 * 2 + 24, code => 768 + 20 },
    no_bits => { dims => 768, options => 'storage = f16, bits = none', stored => 768 * 2 + 24, code => 0 },
    f16_30 => { dims => 30, options => 'storage = f16', stored => 64 + 24, code => 0 },
    f32_9000 => { dims => 9000, options => 'storage = f32', stored => 9024 * 4 + 24, code => 9024 / 2 + 20, rows => 100 });

# WAL bytes, WAL records and buffers of one statement that inserts so many rows.
sub cost_of_insert
{
    my ($insert) = @_;
    my $plan = $node->safe_psql('postgres', "EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, FORMAT JSON) $insert");
    my %cost;

    # The topmost node comes first and counts what is below it.
    foreach my $count ('WAL Bytes', 'WAL Records', 'WAL FPI', 'Shared Hit Blocks', 'Shared Read Blocks')
    {
        ($cost{$count}) = $plan =~ /"$count": (\d+)/ or die "EXPLAIN does not tell $count: $plan";
    }
    $cost{Buffers} = $cost{'Shared Hit Blocks'} + $cost{'Shared Read Blocks'};
    return %cost;
}

foreach my $name (sort keys %cases)
{
    my $case = $cases{$name};
    my $rows = $case->{rows} // ROWS;

    # Made anew: a vector from another table would be read from there for the index once more.
    my $select = "SELECT test_vec(i, $case->{dims}) FROM generate_series(1, $rows) i";

    # Both tables hold the same rows beforehand, and the index has grown so far that this growth is an eighth of it.
    $node->safe_psql('postgres', <<SQL);
CREATE TABLE plain_$name (v vec($case->{dims}));
CREATE TABLE indexed_$name (v vec($case->{dims}));
CREATE INDEX i_$name ON indexed_$name USING slab (v) WITH ($case->{options});
INSERT INTO plain_$name $select;
INSERT INTO indexed_$name $select;
SQL
    my $bytes_before = $node->safe_psql('postgres', "SELECT pg_relation_size('i_$name')");
    my %plain = cost_of_insert("INSERT INTO plain_$name $select");
    my %indexed = cost_of_insert("INSERT INTO indexed_$name $select");
    my $grown = ($node->safe_psql('postgres', "SELECT pg_relation_size('i_$name')") - $bytes_before) / 8192;
    my %each = map { $_ => ($indexed{$_} - $plain{$_}) / $rows } keys %plain;

    diag(sprintf
          '%s: %.0f bytes of WAL and %.1f buffers a row, of which vector and code are %d bytes; the index grew by %d blocks',
        $name, $each{'WAL Bytes'}, $each{Buffers}, $case->{stored} + $case->{code}, $grown);

    # Growth touches and logs each page it adds, without the hole in it. A row is a WAL record with up to four pages, and one
    # more record for each four pages more.
    my $pages = 2 + int(($case->{stored} - 24) / 8128) + 1 + ($case->{code} > 0);
    cmp_ok($each{'WAL Bytes'} - 200 * $grown / $rows, '<', ($case->{stored} + $case->{code}) * 1.15 + 200,
        "$name: WAL is hardly more than the row as it is stored");
    cmp_ok($each{'WAL Records'}, '<', 1 + int($pages / 4) + 1, "$name: few WAL records a row");
    cmp_ok($each{Buffers} - $grown / $rows, '<', $pages + 2, "$name: no pages touched but the row's");
    indexes_are_sound($node, $name);
}

done_testing();
