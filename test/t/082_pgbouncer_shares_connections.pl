# pgbouncer in transaction mode: many clients search over few connections, each with settings of its own transaction, by statements
# that are prepared.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my ($program) = grep { -x } '/usr/sbin/pgbouncer', '/usr/bin/pgbouncer';
plan skip_all => 'pgbouncer is not installed' if !defined $program;

my $connections = 3;
my $dir = $PostgreSQL::Test::Utils::tmp_check;
my $node = new_server('main', conf => "session_preload_libraries = 'pgslab'");

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE t (id int PRIMARY KEY, v vec(20));
INSERT INTO t SELECT i, test_vec(i, 20) FROM generate_series(1, 3000) i;
CREATE INDEX t_v ON t USING slab (v);
CREATE TABLE answers (pid int, client int, recall text, exact text, right_ones int);

-- Notes which process answered whom under which settings, and how many of the ten nearest rows it found.
CREATE FUNCTION note(client int, seed int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found double precision[];
    nearest double precision[];
BEGIN
    SELECT array_agg(d) INTO found FROM (SELECT v <-> test_vec(seed, 20) AS d FROM t ORDER BY v <-> test_vec(seed, 20) LIMIT 10) s;
    SELECT array_agg(d ORDER BY d) INTO nearest FROM (SELECT (v <-> test_vec(seed, 20)) + 0 AS d FROM t ORDER BY 1 LIMIT 10) s;
    INSERT INTO answers SELECT pg_backend_pid(), client, current_setting('slab.target_recall'), current_setting('slab.exact'),
        count(*) FROM unnest(found) f WHERE f = ANY (nearest);
END
$$;
SQL

# The pool

my $user = getpwuid($<);
my ($socket, $port) = ($node->host, PostgreSQL::Test::Cluster::get_free_port());
append_to_file("$dir/pgbouncer.ini", <<"INI");
[databases]
postgres = host=$socket port=@{[ $node->port ]} dbname=postgres user=$user
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $socket
auth_type = any
pool_mode = transaction
default_pool_size = $connections
max_client_conn = 200
logfile = $PostgreSQL::Test::Utils::log_path/pgbouncer.log
pidfile = $dir/pgbouncer.pid
INI
my ($version) = qx($program --version) =~ /PgBouncer (\d+\.\d+)/ or die 'pgbouncer has no version';
my ($major, $minor) = split /\./, $version;
# Since 1.21 it knows statements that a client prepared, and prepares them on the connection that is used.
my $knows_statements = $major > 1 || $minor >= 21;
append_to_file("$dir/pgbouncer.ini", "max_prepared_statements = 50\n") if $knows_statements;
note("pgbouncer $version");
system_or_bail($program, '-q', '-d', "$dir/pgbouncer.ini");
my @through = ('-h', $socket, '-p', $port);
END
{
    if (defined $dir && -e "$dir/pgbouncer.pid")
    {
        my $status = $?;
        kill 'TERM', slurp_file("$dir/pgbouncer.pid") + 0;
        $? = $status;
    }
}

# Thirty clients at once, each of which has a transaction with settings, and statements without. Each has a thread: while pgbench
# prepares a statement for one, other clients of its thread stand still, possibly with a connection.
append_to_file("$dir/settings.sql", <<'SQL');
\set seed random(1, 1000000)
BEGIN;
SET LOCAL slab.target_recall = 0.999;
SET LOCAL slab.exact = on;
SELECT note(:client_id, :seed);
COMMIT;
SQL
append_to_file("$dir/defaults.sql", <<'SQL');
\set seed random(1, 1000000)
SELECT note(:client_id, :seed);
SELECT id FROM t ORDER BY v <-> test_vec(:seed, 20) LIMIT 10;
SQL

my @modes = ('simple', 'extended', $knows_statements ? ('prepared') : ());
foreach my $mode (@modes)
{
    $node->safe_psql('postgres', 'TRUNCATE answers');
    $node->command_ok(
        [
            'pgbench', '-n', '-M', $mode, '-c', 30, '-j', 30, '-t', 10, '-f', "$dir/settings.sql", '-f', "$dir/defaults.sql", @through,
            'postgres'
        ],
        "thirty clients search, protocol $mode");
    is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT client) FROM answers'), '300|30', "$mode: each got its answers");
    is($node->safe_psql('postgres', "SELECT count(DISTINCT pid) BETWEEN 1 AND $connections FROM answers"),
        't', "$mode: over few connections");
    is($node->safe_psql('postgres', 'SELECT DISTINCT recall, exact FROM answers ORDER BY 1'),
        "0.95|off\n0.999|on", "$mode: settings hold in their transaction and nowhere else");
    is($node->safe_psql('postgres', "SELECT min(right_ones) FROM answers WHERE exact = 'on'"), 10, "$mode: exact searches are exact");
    cmp_ok($node->safe_psql('postgres', "SELECT avg(right_ones) FROM answers WHERE exact = 'off'"), '>', 9, "$mode: others keep their recall");
}

# A statement that is prepared by name lives as long as its connection's transaction, for every version.

my $prepared = <<'SQL';
BEGIN;
PREPARE nearest (vec) AS SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> $1 LIMIT 7) s;
EXECUTE nearest (test_vec(1, 20));
EXECUTE nearest (test_vec(2, 20));
DEALLOCATE nearest;
COMMIT;
SQL
my ($stdout, $stderr);
$node->psql('postgres', $prepared, connstr => "host=$socket port=$port dbname=postgres", stdout => \$stdout, stderr => \$stderr);
is($stdout, "7\n7", 'a statement prepared in a transaction');
is($stderr, '', 'without an error');

indexes_are_sound($node, 'after all of them');

done_testing();
