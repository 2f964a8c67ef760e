# What the tests of whole servers share: a server with the extension, vectors that can be made again anywhere, what must
# hold for every slab index at any time, sessions in the background, and crashes.
package SlabTest;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTestSql;
use Test::More;

our @EXPORT = qw(
  new_server prepare random_seed
  indexes_are_sound answers_are_exact filters_are_exact run_fails_with sql_error session_error without_promises
  run_in_background crash wait_until_back wait_until_gone
);

# new_server($name, conf => $lines, no_data_checksums => 1, %init) - a running server with the extension and the functions of
# SlabTestSql. A test that damages pages wants none of the server's own checksums, which are the default from 18 on.
sub new_server
{
    my ($name, %params) = @_;
    my $conf = delete $params{conf} // '';
    my $no_data_checksums = delete $params{no_data_checksums};
    my $node = PostgreSQL::Test::Cluster->new($name);

    push @{ $params{extra} }, '--no-data-checksums' if $no_data_checksums && $node->pg_version >= 18;
    $node->init(%params);
    # A standby may lag behind a checkpoint.
    $node->append_conf('postgresql.conf',
        "max_connections = 30\nautovacuum = off\nlog_statement = none\nwal_keep_size = 4GB\n$conf\n");
    $node->start;
    $node->safe_psql('postgres', $SlabTestSql::functions);
    return $node;
}

# The seed of a test's choices, printed so that a failure can be repeated: PGSLAB_SEED=n.
sub random_seed
{
    my $seed = $ENV{PGSLAB_SEED} // int(rand(1_000_000_000));

    srand($seed);
    diag("PGSLAB_SEED=$seed") if !defined $ENV{PGSLAB_SEED};
    note("PGSLAB_SEED=$seed repeats this run's choices");
    return $seed;
}

# A server that restarts by itself answers again. A psql that it turns away may be gone before it has read its query, and then the
# pipe to it breaks.
sub wait_until_back
{
    my ($node) = @_;

    foreach (1 .. 10)
    {
        my $is_back = eval { $node->poll_query_until('postgres', 'SELECT true') };

        return 1 if $is_back;
        last if defined $is_back;
    }
    return 0;
}

# Every slab index passes slab_check(), and, if valid, agrees with its table row by row.
sub indexes_are_sound
{
    my ($node, $claim) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is($node->safe_psql('postgres', 'SELECT * FROM index_faults()'), '', "$claim: indexes are sound");
}

# For a few random queries, every valid slab index gives the distances that a sequential scan gives, one by one.
sub answers_are_exact
{
    my ($node, $claim, $seed) = @_;
    $seed //= int(rand(1_000_000));
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is($node->safe_psql('postgres', "SELECT * FROM answer_faults($seed) UNION ALL SELECT * FROM term_faults($seed)"),
        '', "$claim: answers are exact (query seed $seed)");
}

# For a random query, searches with conditions on filter columns give what a sequential scan gives. Each is
# [ table, condition, operator, dimensions ].
sub filters_are_exact
{
    my ($node, $claim, @searches) = @_;
    my $seed = int(rand(1_000_000));
    my @faults = map {
        my ($table, $condition, $operator, $dims) = @$_;
        "SELECT filter_faults('$table', \$c\$$condition\$c\$, '$operator', test_vec($seed, $dims));"
    } @searches;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is($node->safe_psql('postgres', join("\n", 'BEGIN ISOLATION LEVEL REPEATABLE READ;', @faults, 'COMMIT;')),
        '', "$claim: answers to conditions are exact (query seed $seed)");
}

# What a server says, without the warnings that an index cannot keep a recall: true of vectors that are hard on purpose.
sub without_promises
{
    my ($said) = @_;

    $said =~ s/^.*WARNING:  index ".*" cannot keep a recall of .*\nDETAIL:  .*\nHINT:  .*\n?//mg;
    return $said;
}

# What a statement's error says, with SQLSTATE, detail and hint; an empty string when there is none.
sub sql_error
{
    my ($node, $sql, $database) = @_;
    my ($stdout, $stderr) = ('', '');

    $node->psql($database // 'postgres', $sql, stdout => \$stdout, stderr => \$stderr, extra_params => [ '-v', 'VERBOSITY=verbose' ],
        on_error_stop => 1);
    return $stderr;
}

# The same of a background_psql session made with on_error_stop => 0, which goes on.
sub session_error
{
    my ($session, $sql) = @_;

    $session->query($sql);
    my $error = $session->{stderr};
    $session->{stderr} = '';
    return $error;
}

# The statement is refused with an error that matches.
sub run_fails_with
{
    my ($node, $sql, $pattern, $claim) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return like(sql_error($node, $sql), $pattern, $claim);
}

# Starts psql on a file of statements, going on after errors. The result is for IPC::Run::finish.
sub run_in_background
{
    my ($node, $file, $output) = @_;
    my @psql = ($node->installed_command('psql'), '-XAtq', '-d', $node->connstr('postgres'), '-f', $file);

    return IPC::Run::start(\@psql, '<', \undef, '>', $output, '2>', "$output.errors");
}

# The numbers of the processes that a process started.
sub children
{
    my ($parent) = @_;
    my @children;

    foreach my $stat (glob '/proc/[0-9]*/stat')
    {
        open(my $file, '<', $stat) or next;
        my $line = <$file> // '';
        # The command in parentheses may hold anything.
        push @children, $1 if $line =~ /^(\d+) \(.*\) \S (\d+) /s && $2 == $parent;
    }
    return @children;
}

# Whether a process still runs; one that nobody waits for does not.
sub runs
{
    my ($pid) = @_;

    open(my $file, '<', "/proc/$pid/stat") or return 0;
    my $line = <$file> // '';
    return $line =~ /\) ([^ZX]) /s;
}

sub wait_until_gone
{
    my (@pids) = @_;

    for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
    {
        return if !grep { runs($_) } @pids;
        select(undef, undef, undef, 0.1);
    }
    die 'processes survive: ' . join(' ', grep { runs($_) } @pids);
}

# Kills the whole server at one moment, with nobody left to write anything more. What the system's cache has survives, as
# after a crash of the server, not of the machine.
sub crash
{
    my ($node) = @_;
    my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
    my @children;

    # Stopped first, it neither notices the death of a child nor starts another.
    kill 'STOP', $postmaster;
    @children = children($postmaster);
    kill 'KILL', @children;
    $node->kill9;
    wait_until_gone($postmaster, @children);
    # Where nobody has waited for the postmaster yet, its number still makes these look like a running one's.
    unlink $node->data_dir . '/postmaster.pid', $node->host . '/.s.PGSQL.' . $node->port . '.lock';
}

1;
