# Damage of a page is reported every time that somebody reads it, in every session, however the page came into memory; and
# maintenance neither copies it nor makes it look sound.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

use constant PAGE => 8192;

my $node = new_server('main', no_data_checksums => 1);

# One table for each case. Enough rows are dead for VACUUM to write the part anew, and the open part has rows, too.
$node->safe_psql('postgres', <<'SQL');
ALTER DATABASE postgres SET slab.auto_compact = off;
SET slab.auto_compact = off;
CREATE TABLE rows AS SELECT i AS id, test_vec(i, 100)::vec(100) AS v FROM generate_series(1, 800) i;
CREATE PROCEDURE make_table(n int) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE t_%s (id int, v vec(100))', n);
    EXECUTE format('INSERT INTO t_%s SELECT * FROM rows WHERE id <= 400', n);
    EXECUTE format('CREATE INDEX i_%s ON t_%s USING slab (v)', n, n);
    EXECUTE format('INSERT INTO t_%s SELECT * FROM rows WHERE id > 400', n);
    EXECUTE format('DELETE FROM t_%s WHERE id %% 5 < 3', n);
END
$$;
CALL make_table(0);
SQL

sub block
{
    my ($condition) = @_;

    return $node->safe_psql('postgres', "SELECT block FROM slab_pages('i_0') WHERE $condition ORDER BY block DESC LIMIT 1");
}

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
    # Made of the vectors: what writes it anew from them may succeed.
    'the codebook' => { block => block("role = 'codebook'"), derived => 1 },
    'a directory of lists' => { block => block("role = 'directory'"), derived => 1 },
    'a page of lists' => { block => block("role = 'list'"), derived => 1, prewarm => 1 },
    'a page of refinement codes' => { block => nth_block('refine', 1), derived => 1 },
    'codes of the open part' => { block => block("role = 'refine' AND part = $open AND used_bytes > 0"), derived => 1 },
    'a record page' => { block => block("role = 'record' AND part = $sealed"), prewarm => 1 },
    'a slab page' => { block => nth_block('slab', 3), prewarm => 1 },
    'the tail of the open part' => { block => block("role = 'record' AND part = $open AND records > 0") },
    'a slab page of the open part' => { block => block("role = 'slab' AND part = $open AND used_bytes > 0") });

# Whatever loads pages without knowing what they are, as the server's own loading for replay does.
my $prewarm = $node->safe_psql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_prewarm'");
my @cases;
foreach my $where (sort keys %pages)
{
    my %page = (%{ $pages{$where} }, name => $where);
    my $loaded_by_another = delete $page{prewarm};

    push @cases, \%page;
    push @cases, { %page, name => "$where, loaded by another", prewarm => 1 } if $loaded_by_another && $prewarm;
}
ok($prewarm, 'pg_prewarm is there to load pages unseen');

$node->safe_psql('postgres', join("\n", map { "CALL make_table($_);" } 1 .. @cases));
$node->safe_psql('postgres', 'CREATE EXTENSION pg_prewarm') if $prewarm;
my %paths = map { split /\|/ }
  split /\n/, $node->safe_psql('postgres', "SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relname ~ '^i_'");
$node->stop;
foreach my $n (1 .. @cases)
{
    my $path = $node->data_dir . '/' . $paths{"i_$n"};
    my $bytes = slurp_file($path);

    # A bit of a value: what only the checksum can tell.
    vec($bytes, $cases[ $n - 1 ]{block} * PAGE + 64 + 1, 8) ^= 1;
    open(my $file, '>:raw', $path) or die "$path: $!";
    print $file $bytes;
    close($file) or die "$path: $!";
}
$node->start;

# Whether a statement fails; if so, then for that reason.
sub fails_with
{
    my ($case, $report, $statement) = @_;
    my $error = sql_error($node, $statement);

    like($error, $report, "$case->{name}: $statement reports it") if $error ne '';
    return $error ne '';
}

foreach my $n (1 .. @cases)
{
    my $case = $cases[ $n - 1 ];
    my $report = qr/ERROR:.* index "i_$n" is corrupted at block $case->{block}\n.*DETAIL:  Block $case->{block}: the page's checksum/s;
    my $query = "SELECT count(*) FROM (SELECT FROM t_$n ORDER BY v <-> test_vec(0, 100) LIMIT 1000000) s";
    my $still_reported = sub {
        my ($claim) = @_;

        like(sql_error($node, "SET enable_seqscan = off; $query"), $report, "$case->{name}: reported $claim");
    };

    $node->safe_psql('postgres', "SELECT pg_prewarm('i_$n')") if $case->{prewarm};
    my $session = $node->background_psql('postgres', on_error_stop => 0);
    $session->query_safe('SET enable_seqscan = off');
    like(session_error($session, $query), $report, "$case->{name}: reported");
    like(session_error($session, $query), $report, "$case->{name}: reported again");
    $still_reported->('in another session');
    like(session_error($session, 'SET slab.exact = on; ' . $query), qr/^$|$report/, "$case->{name}: reported or not read by an exact search");
    $session->quit;

    # Which of them read the page depends on what it holds; slab_compact() reads all but what it need not copy.
    my @maintenance = ("INSERT INTO t_$n SELECT * FROM rows WHERE id <= 3", "SELECT slab_vacuum('i_$n')", "VACUUM (INDEX_CLEANUP ON) t_$n",
        "SELECT slab_compact('i_$n')", "SELECT slab_compact('i_$n', true)", "SELECT slab_calibrate('i_$n')");
    my %failed = map { $_ => fails_with($case, $report, $_) } @maintenance;
    ok($failed{"SELECT slab_compact('i_$n', true)"}, "$case->{name}: slab_compact() fails") if !$case->{derived};
    ok($failed{"VACUUM (INDEX_CLEANUP ON) t_$n"}, "$case->{name}: VACUUM fails") if $case->{name} =~ /record page/;
    ok($failed{"INSERT INTO t_$n SELECT * FROM rows WHERE id <= 3"}, "$case->{name}: an insert fails") if $case->{name} =~ /tail|slab page of the open/;
    like(sql_error($node, "SELECT slab_check('i_$n')"), $report, "$case->{name}: slab_check() fails after maintenance");
    $still_reported->('after maintenance');

    # Made anew from vectors that are sound.
    $case->{healed} = !fails_with($case, $report, "SELECT slab_recluster('i_$n')");
    ok(!$case->{healed}, "$case->{name}: slab_recluster() fails") if !$case->{derived};
}

# Nothing of it was written.
$node->restart;
foreach my $n (1 .. @cases)
{
    my $case = $cases[ $n - 1 ];

    $case->{healed}
      ? is(sql_error($node, "SELECT slab_check('i_$n', true)"), '', "$case->{name}: slab_recluster() has replaced it")
      : like(sql_error($node, "SELECT slab_check('i_$n')"), qr/is corrupted at block $case->{block}\n/,
        "$case->{name}: slab_check() fails after a restart");
}

done_testing();
