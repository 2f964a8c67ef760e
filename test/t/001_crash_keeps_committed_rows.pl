# A server killed at any moment comes back with every row it acknowledged, sound indexes, exact answers, and no blocks lost.
#
# PGSLAB_CRASH_ROUNDS sets the number of crashes (3, or 20 with PGSLAB_LONG=1), PGSLAB_SEED the choices.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $rounds = $ENV{PGSLAB_CRASH_ROUNDS} // ($ENV{PGSLAB_LONG} ? 20 : 3);

random_seed();

my $node = new_server('main', conf => <<'CONF');
min_wal_size = 32MB
checkpoint_timeout = 30s
maintenance_work_mem = 1MB
CONF

# A vector of 9000 float32 lies on five pages, more than one WAL record holds.
my %tables = (
    # A row of 5 terms to 200, which lies in up to some dozen slots; and a text of as many words.
    sparse => { type => 'svec', dims => 1000, operators => [qw(svec_ip_ops svec_cosine_ops)], rows => 100, most => 4000 },
    texts => { type => 'tsvector', operators => [qw(tsvector_bm25_ops tsvector_bm25_ops)], rows => 100, most => 4000 },
    bits => { type => 'bit', dims => 300, operators => [qw(bit_hamming_ops bit_jaccard_ops)], storage => 'auto', rows => 100, most => 4000 },
    halves => { type => 'hvec', dims => 96, operators => [qw(hvec_l2_ops hvec_cosine_ops)], storage => 'f16', rows => 100, most => 4000 },
    small => { dims => 3, operators => [qw(vec_l2_ops vec_l1_ops)], storage => 'f16', rows => 200, most => 10_000 },
    middle => { dims => 768, operators => [qw(vec_l2_ops vec_cosine_ops)], storage => 'f16', rows => 40, most => 1500 },
    large => { dims => 9000, operators => [qw(vec_ip_ops vec_l2_ops)], storage => 'f32', rows => 5, most => 100 });

$tables{bits}{scan} = '<~>';
$tables{halves}{scan} = '<->';
$tables{small}{scan} = '<->';
$tables{middle}{scan} = '<->';
$tables{large}{scan} = '<#>';
$tables{sparse}{scan} = '<#>';
$tables{texts}{scan} = '<@>';

# A row's value, or a query for it.
sub value
{
    my ($t, $seed) = @_;
    my $type = $t->{type} // 'vec';

    return "test_text($seed)" if $type eq 'tsvector';
    return "test_svec($seed, $t->{dims})" if $type eq 'svec';
    return $type eq 'bit' ? "binary_quantize(test_vec($seed, $t->{dims}))" : "test_vec($seed, $t->{dims})";
}

# A query for rows.
sub query
{
    my ($name, $seed) = @_;
    my $t = $tables{$name};

    return $t->{scan} eq '<@>' ? "bm25_query('${name}_i', test_words($seed, 3))" : value($t, $seed);
}

sub options
{
    my ($t) = @_;

    return defined $t->{storage} ? "WITH (storage = $t->{storage})" : '';
}

foreach my $name (sort keys %tables)
{
    my $t = $tables{$name};
    my $n = $t->{rows} * 5;
    my $type = $t->{type} // 'vec';

    $type .= "($t->{dims})" if defined $t->{dims};
    # Rows that are kept are never updated or deleted.
    $node->safe_psql('postgres', <<SQL);
CREATE TABLE $name (id bigserial PRIMARY KEY, kept bool NOT NULL DEFAULT false, v $type);
CREATE INDEX ${name}_i ON $name USING slab (v $t->{operators}[0], id, kept) @{[ options($t) ]};
INSERT INTO $name (v) SELECT @{[ value($t, 'i') ]} FROM generate_series(1, $n) i;
SQL
}

# Statements of one session that inserts, updates and deletes. Rows that are acknowledged to be kept are printed.
sub row_statements
{
    my ($name) = @_;
    my $t = $tables{$name};
    my $n = 1 + int(rand($t->{rows}));
    my $seed = int(rand(1_000_000_000));
    my $insert = "INSERT INTO $name (kept, v) SELECT %s, " . value($t, "$seed + i") . " FROM generate_series(1, $n) i";
    my $lost = sprintf $insert, 'false';
    my $kept = sprintf $insert, 'true';
    my $some = "NOT kept AND id % 7 = " . int(rand(7));
    my $returning = "RETURNING '$name ' || id";
    my $choice = int(rand(10));

    return "$kept $returning;" if $choice < 4;
    return "BEGIN; $lost; SAVEPOINT s; $lost; ROLLBACK TO s; $lost; COMMIT;" if $choice == 4;
    return "BEGIN; $lost; ROLLBACK;" if $choice == 5;
    return "UPDATE $name SET v = " . value($t, "$seed + id") . " WHERE $some;" if $choice == 6;
    return "DELETE FROM $name WHERE $some AND id < (SELECT max(id) - $t->{most} / 2 FROM $name);" if $choice == 7;
    # A scan flags dead rows.
    return "SET enable_seqscan = off; SELECT FROM (SELECT FROM $name ORDER BY v $t->{scan} " . query($name, $seed) . ') s;'
      if $choice == 8;
    return "DELETE FROM $name WHERE $some;";
}

