# A damaged page is an ERROR that names index and block: never a wrong answer, a lost row or a crash. REINDEX heals it.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

use constant PAGE => 8192;

random_seed();
my $node = new_server('main', conf => 'shared_buffers = 64MB', no_data_checksums => 1);

# Where the fields of a page are: the server's header, then the index's.
my %field = (
    lower => { offset => 12, code => 'S' },
    kind => { offset => 24, code => 'S' },
    version => { offset => 26, code => 'S' },
    checksum => { offset => 28, code => 'L' },
    owner => { offset => 32, code => 'Q' },
    generation => { offset => 40, code => 'Q' },
    sequence => { offset => 48, code => 'L' },
    reserved => { offset => 56, code => 'Q' },
    payload => { offset => 64, code => 'L' });

# What changes a field of a page by adding to it.
sub add
{
    my ($name, $amount) = @_;
    my ($offset, $code) = @{ $field{$name} }{qw(offset code)};

    return sub {
        my ($page) = @_;
        my $value = unpack($code, substr($$page, $offset));

        substr($$page, $offset, length(pack($code, 0))) = pack($code, $value + $amount);
    };
}

sub zero
{
    my ($page) = @_;

    $$page = "\0" x PAGE;
}

# Damage that every page must show, wherever it is met. A page's used bytes end at pd_lower.
my %damages = (
    'zeroed' => { do => \&zero },
    'of another kind' => { do => add('kind', 1) },
    'of a newer version' => { do => add('version', 1), state => '0A000' },
    'of another part' => { do => add('owner', 1) },
    'of another generation' => { do => add('generation', 1) },
    'out of sequence' => { do => add('sequence', 1) },
    'with another checksum' => { do => add('checksum', 1) },
    'with another value in a field without use' => { do => add('reserved', 1) },
    'with another payload' => { do => add('payload', 1) },
    'cut short' => { do => add('lower', -24) },
    'with bounds outside the page' => { do => add('lower', PAGE), state => 'XX001' });

# One table for each damage, all with the same rows, so that one restart serves all cases.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE rows AS SELECT i AS id, test_vec(i, 100)::vec(100) AS v FROM generate_series(1, 800) i;
CREATE PROCEDURE make_table(n int) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE t_%s (id int, v vec(100))', n);
    EXECUTE format('INSERT INTO t_%s SELECT * FROM rows WHERE id <= 400', n);
    EXECUTE format('CREATE INDEX i_%s ON t_%s USING slab (v)', n, n);
    EXECUTE format('INSERT INTO t_%s SELECT * FROM rows WHERE id > 400', n);
END
$$;
CALL make_table(0);
SQL

sub block
{
    my ($condition) = @_;

    return $node->safe_psql('postgres', "SELECT block FROM slab_pages('i_0') WHERE $condition ORDER BY block DESC LIMIT 1");
}

# What belongs to whom: pages name the part, segment or codebook that they are of.
my ($sealed, $open) = split /\|/,
  $node->safe_psql('postgres', "SELECT min(part), max(part) FROM slab_pages('i_0') WHERE role = 'record'");

# The n-th page, from 0, of a table of the sealed part.
sub nth_block
{
    my ($role, $n) = @_;

    return $node->safe_psql('postgres',
        "SELECT block FROM slab_pages('i_0') WHERE role = '$role' AND part = $sealed ORDER BY block OFFSET $n LIMIT 1");
}

my %pages = (
    'the metapage' => { block => 0 },
    'the codebook' => { block => block("role = 'codebook'") },
    'the directory of lists' => { block => block("role = 'directory'") },
    'a page of lists' => { block => block("role = 'list'") },
    'a record page of the sealed part' => { block => block("role = 'record' AND part = $sealed") },
    'a refinement page of the sealed part' => { block => nth_block('refine', 1) },
    'a slab page of the sealed part' => { block => nth_block('slab', 3) },
    'a full record page of the open part' => { block => block("role = 'record' AND part = $open AND sequence = 0") },
    'the last record page of the open part' => { block => block("role = 'record' AND part = $open AND records > 0") },
    'a refinement page of the open part' => { block => block("role = 'refine' AND part = $open AND used_bytes > 0") },
    'a slab page of the open part' => { block => block("role = 'slab' AND part = $open AND used_bytes > 0") },
    'a slab page without rows' => { block => block("role = 'slab' AND used_bytes = 0"), unread => 1 });

