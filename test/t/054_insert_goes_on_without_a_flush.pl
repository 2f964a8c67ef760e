# A row is not refused because its index cannot be maintained: that is put off, and seen in the server's log and by slab_stats().
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use SlabTestMaintenance;
use Test::More;

my $node = new_server('main', no_data_checksums => 1);

$node->safe_psql('postgres', <<'SQL');
ALTER DATABASE postgres SET slab.auto_compact = off;
CREATE TABLE t (id bigserial PRIMARY KEY, v vec(100));
INSERT INTO t (v) SELECT test_vec(i, 100) FROM generate_series(1, 300) i;
CREATE INDEX i ON t USING slab (v) WITH (seal_threshold = 200);
SQL

# Inserts so many rows, each by a statement of its own if asked; returns what the server's log says of it.
sub insert
{
    my ($rows, $settings, $singly) = @_;
    my $offset = -s $node->logfile;
    my $insert = "INSERT INTO t (v) SELECT test_vec(1000 + i, 100) FROM generate_series(1, $rows) i";

    $insert = "DO \$\$ BEGIN FOR i IN 1 .. $rows LOOP INSERT INTO t (v) VALUES (test_vec(2000 + i, 100)); END LOOP; END \$\$"
      if $singly;
    is(sql_error($node, "$settings; $insert"), '', "$rows rows go in" . ($settings ? " with $settings" : ''));
    return slurp_file($node->logfile, $offset);
}

sub stats
{
    return $node->safe_psql('postgres', "SELECT segments, sidecar_rows, seal_overdue FROM slab_stats('i')");
}

my $postponed = qr/LOG:  an insert could not maintain index "i", which is postponed: /;

# At each point, in turns with a flush that succeeds

my ($sidecar, $segments) = (0, 1);
foreach my $point ('flush', 'reserved', 'written', 'publish')
{
    is(insert(199, "SET slab.fail_at = '$point'"), '', 'too few to be flushed');
    my $log = insert(1, "SET slab.fail_at = '$point'");
    like($log, qr/${postponed}failed at stop point "$point"\n.*DETAIL:  slab.fail_at names it/, 'the one that fills the sidecar says why it is not');
    is(stats(), "$segments|200|f", 'the sidecar stays');
    is(insert(50, "SET slab.fail_at = '$point'"), '', 'the next do not try again');
    $log = insert(550, "SET slab.fail_at = '$point'", 1);
    my @tries = $log =~ /$postponed/g;
    cmp_ok(scalar @tries, '>', 3, 'many more do');
    cmp_ok(scalar @tries, '<', 11, scalar @tries . ' times');
    is(stats(), "$segments|800|t", 'that flushing is overdue does not get lost with the session');
    unlike(insert(64, ''), $postponed, 'without the cause');
    $segments++;
    is(stats() =~ s/\d+\|f$/n|f/r, "$segments|n|f", 'the sidecar is flushed by and by');
    $node->safe_psql('postgres', "SELECT slab_compact('i')");
    $segments = 1;
    is(stats(), '1|0|f', 'all of it is flushed for the next round');
}
indexes_are_sound($node, 'after errors');
answers_are_exact($node, 'after errors');

# After it is published nothing is left to be put off.

my $log = insert(200, "SET slab.fail_at = 'published'");
like($log, $postponed, 'an error after all was done');
is(stats(), '2|0|f', 'does not undo it');
$node->safe_psql('postgres', "SELECT slab_compact('i')");
nothing_is_half_written($node, 'i', 'after errors');

# In a transaction that goes on, and one that is rolled back

$node->safe_psql('postgres', 'CREATE TABLE log (said text)');
is(sql_error($node, <<'SQL'), '', 'a transaction goes on');
SET slab.fail_at = 'written';
BEGIN;
INSERT INTO log VALUES ('before');
DECLARE c CURSOR FOR SELECT FROM t;
FETCH 3 FROM c;
SAVEPOINT s;
INSERT INTO t (v) SELECT test_vec(i, 100) FROM generate_series(1, 300) i;
ROLLBACK TO s;
INSERT INTO t (v) SELECT test_vec(i, 100) FROM generate_series(1, 300) i;
INSERT INTO log VALUES ('after');
FETCH 3 FROM c;
COMMIT;
SQL
is($node->safe_psql('postgres', "SELECT string_agg(said, ' ') FROM log"), 'before after', 'all of it');
indexes_are_sound($node, 'after that transaction');

# What a user or the server asks for is heeded.

my $lock = hold_stop_points($node);
$node->safe_psql('postgres', "SELECT slab_compact('i')");
like(
    sql_error($node, "SET slab.stop_at = 'written'; SET statement_timeout = '500ms'; "
          . 'INSERT INTO t (v) SELECT test_vec(i, 100) FROM generate_series(1, 200) i'),
    qr/ERROR:  57014: canceling statement due to statement timeout/,
    'a timeout ends an insert while it flushes');
$lock->quit;

# Temporary tables, of which the session looks after all

my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe('SET slab.auto_compact = on');
$session->query_safe('CREATE TEMPORARY TABLE temporary AS SELECT v FROM t LIMIT 300');
$session->query_safe('CREATE INDEX temporary_i ON temporary USING slab (v) WITH (seal_threshold = 50)');
$session->query_safe("SET slab.fail_at = 'reclaimed'"); # which flushes do not pass
my $offset = -s $node->logfile;
foreach my $round (1 .. 4)
{
    is(session_error($session, 'INSERT INTO temporary SELECT test_vec(i, 100)::vec(100) FROM generate_series(1, 250) i'), '',
        'rows go into a temporary table that cannot be compacted');
}
like(slurp_file($node->logfile, $offset), qr/LOG:  an insert could not maintain index "temporary_i", which is postponed: failed at stop point/,
    'it was tried');
is($session->query_safe("SELECT count(*), slab_check('temporary_i', true) FROM temporary"), '1300|', 'its rows are all there');
$session->quit;

# Damage, on a page that only flushing reads: in the middle of the sidecar

$node->safe_psql('postgres', "REINDEX INDEX i");
insert(199, '');
my $block = $node->safe_psql('postgres', "SELECT block FROM slab_pages('i') WHERE role = 'refine' AND used_bytes > 7000 ORDER BY block DESC LIMIT 1");
my $path = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('i')");
$node->stop;
open(my $file, '+<:raw', $path) or die "$path: $!";
seek($file, $block * 8192 + 5000, 0);
print $file 'damage';
close($file) or die "$path: $!";
$node->start;
$log = insert(1, '');
like($log, qr/${postponed}index "i" is corrupted at block $block\n.*DETAIL:  Block $block: .*\n.*HINT:  .*REINDEX/, 'damage is reported');
is(stats(), '1|200|f', 'and not flushed');
$node->safe_psql('postgres', 'REINDEX INDEX i');
indexes_are_sound($node, 'after REINDEX');

done_testing();