# Statements of one session that looks after indexes.
sub index_statements
{
    my ($name, $round) = @_;
    my $t = $tables{$name};
    my $second = "${name}_second ON $name USING slab (v $t->{operators}[1]) " . options($t);
    my @choices = (
        "VACUUM $name;",
        "VACUUM $name;",
        $round % 3 == 0 ? 'CHECKPOINT;' : 'SELECT 1;',
        "DROP INDEX IF EXISTS ${name}_second; CREATE INDEX $second;",
        "DROP INDEX IF EXISTS ${name}_second; CREATE INDEX CONCURRENTLY $second;",
        "REINDEX INDEX ${name}_i;",
        "REINDEX INDEX CONCURRENTLY ${name}_i;",
        "DROP INDEX CONCURRENTLY IF EXISTS ${name}_second;");

    return $choices[ int(rand(@choices)) ] . ' SELECT pg_sleep(' . rand(0.1) . ');';
}

# Starts three sessions that write rows and one that looks after indexes, each with more to do than there is time for.
sub start_load
{
    my ($round) = @_;
    my @names = sort keys %tables;
    my @sessions;

    foreach my $session (0 .. 3)
    {
        my $file = "$PostgreSQL::Test::Utils::tmp_check/load_${round}_$session";
        my @lines = map {
            my $name = $names[ int(rand(@names)) ];
            $session == 3 ? index_statements($name, $round) : row_statements($name)
        } 1 .. 400;

        append_to_file("$file.sql", join("\n", @lines) . "\n");
        push @sessions, { file => $file, run => run_in_background($node, "$file.sql", "$file.out") };
    }
    return @sessions;
}

# The rows the sessions were told are committed.
sub acknowledged
{
    my %ids;

    foreach my $session (@_)
    {
        my $printed = slurp_file("$session->{file}.out");

        push @{ $ids{$1} }, $2 while $printed =~ /^(\w+) (\d+)$/mg;
    }
    return %ids;
}

# How many of these rows the table has.
sub count_rows
{
    my ($name, @ids) = @_;

    return $node->safe_psql('postgres', "SELECT count(*) FROM $name WHERE kept AND id IN (" . join(',', @ids, 0) . ')');
}

# Blocks past the end of the index, which growth had added to the file when the crash made it forget them, are the next
# that growth takes. The file may grow before that where inserts turn rows into lists, which takes a run of blocks.
sub leftovers_are_used
{
    my ($name) = @_;
    my $blocks = "SELECT count(*), count(*) FILTER (WHERE role = 'unused'), count(*) FILTER (WHERE role = 'in progress') "
      . "FROM slab_pages('${name}_i')";
    my $value = value($tables{$name}, 'i');
    my ($before, $unused, $in_progress) = split /\|/, $node->safe_psql('postgres', $blocks);
    my ($after, $still_unused, $still_in_progress) = ($before, $unused, $in_progress);
    my $rows = 0;

    # Inserted, then deleted, so that the table stays as it was.
    while (($still_unused > 0 || $still_in_progress > 0) && $rows < 10_000)
    {
        $node->safe_psql('postgres', "INSERT INTO $name (v) SELECT $value FROM generate_series(1, 20) i");
        ($after, $still_unused, $still_in_progress) = split /\|/, $node->safe_psql('postgres', $blocks);
        $rows += 20;
    }
    note("$name: $unused blocks unused and $in_progress in progress after the crash, taken by $rows rows; $before blocks became $after");
    return is("$still_unused $still_in_progress", '0 0', "${name}_i: blocks left over are taken");
}

foreach my $round (1 .. $rounds)
{
    my $seconds = 0.3 + rand(2.5);

    # With much memory a crash takes pages that were never written; with little they leave it at any time, half done.
    $node->append_conf('postgresql.conf', 'shared_buffers = ' . ($round % 3 == 0 ? '2MB' : '256MB'));
    $node->append_conf('postgresql.conf', 'max_wal_size = ' . ($round % 3 == 0 ? '32MB' : '1GB'));
    $node->restart;

    my @sessions = start_load($round);
    my (%ids, $errors);

    note(sprintf('round %d: killed after %.2f s', $round, $seconds));
    select(undef, undef, undef, $seconds);
    crash($node);
    $_->{run}->finish foreach @sessions;
    $errors = join('', map { slurp_file("$_->{file}.out.errors") } @sessions);
    # Sessions may wait for rows of each other.
    is(join(' ', grep { !/deadlock detected/ } $errors =~ /^.*ERROR: .*$/mg), '', "round $round: no statement failed before");
    $node->start;

    %ids = acknowledged(@sessions);
    foreach my $name (sort keys %ids)
    {
        my $n = @{ $ids{$name} };

        is(count_rows($name, @{ $ids{$name} }), $n, "round $round: $n rows of $name acknowledged, as many there");
    }
    # What is not valid is what a concurrent build was making.
    is( $node->safe_psql('postgres', "SELECT count(*) FROM test_index WHERE NOT valid AND index::text NOT LIKE '%\\_cc%' "
              . "AND index::text NOT LIKE '%\\_second'"),
        0, "round $round: the indexes that were valid still are");
    indexes_are_sound($node, "round $round");
    answers_are_exact($node, "round $round");
    filters_are_exact($node, "round $round",
        map { [ $_, 'kept AND id > ' . int(rand(2000)), @{ $tables{$_} }{ 'scan', 'dims' } ] }
          grep { defined $tables{$_}{storage} } sort keys %tables);
    leftovers_are_used($_) foreach sort keys %tables;
    indexes_are_sound($node, "round $round, after inserting more");
    foreach my $name (sort keys %tables)
    {
        my $left = $node->safe_psql('postgres', "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid "
              . "AND indrelid = '$name'::regclass");
        $node->safe_psql('postgres', "DROP INDEX $_") foreach split /\n/, $left;
        # Kept rows of rounds past need not slow down those to come.
        $node->safe_psql('postgres', "DELETE FROM $name WHERE id < (SELECT max(id) - $tables{$name}{most} FROM $name)");
    }
}

done_testing();