my @cases;
foreach my $where (sort keys %pages)
{
    foreach my $damage (sort keys %damages)
    {
        my %case = (%{ $pages{$where} }, state => 'XX002', %{ $damages{$damage} }, name => "$where $damage");

        # An empty page has no bytes that could go, and what follows them means nothing.
        next if $case{unread} && $damage =~ /payload|cut short/;
        push @cases, \%case;
    }
}

# Two pages of the sealed slab change places.
my $first = nth_block('slab', 0);
push @cases, { name => 'pages in each other\'s place', state => 'XX002', block => $first, swap => $first + 1 };
# The server itself says so, by the name of the file.
push @cases, { name => 'a truncated file', state => 'XX001', block => $pages{'a slab page of the open part'}{block},
    truncate => 1 };
# Flags change without a new checksum; only a comparison with the table shows that this row is missing.
push @cases, { name => 'a row flagged as dead', state => 'XX002', block => $pages{'a record page of the sealed part'}{block},
    do => sub { my ($page) = @_; substr(${$page}, 64 + 6, 2) = pack('S', 1) }, unread => 1, missing => 1 };
push @cases, { name => 'a flag that does not exist', state => 'XX002',
    block => $pages{'a record page of the sealed part'}{block},
    do => sub { my ($page) = @_; substr(${$page}, 64 + 6, 2) = pack('S', 8) }, unread => 1 };

# Anything may be anywhere, but for the server's LSN.
my $random = $ENV{PGSLAB_LONG} ? 300 : 25;
my $blocks = $node->safe_psql('postgres', "SELECT count(*) FROM slab_pages('i_0')");
foreach my $n (1 .. $random)
{
    my ($block, $offset, $bytes) = (int(rand($blocks)), 8 + int(rand(PAGE - 16)), 1 + int(rand(8)));

    push @cases, { name => "$bytes random bytes at $offset of block $block", random => 1, block => $block,
        do => sub { my ($page) = @_; substr(${$page}, $offset, $bytes) = join '', map { chr(rand(256)) } 1 .. $bytes } };
}

sub damage_file
{
    my ($path, $case) = @_;
    my $size = -s $path;
    my ($page, $other);

    open(my $file, '+<:raw', $path) or die "$path: $!";
    if ($case->{truncate})
    {
        truncate($file, $case->{block} * PAGE) or die "$path: $!";
        return;
    }
    seek($file, $case->{block} * PAGE, 0);
    read($file, $page, PAGE) == PAGE or die "$path: $!";
    if (defined $case->{swap})
    {
        seek($file, $case->{swap} * PAGE, 0);
        read($file, $other, PAGE) == PAGE or die "$path: $!";
        seek($file, $case->{swap} * PAGE, 0);
        print $file $page;
        $page = $other;
    }
    $case->{do}->(\$page) if $case->{do};
    seek($file, $case->{block} * PAGE, 0);
    print $file $page;
    close($file) or die "$path: $!";
    die "$path has another size" if -s $path != $size;
}

$node->safe_psql('postgres', join("\n", map { "CALL make_table($_);" } 1 .. @cases));
my %paths = map { split /\|/ }
  split /\n/, $node->safe_psql('postgres', "SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relname ~ '^i_'");
$node->stop;
damage_file($node->data_dir . '/' . $paths{"i_$_"}, $cases[ $_ - 1 ]) foreach 1 .. @cases;
$node->start;

