# An index whose metapage cannot be read is left out of plans, with a warning: queries of its table succeed, and inserts fail
# clearly, until a REINDEX.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', no_data_checksums => 1);

# What happens to the file; the warning's SQLSTATE; what an insert says.
my $unknown = qr/ERROR:  0A000: index "i_\d+" has a format/;
my $corrupted = qr/ERROR:  XX00[12]: /;
my @cases = (
    { name => 'a value changed', do => sub { substr(${ $_[0] }, 200, 1) ^= "\1" }, state => 'XX002', insert => $corrupted },
    { name => 'zeros', do => sub { substr(${ $_[0] }, 0, 8192) = "\0" x 8192 }, state => 'XX002', insert => $corrupted },
    { name => 'a format to come', do => sub { substr(${ $_[0] }, 26, 2) = substr(${ $_[0] }, 64 + 4, 2) = pack('S', 1000) },
        state => '0A000', insert => $unknown },
    # The server refuses such a page by itself.
    { name => 'bounds outside the page', do => sub { substr(${ $_[0] }, 12, 2) = pack('S', 9000) }, state => 'XX002', insert => $corrupted },
    { name => 'an empty file', do => sub { ${ $_[0] } = '' }, state => 'XX002', insert => $corrupted });

$node->safe_psql('postgres', 'CREATE TABLE p (id int, v vec(3)) PARTITION BY LIST (id)');
foreach my $n (1 .. @cases)
{
    $node->safe_psql('postgres', <<"SQL");
CREATE TABLE t_$n (id int, v vec(3));
INSERT INTO t_$n SELECT $n, test_vec(i, 3) FROM generate_series(1, 300) i;
CREATE INDEX i_$n ON t_$n USING slab (v);
ALTER TABLE p ATTACH PARTITION t_$n FOR VALUES IN ($n);
SQL
}
my $by_distance = 'ORDER BY v <-> test_vec(1000, 3)';
my $expected = $node->safe_psql('postgres', "SET enable_indexscan = off; SELECT v FROM t_1 $by_distance LIMIT 5");
my $expected_of_all = $node->safe_psql('postgres', "SET enable_indexscan = off; SELECT v FROM p $by_distance LIMIT 10");
my %paths = map { split /\|/ }
  split /\n/, $node->safe_psql('postgres', "SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relname ~ '^i_'");
$node->stop;
foreach my $n (1 .. @cases)
{
    my $path = $node->data_dir . '/' . $paths{"i_$n"};
    my $bytes = slurp_file($path);

    $cases[ $n - 1 ]{do}->(\$bytes);
    open(my $file, '>:raw', $path) or die "$path: $!";
    print $file $bytes;
    close($file) or die "$path: $!";
}
$node->start;

sub run
{
    my ($sql) = @_;
    my ($stdout, $stderr) = ('', '');

    $node->psql('postgres', $sql, stdout => \$stdout, stderr => \$stderr, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
    return ($stdout, $stderr);
}

foreach my $n (1 .. @cases)
{
    my $case = $cases[ $n - 1 ];
    my $warning = qr/WARNING:  $case->{state}: index "i_$n" cannot be read and is not used\nDETAIL:  Block 0: .*\nHINT:  .*REINDEX/;

    foreach my $setting ('', 'SET enable_seqscan = off; ')
    {
        my ($rows, $said) = run("${setting}SELECT v FROM t_$n $by_distance LIMIT 5");

        is($rows, $expected, "$case->{name}: ${setting}the right rows");
        like($said, $warning, "$case->{name}: ${setting}a warning names the index and the remedy");
        is(scalar(() = $said =~ /cannot be read/g), 1, "$case->{name}: ${setting}one warning");
        unlike($said, qr/ERROR/, "$case->{name}: ${setting}no error");
    }
    is(join('', run("SELECT count(*) FROM t_$n WHERE id = $n")), '300', "$case->{name}: other queries are as ever");
    my (undef, $inserted) = run("INSERT INTO t_$n SELECT $n, test_vec(1, 3)");
    like($inserted, $case->{insert}, "$case->{name}: an insert fails");
}

foreach my $setting ('', 'SET enable_seqscan = off; ')
{
    my ($rows, $said) = run("${setting}SELECT v FROM p $by_distance LIMIT 10");

    is($rows, $expected_of_all, "${setting}partitions, the right rows");
    unlike($said, qr/ERROR/, "${setting}partitions, no error");
}

# A prepared statement is planned anew, once the index can be read.
$node->safe_psql('postgres', "REINDEX INDEX i_$_; INSERT INTO t_$_ SELECT $_, test_vec(1, 3)") foreach 1 .. @cases;
my ($plan, $said) = run("SET enable_seqscan = off; EXPLAIN (COSTS OFF) SELECT v FROM t_1 $by_distance LIMIT 5");
like($plan, qr/Index Scan using i_1/, 'REINDEX heals it');
is($said, '', 'and there is nothing to warn of');
indexes_are_sound($node, 'after REINDEX');

done_testing();
