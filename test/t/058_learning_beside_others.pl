# Learning from real queries while several roles ask, and while tables and indexes are maintained, built anew and dropped.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = new_server('main', conf => "shared_preload_libraries = 'pgslab'\nlog_line_prefix = '%m [%p] <%b> '");

# Sentences of words. Sentences themselves are easy to find, single words are hard.
$node->safe_psql('postgres', <<'SQL');
-- Without which many sentences were at one distance from a word but for rounding.
CREATE FUNCTION jittered(v vec, i integer) RETURNS vec LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(x + 0.01 * sin(i * 7.1 + d * d * 3.3) ORDER BY d)::real[]::vec FROM unnest(v::real[]) WITH ORDINALITY AS e(x, d)
$$;
CREATE FUNCTION make_said(name text, sentences integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I AS
        SELECT i AS id, jittered(vec_hash_embed(string_agg(''w'' || abs(hashint4(i * 97 + w * 31)) %% 1500, '' ''), 128), i)::vec(128) AS v
        FROM generate_series(1, %s) i, generate_series(1, 12) w GROUP BY i', name, sentences);
    EXECUTE format('CREATE INDEX %I ON %I USING slab (v vec_cosine_ops) WITH (lists = 150)', name || '_v', name);
    EXECUTE format('GRANT SELECT ON %I TO PUBLIC', name);
END $$;
CREATE FUNCTION word(n integer) RETURNS vec LANGUAGE sql IMMUTABLE AS $$ SELECT vec_hash_embed('w' || n, 128) $$;
CREATE PROCEDURE ask(name text, query vec) LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('test.topk', true) = 'on' THEN
        PERFORM FROM slab_topk((name || '_v')::regclass, query, 10);
    ELSE
        EXECUTE format('SELECT FROM (SELECT id FROM %I ORDER BY v <=> $1 LIMIT 10) s', name) USING query;
    END IF;
END $$;
CREATE PROCEDURE ask_words(name text, first integer, last integer) LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL enable_seqscan = off;
    FOR n IN first .. last LOOP
        CALL ask(name, word(n));
    END LOOP;
END $$;
CREATE PROCEDURE ask_sentences(name text, sentences integer) LANGUAGE plpgsql AS $$
DECLARE
    query vec;
BEGIN
    SET LOCAL enable_seqscan = off;
    FOR query IN EXECUTE format('SELECT v FROM %I LIMIT %s', name, sentences) LOOP
        CALL ask(name, query);
    END LOOP;
END $$;
CREATE ROLE asks_sentences;
CREATE ROLE asks_words;
SELECT make_said('said', 8000);
SQL

sub recall_of
{
    my ($queries) = @_;

    return $node->safe_psql('postgres', <<"SQL");
SET client_min_messages = error;
SELECT recall FROM slab_recall('said_v', 10, ($queries))
SQL
}

sub recall_of_words { return recall_of('SELECT array_agg(word(n)) FROM generate_series(1, 300) n') }

# Eight sentences for each word.
my $two_roles = <<'SQL';
SET ROLE asks_sentences; CALL ask_sentences('said', 4000);
SET ROLE asks_words; CALL ask_words('said', 400, 899);
SET ROLE asks_sentences; CALL ask_sentences('said', 4000);
SET ROLE asks_words; CALL ask_words('said', 900, 1399);
SQL

# As many words at either target.
my $two_targets = <<'SQL';
SET ROLE asks_words;
SET slab.target_recall = 0.5; CALL ask_words('said', 400, 899);
SET slab.target_recall = 0.95; CALL ask_words('said', 900, 1399);
SET slab.target_recall = 0.5; CALL ask_words('said', 400, 899);
SET slab.target_recall = 0.95; CALL ask_words('said', 900, 1399);
SQL

# Asks until so many queries were audited.
sub be_audited
{
    my ($audits, $asking) = @_;

    for (1 .. 100)
    {
        $node->safe_psql('postgres', $asking);
        return 1 if $node->safe_psql('postgres', "SELECT coalesce(audits[2], 0) >= $audits FROM slab_stats('said_v')") eq 't';
        $node->safe_psql('postgres', 'SELECT pg_sleep(0.3)');
    }
    return 0;
}

# ---- roles

my $before = recall_of_words();
cmp_ok($before, '<', 0.92, 'single words find less than was promised');
ok(be_audited(150, $two_roles), 'queries of two roles are audited');
cmp_ok(recall_of_words(), '>', 0.91, 'many easy queries of one role do not keep the hard ones of another from being learnt');
is($node->safe_psql('postgres', "SELECT learnt[2] > 0 AND learnt[2] <= 0.75 FROM slab_stats('said_v')"), 't', 'nor do these add without bound');
cmp_ok(recall_of('SELECT array_agg(v) FROM (SELECT v FROM said ORDER BY id LIMIT 200) s'), '>=', 0.95, 'and sentences are found');

sub forget { $node->safe_psql('postgres', "SELECT slab_calibrate('said_v', forget => true)") }

forget();
ok(be_audited(150, "SET test.topk = on; $two_roles"), 'queries of slab_topk() are audited');
cmp_ok(recall_of_words(), '>', 0.91, 'and are of the role that asks, as others are');

# ---- targets

forget();
ok(be_audited(250, $two_targets), 'queries of one role are audited at two targets');
cmp_ok(recall_of_words(), '>', 0.91, 'those that are to find little take nothing from those that are to find more');
is($node->safe_psql('postgres', <<'SQL'), 't', 'nor do those that need more have others search longer');
SET slab.target_recall = 0.5;
SELECT learnt[2] < 0.05 FROM slab_stats('said_v')
SQL

# ---- whatever else happens to the index

my $dir = PostgreSQL::Test::Utils::tempdir;
my @asking;
foreach my $number (1 .. 2)
{
    my $file = "$dir/ask$number.sql";
    append_to_file($file, join('', map { "CALL ask_words('said', 1, 1400);\nCALL ask_words('passing', 1, 700);\n" } 1 .. 400));
    push @asking, run_in_background($node, $file, "$dir/ask$number.out");
}
my $rounds = $ENV{PGSLAB_LONG} ? 40 : 6;
foreach my $round (1 .. $rounds)
{
    $node->safe_psql('postgres', <<'SQL');
SELECT make_said('passing', 3000);
SELECT pg_sleep(0.3);
DELETE FROM said WHERE id % 50 = 0;
INSERT INTO said SELECT id + 100000, v FROM said WHERE id % 50 = 1;
VACUUM said;
SELECT slab_compact('said_v', true);
SELECT slab_calibrate('said_v');
SELECT slab_recluster('said_v');
REINDEX INDEX CONCURRENTLY said_v;
SELECT pg_sleep(0.3);
DROP INDEX passing_v;
CREATE INDEX passing_v ON passing USING slab (v vec_cosine_ops);
TRUNCATE passing;
DROP TABLE passing;
SQL
}
$_->kill_kill foreach @asking;
$_->finish foreach @asking;
ok(be_audited(20, $two_roles), 'audits go on');
indexes_are_sound($node, 'learning beside everything else');
answers_are_exact($node, 'learning beside everything else');
my $log = slurp_file($node->logfile);
my @said = grep { !/canceling|terminating/ } $log =~ /^.*<slab worker> (?:ERROR|FATAL|PANIC):.*$/mg;
is("@said", '', 'no worker failed');
unlike($log, qr/PANIC|TRAP|was terminated by signal/, 'and no process crashed');

done_testing();