# What an error must look like: whose it is, where, and what to do.
sub report_of
{
    my ($case, $n) = @_;
    # Of two pages either may be met first.
    my $block = defined $case->{swap} ? "(?:$case->{block}|$case->{swap})" : $case->{block};

    return qr/does not agree with its table.*is not in the index.*REINDEX/s if $case->{missing};
    return qr/ERROR:  XX001: / if $case->{state} eq 'XX001';
    return qr/ERROR:  0A000: index "i_$n" has a format.*\n.*DETAIL:  Block $block: .*REINDEX/s
      if $case->{state} eq '0A000';
    return qr/ERROR:  XX002: index "i_$n" is corrupted at block $block\n.*DETAIL:  Block $block: .*REINDEX/s;
}

# The view of all indexes says which are damaged, and shows the others; each damage is met for the first time below.
my %problems = map { split /\|/, $_, 2 }
  split /\n/, $node->safe_psql('postgres', 'SELECT index, coalesce(problem, rows::text) FROM slab_indexes');
is(scalar keys %problems, 1 + @cases, 'slab_indexes lists every index');
is($problems{i_0}, '800', 'slab_indexes shows what there is in a sound one');
foreach my $n (1 .. @cases)
{
    my $case = $cases[ $n - 1 ];

    like($problems{"i_$n"}, qr/^index "i_$n" (?:is corrupted at|has a format).*\. Block $case->{block}: |^invalid page in block/,
        "$case->{name}: slab_indexes says so")
      if $case->{name} =~ /^(?:the metapage|a (?:full )?record page) /;
}
$node->restart;

my $any_report = qr/ERROR:  (XX002|XX001|0A000): /;
my $undetected = 0;

foreach my $n (1 .. @cases)
{
    my $case = $cases[ $n - 1 ];
    # By the index, whatever a plan would do.
    my $found = sql_error($node, "SELECT FROM slab_topk('i_$n', test_vec(0, 100), 1000)");
    my $checked = sql_error($node, "SELECT slab_check('i_$n', true)");

    if ($case->{random})
    {
        # What no check sees must not matter either.
        if ($checked eq '')
        {
            $undetected++;
            is( $node->safe_psql('postgres', "SELECT sequential = indexed AND sequential = topk "
                      . "FROM nearest_distances('i_$n', test_vec(0, 100), NULL)"),
                't', "$case->{name}: unseen by slab_check, which changes no answer");
        }
        else
        {
            like($checked, $any_report, "$case->{name}: slab_check reports it");
        }
    }
    else
    {
        my $report = report_of($case, $n);

        like($checked, $report, "$case->{name}: slab_check reports it");
        $case->{unread}
          ? is($found, '', "$case->{name}: a scan does not meet it")
          : like($found, $report, "$case->{name}: a scan reports it");
    }

    # Whatever becomes of it, an insert or a VACUUM does no harm to the table.
    my $inserted = sql_error($node, "INSERT INTO t_$n SELECT 0, test_vec(-1, 100)");
    my $vacuumed = sql_error($node, "DELETE FROM t_$n WHERE id = 500; VACUUM t_$n");
    my $failed = join '', grep { $_ ne '' && $_ !~ $any_report } $inserted, $vacuumed;
    is($failed, '', "$case->{name}: INSERT and VACUUM succeed or report it");
    my $rows = $inserted eq '' ? 800 : 799;
    is($node->safe_psql('postgres', "SET enable_indexscan = off; SELECT count(*) FROM t_$n"),
        $rows, "$case->{name}: the table has every row");
    $node->safe_psql('postgres', "REINDEX INDEX i_$n");
    is( $node->safe_psql('postgres', "SELECT count(*) FROM slab_topk('i_$n', test_vec(0, 100), 1000)"),
        $rows, "$case->{name}: REINDEX heals it");
}
note("$undetected of $random random damages changed nothing that is used");
indexes_are_sound($node, 'after REINDEX');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|leak/, 'no process crashed or kept what it held');

done_testing();
