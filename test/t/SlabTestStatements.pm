# Random statements that order by, group by, join on or otherwise use the distance of the rows of "items" from a query, for
# check_plan() of SlabTestCompare. Each returns a distance d, or NULL where it demands no order, and a text r of all else that
# the rows determine.
package SlabTestStatements;

use strict;
use warnings;

use Exporter 'import';
use JSON::PP ();

our @EXPORT = qw(pick chance random_plan);

my ($true, $false) = (JSON::PP::true, JSON::PP::false);

sub pick { return $_[ int(rand(@_)) ] }

sub chance
{
    my ($probability) = @_;
    return rand() < $probability;
}

my %function = ('<->' => 'l2_distance', '<=>' => 'cosine_distance', '<+>' => 'l1_distance');

# How a statement writes the distances of its aliases from the query: as one expression throughout.
sub random_distances
{
    my ($operator) = @_;
    my $function = $function{$operator};
    my $write = sub { "$_[0].v $operator \$1" };

    $write = sub { "\$1 $operator $_[0].v" } if chance(0.1);
    $write = sub { "$function($_[0].v, \$1)" } if defined $function && chance(0.1);
    return { map { $_ => $write->($_) } qw(a b i j m) };
}

# A condition on the rows of an alias, of any selectivity.
sub condition
{
    my ($s, $alias) = @_;
    my $n = $s->{table}->{id} + 1;
    my $modulus = 2 + int(rand(30));
    my $random = pick(
        ('true') x 4, "$alias.tag = " . int(rand(11)), "$alias.tag <> " . int(rand(11)), "$alias.tag < 0",
        "$alias.tag IN (1, 3, 8)",
        "$alias.id % $modulus = " . int(rand($modulus)), "$alias.id % $modulus <> 0", "$alias.id < " . int(rand($n)),
        "$alias.id = " . int(rand($n)), "$alias.id > " . int(0.9 * $n),
        "$s->{d}->{$alias} > (SELECT $s->{d}->{m} FROM items AS m WHERE m.id = 5)");

    return $s->{table}->{indexed}->($alias) . " AND $random";
}

# One that few rows satisfy, for a side of a join that might multiply rows.
sub narrow_condition
{
    my ($s, $alias) = @_;
    my $modulus = 30 + int(rand(100));

    return $s->{table}->{indexed}->($alias) . " AND $alias.id % $modulus = " . int(rand($modulus));
}

# The distances and something else of some rows of the table.
sub some_rows
{
    my ($s, $alias, $r, $where) = @_;

    $where //= condition($s, $alias);
    return "SELECT $s->{d}->{$alias} AS d, $r AS r FROM items AS $alias WHERE $where";
}

sub random_limit
{
    my ($s) = @_;
    my $offset = chance(0.2) ? ' OFFSET ' . pick(0, 1, 5, 100, 1000) : '';

    return '' if chance(0.3);
    return " LIMIT \$2$offset" if chance(0.6);
    $s->{ties} = $true;
    return "$offset FETCH FIRST \$2 ROWS WITH TIES";
}

# For a statement in which rows may not be as far as others, or which locks rows.
sub without_ties
{
    my ($s) = @_;

    $s->{ties} = $false;
    $s->{limit} =~ s/FETCH.*/LIMIT \$2/;
    return;
}

# Statements in the order of the distance, with a limit above everything. Where the rows of an approximate search must not be
# among those of the statement without a limit, they must be among those of its "superset".
my %ordered = (
    rows => sub {
        my ($s, $d) = @_;
        my $lock = $s->{ties} ? '' : pick('', '', ' FOR UPDATE', ' FOR SHARE SKIP LOCKED');
        return some_rows($s, 'i', 'i.id::text') . " ORDER BY $d->{i}\{limit}$lock";
    },
    distinct => sub {
        my ($s, $d) = @_;
        $s->{unique} = $true;
        return some_rows($s, 'i', 'NULL') =~ s/SELECT/SELECT DISTINCT/r . ' ORDER BY 1{limit}';
    },
    distinct_tags => sub {
        my ($s, $d) = @_;
        my $rows = some_rows($s, 'i', 'i.tag::text') . " ORDER BY $d->{i} OFFSET 0";
        return "SELECT DISTINCT d, r FROM ($rows) AS s ORDER BY d" . pick('', ', r') . '{limit}';
    },
    distinct_on => sub {
        my ($s, $d) = @_;
        $s->{unique} = $true;
        $s->{superset} = some_rows($s, 'i', 'i.id::text');
        return "SELECT DISTINCT ON (d) d, r FROM ($s->{superset} ORDER BY $d->{i} OFFSET 0) AS s ORDER BY d, r{limit}";
    },
    groups => sub {
        my ($s, $d) = @_;
        my $having = pick('', '', ' HAVING count(*) > 1', ' HAVING count(*) < 3');
        my $groups = some_rows($s, 'i', 'count(*)') . " GROUP BY 1$having";
        $s->{unique} = $true;
        $s->{superset} = "SELECT d, generate_series(1, r)::text AS r FROM ($groups) AS s";
        return "SELECT d, r::text FROM ($groups) AS s ORDER BY d{limit}" if chance(0.3);
        return $groups =~ s/count\(\*\) AS r/count(*)::text AS r/r . ' ORDER BY 1{limit}';
    },
    members => sub {
        my ($s, $d) = @_;
        my $where = condition($s, 'i');
        # The limit counts groups, not what they are taken apart into.
        $s->{ties} = $false;
        $s->{superset} = some_rows($s, 'i', 'i.id::text', $where);
        return 'SELECT d, unnest(r)::text AS r FROM ('
          . some_rows($s, 'i', 'array_agg(i.id ORDER BY i.id)', $where) . ' GROUP BY 1 ORDER BY 1{limit}) AS s';
    },
    rollup => sub {
        my ($s, $d) = @_;
        $s->{approximate} = $false;
        return some_rows($s, 'i', 'count(*)::text') . ' GROUP BY '
          . pick('ROLLUP (1)', 'ROLLUP (1)', 'GROUPING SETS ((1), (1, i.tag))') . ' ORDER BY 1{limit}';
    },
    windows => sub {
        my ($s, $d) = @_;
        my $r = pick(
            'i.id, rank() OVER w, dense_rank() OVER w', 'i.id, sum(i.id) OVER w, cume_dist() OVER w',
            'i.id, count(*) OVER w, rank() OVER w, count(*) OVER ()', "row_number() OVER w, lag($d->{i}) OVER w",
            "lead($d->{i}, 2) OVER w, first_value($d->{i}) OVER w");
        my $partition = pick('', '', '', 'PARTITION BY i.tag ');
        $s->{approximate} = $false;
        return some_rows($s, 'i', "concat_ws(' ', $r)") . " WINDOW w AS (${partition}ORDER BY $d->{i}) ORDER BY $d->{i}\{limit}";
    },
    first_ranks => sub {
        my ($s, $d) = @_;
        my $rank = pick('rank', 'dense_rank') . "() OVER (ORDER BY $d->{i})";
        $s->{approximate} = $false;
        return "SELECT d, concat_ws(' ', id, r) AS r FROM (" . some_rows($s, 'i', "i.id, $rank") . ') AS s WHERE r <= '
          . pick(1, 5, 200) . ' ORDER BY d{limit}';
    },
    second_key => sub {
        my ($s, $d) = @_;
        without_ties($s);
        $s->{total} = $true;
        return "SELECT d, concat_ws(' ', tag, r) AS r FROM ("
          . some_rows($s, 'i', 'i.tag, i.id') . " ORDER BY $d->{i} OFFSET 0) AS s"
          . ' ORDER BY d, ' . pick('r', 'tag, r', 'tag DESC, r') . '{limit}';
    },
    join_on_distance => sub {
        my ($s, $d) = @_;
        my $join = pick('JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN');
        my @sides = map { '(' . some_rows($s, 'i', 'i.id', $_) . pick('', ' ORDER BY 1', ' ORDER BY 1 OFFSET 0') . ')' }
          condition($s, 'i'), narrow_condition($s, 'i');
        @sides = reverse @sides if chance(0.5);
        my $order = $join eq 'JOIN' ? pick('a.d', 'b.d') : $join eq 'LEFT JOIN' ? pick('1', 'a.d') : '1';
        my $distance = $join eq 'JOIN' ? 'a.d' : 'coalesce(a.d, b.d)';
        return "SELECT $distance AS d, concat_ws(' ', a.r, '-', b.r) AS r FROM $sides[0] AS a $join $sides[1] AS b ON a.d = b.d"
          . " ORDER BY $order\{limit}";
    },
    self_join => sub {
        my ($s, $d) = @_;
        return "SELECT $d->{a} AS d, concat_ws(' ', a.id, '-', b.id) AS r FROM items AS a JOIN items AS b "
          . "ON $d->{a} = $d->{b} WHERE " . condition($s, 'a') . ' AND ' . narrow_condition($s, 'b')
          . ' ORDER BY ' . pick($d->{a}, $d->{b}) . '{limit}';
    },
    join_on_id => sub {
        my ($s, $d) = @_;
        my $join = pick('JOIN', 'LEFT JOIN') . ' others AS o ON o.id = a.id' . pick('', ' AND o.note <> 3');
        return "SELECT $d->{a} AS d, concat_ws(' ', a.id, o.note) AS r FROM items AS a $join WHERE " . condition($s, 'a')
          . " ORDER BY $d->{a}\{limit}";
    },
    cross_join => sub {
        my ($s, $d) = @_;
        return "SELECT $d->{a} AS d, concat_ws(' ', a.id, n) AS r FROM items AS a, generate_series(1, 3) AS n WHERE "
          . condition($s, 'a') . " AND (a.id + n) % 2 = 0 ORDER BY $d->{a}\{limit}";
    },
    unnested => sub {
        my ($s, $d) = @_;
        return some_rows($s, 'i', "concat_ws(' ', i.id, generate_series(1, i.tag % 3))") . " ORDER BY $d->{i}\{limit}";
    },
    exists => sub {
        my ($s, $d) = @_;
        my $inner = pick(
            some_rows($s, 'j', 'NULL') . " AND $d->{j} = $d->{i}",
            'SELECT FROM (' . some_rows($s, 'j', 'NULL') . " ORDER BY 1 OFFSET 0) AS j WHERE j.d = $d->{i}");
        return some_rows($s, 'i', 'i.id::text') . ' AND ' . pick('', 'NOT ') . "EXISTS ($inner) ORDER BY $d->{i}\{limit}";
    },
    in => sub {
        my ($s, $d) = @_;
        my $inner = "SELECT $d->{j} FROM items AS j WHERE " . narrow_condition($s, 'j') . pick('', ' ORDER BY 1');
        my ($what, $where) = @{ pick([ $d->{i}, $inner ], [ 'i.id', 'SELECT id FROM others' ]) };
        return some_rows($s, 'i', 'i.id::text') . " AND $what " . pick('IN', 'NOT IN') . " ($where) ORDER BY $d->{i}\{limit}";
    },
    sets => sub {
        my ($s, $d) = @_;
        my $r = pick('NULL', 'i.tag::text', 'i.id::text');
        my $operation = pick('UNION', 'UNION ALL', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL');
        my @sides = map { '(' . some_rows($s, 'i', $r) . pick('', ' ORDER BY 1') . ')' } 1 .. 2;
        return join(" $operation ", @sides) . ' ORDER BY 1{limit}';
    },
    cte => sub {
        my ($s, $d) = @_;
        return 'WITH c AS ' . pick('', 'MATERIALIZED ', 'NOT MATERIALIZED ') . '('
          . some_rows($s, 'i', 'i.id::text') . " ORDER BY $d->{i}" . pick('', ' OFFSET 0') . ') SELECT d, r FROM c '
          . pick('', 'WHERE d > (SELECT min(d) FROM c) ') . 'ORDER BY d{limit}';
    },
    addresses => sub {
        my ($s, $d) = @_;
        my $lock = $s->{ties} ? '' : pick('', ' FOR UPDATE', ' FOR NO KEY UPDATE');
        return 'SELECT s.d, n.id::text AS r FROM (' . some_rows($s, 'i', 'i.ctid, i.tableoid AS t, i.id')
          . " ORDER BY $d->{i}\{limit}$lock) AS s JOIN items AS n "
          . 'ON n.tableoid = s.t AND n.ctid = s.ctid AND n.id = s.r ORDER BY s.d';
    });

# Statements with limits of their own, or none, and perhaps no order.
my %others = (
    # The planner reads the nearest row for it, as with a limit of one.
    least => sub {
        my ($s, $d) = @_;
        my $where = condition($s, 'i');
        $s->{superset} = some_rows($s, 'i', 'NULL', $where) . ' UNION ALL SELECT NULL, NULL';
        return some_rows($s, 'i', 'NULL', $where) =~ s/SELECT (.*?) AS d/SELECT min($1) AS d/r;
    },
    aggregates => sub {
        my ($s, $d) = @_;
        $s->{ascends} = $s->{approximate} = $false;
        return q{SELECT NULL::float8 AS d, concat_ws(' ', count(*), count(DISTINCT d), array_agg(d ORDER BY d), }
          . 'percentile_disc(0.3) WITHIN GROUP (ORDER BY d)) AS r FROM ('
          . some_rows($s, 'i', 'i.tag') . " ORDER BY $d->{i}" . pick('', ' OFFSET 0') . ') AS s' . pick('', ' GROUP BY s.r');
    },
    # An aggregate that takes the rows as they come.
    collected => sub {
        my ($s, $d) = @_;
        $s->{ascends} = $s->{approximate} = $false;
        return 'SELECT NULL::float8 AS d, array_agg(d)::text AS r FROM ('
          . some_rows($s, 'i', 'NULL') . " ORDER BY $d->{i} OFFSET 0) AS s";
    },
    lateral => sub {
        my ($s) = @_;
        my $d = "i.v $s->{table}->{operator} q.v";
        my $ids = join(', ', map { 1 + int(rand($s->{table}->{id})) } 1 .. pick(1, 3, 6));
        my $where = "WHERE q.id IN ($ids) AND " . $s->{table}->{indexed}->('q');
        my $limit = chance(0.8) ? ' LIMIT ' . pick(1, 3, 'q.id % 7', '$2') : '';
        my $inner = "SELECT $d AS d FROM items AS i WHERE " . condition($s, 'i') . " ORDER BY $d";
        my $from = 'SELECT n.d, q.id::text AS r FROM items AS q LEFT JOIN LATERAL';
        $s->{approximate} = $false if $limit eq '';
        $s->{ascends} = $false;
        $s->{superset} = "$from ($inner) AS n ON true $where UNION ALL SELECT NULL, q.id::text FROM items AS q $where";
        $from =~ s/LEFT// if chance(0.5);
        return "$from ($inner$limit) AS n ON true $where ORDER BY q.id, n.d";
    },
    nearest_of_each => sub {
        my ($s) = @_;
        my $d = "i.v $s->{table}->{operator} q.v";
        my $inner = "items AS i WHERE " . condition($s, 'i');
        my $outer = 'FROM items AS q WHERE ' . narrow_condition($s, 'q');
        $s->{ascends} = $false;
        $s->{superset} = "SELECT NULL::float8 AS d, concat_ws(' ', q.id, n.d) AS r FROM (SELECT * $outer) AS q, "
          . "LATERAL (SELECT $d AS d FROM $inner) AS n UNION ALL SELECT NULL, q.id::text $outer";
        return "SELECT NULL::float8 AS d, concat_ws(' ', q.id, (SELECT $d FROM $inner ORDER BY $d LIMIT 1)) AS r $outer";
    });

# Statements above the rows of a search with a limit, for which {near} stands. Whatever that search gives or misses, they must
# say of its rows what they say of a table of them.
my %near = (
    rows => sub { 'SELECT d, id::text AS r FROM {near} AS n ORDER BY d' },
    distinct => sub { 'SELECT DISTINCT d, NULL AS r FROM {near} AS n ORDER BY d' },
    distinct_on => sub {
        $_[0]->{total} = $true;
        return 'SELECT DISTINCT ON (d) d, id::text AS r FROM {near} AS n ORDER BY d, id';
    },
    groups => sub {
        return 'SELECT d, array_agg(id ORDER BY id)::text AS r FROM {near} AS n GROUP BY d'
          . pick('', ' HAVING count(*) < 3', ' HAVING count(*) > 1') . ' ORDER BY d';
    },
    rollup => sub {
        return 'SELECT d, count(*)::text AS r FROM {near} AS n GROUP BY ' . pick('ROLLUP (d)', 'CUBE (d, tag)') . ' ORDER BY d';
    },
    ranks => sub {
        return q{SELECT d, concat_ws(' ', id, rank() OVER w, dense_rank() OVER w, sum(id) OVER w) AS r FROM {near} AS n }
          . 'WINDOW w AS (' . pick('', 'PARTITION BY tag ') . 'ORDER BY d) ORDER BY d';
    },
    neighbours => sub {
        return q{SELECT d, concat_ws(' ', row_number() OVER w, lag(d) OVER w, lead(d) OVER w, ntile(3) OVER w) AS r }
          . 'FROM {near} AS n WINDOW w AS (ORDER BY d) ORDER BY d';
    },
    first_ranks => sub {
        return q{SELECT d, concat_ws(' ', id, x) AS r FROM (SELECT d, id, } . pick('rank', 'dense_rank')
          . '() OVER (ORDER BY d) AS x FROM {near} AS n) AS s WHERE x <= ' . pick(1, 3, 20) . ' ORDER BY d';
    },
    ties => sub {
        return 'SELECT d, NULL AS r FROM {near} AS n ORDER BY d' . pick('', ' OFFSET 2') . ' FETCH FIRST '
          . pick(1, 4, 30) . ' ROWS WITH TIES';
    },
    second_key => sub {
        $_[0]->{total} = $true;
        return 'SELECT d, id::text AS r FROM {near} AS n ORDER BY d, ' . pick('id', 'tag, id', 'id DESC')
          . pick('', ' LIMIT 5', ' LIMIT 3 OFFSET 7');
    },
    cte => sub {
        $_[0]->{total} = $true;
        return 'WITH n AS ' . pick('', 'MATERIALIZED ', 'NOT MATERIALIZED ') . '{near} SELECT d, id::text AS r FROM n'
          . pick('', ' WHERE d > (SELECT min(d) FROM n)') . ' ORDER BY d, id';
    },
    cte_join => sub {
        return q{WITH n AS MATERIALIZED {near} SELECT a.d, concat_ws(' ', a.id, b.id) AS r FROM n AS a JOIN n AS b }
          . 'ON a.d = b.d AND b.id % 5 = 0 ORDER BY a.d';
    },
    self_join => sub {
        return q{SELECT a.d, concat_ws(' ', a.id, b.id) AS r FROM {near} AS a } . pick('', 'LEFT ', 'FULL ')
          . 'JOIN {near} AS b ON a.d = b.d ORDER BY a.d';
    },
    join_items => sub {
        my ($s) = @_;
        return q{SELECT coalesce(n.d, m.d) AS d, concat_ws(' ', n.id, '-', m.r) AS r FROM {near} AS n }
          . pick('', 'LEFT ', 'RIGHT ', 'FULL ') . 'JOIN (' . some_rows($s, 'm', 'm.id', narrow_condition($s, 'm'))
          . ' ORDER BY 1) AS m ON n.d = m.d ORDER BY 1';
    },
    exists => sub {
        my ($s, $d) = @_;
        return some_rows($s, 'i', 'i.id::text') . ' AND ' . pick('', 'NOT ')
          . "EXISTS (SELECT FROM {near} AS n WHERE n.d = $d->{i}) ORDER BY 1";
    },
    sets => sub {
        my ($s) = @_;
        my @halves = ('SELECT d, NULL AS r FROM {near} AS n', some_rows($s, 'm', 'NULL'));
        my $operation = pick('UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL');
        return join(" $operation ", chance(0.5) ? @halves : reverse @halves) . ' ORDER BY 1';
    },
    aggregates => sub {
        return q{SELECT min(d) AS d, concat_ws(' ', max(d), count(*), array_agg(id ORDER BY d, id), }
          . 'mode() WITHIN GROUP (ORDER BY d)) AS r FROM {near} AS n';
    });

sub random_settings
{
    my ($s) = @_;
    my %settings = (
        enable_seqscan => $s->{near} eq '' && chance(0.03) ? 'on' : 'off',
        work_mem => pick('64kB', '256kB', '4MB'),
        cursor_tuple_fraction => pick(0.01, 0.1, 1),
        'slab.exact' => chance(0.2) ? 'on' : 'off',
        'slab.target_recall' => pick(0.5, 0.9, 0.95, 0.95, 0.999),
        'slab.probes' => pick(0, 0, 1, 2, ($s->{table}->{lists}) x 4),
        'slab.refine' => pick(0, 0, 0, 1, 20));

    foreach my $way (qw(sort hashagg hashjoin mergejoin nestloop incremental_sort material memoize))
    {
        $settings{"enable_$way"} = 'off' if chance(0.4);
    }
    # Workers find rows that are tied in any order, so that a limit would not cut them twice in the same way.
    @settings{qw(parallel_setup_cost parallel_tuple_cost min_parallel_table_scan_size)} = (0, 0, 0)
      if $s->{near} eq '' && chance(0.05);
    $settings{plan_cache_mode} = 'force_generic_plan' if $s->{mode} eq 'prepared';
    return \%settings;
}

# random_plan($table) - for a hash with: operator, the index's; id, the greatest one; lists; indexed, which gives the condition
# for a row of an alias to be in the index.
sub random_plan
{
    my ($table) = @_;
    my $kind = pick('ordered', 'ordered', 'ordered', 'others', 'near', 'near');
    my $statements = { ordered => \%ordered, others => \%others, near => \%near }->{$kind};
    # A row that is missing on the inner side of a join seldom shows.
    my $name = pick(sort(keys %$statements), $kind eq 'ordered' ? (qw(exists join_on_distance)) x 3 : ());
    my $d = random_distances($table->{operator});
    my %s = (table => $table, d => $d, name => "$kind $name", near => '', limit => '', superset => '');

    $s{k} = pick(1, 2, 5, 10, 10, 50, 300);
    @s{qw(ties unique total)} = ($false) x 3;
    @s{qw(ascends approximate)} = ($true) x 2;
    $s{limit} = random_limit(\%s) if $kind eq 'ordered';
    if ($kind eq 'near')
    {
        $s{near} = "SELECT i.id, i.tag, $d->{i} AS d FROM items AS i WHERE " . condition(\%s, 'i') . " ORDER BY $d->{i} LIMIT $s{k}"
          . pick('', '', ' OFFSET 3');
    }
    $s{sql} = $statements->{$name}->(\%s, $d);
    # L1 is always searched exactly.
    $s{approximate} = $false if $kind eq 'near' || $kind eq 'ordered' && $s{limit} eq '' || $table->{operator} eq '<+>';
    $s{mode} = pick('whole', 'whole', 'portal', 'prepared', 'cursor',
        $s{sql} =~ / FOR (?:NO KEY )?(?:UPDATE|SHARE)/ ? () : ('scroll', 'held'));
    $s{piece} = pick(1, 7, 100, 1000);
    $s{meanwhile} = chance(0.7) ? undef : "SELECT i.id FROM items AS i ORDER BY $d->{i} LIMIT 3";
    $s{settings} = random_settings(\%s);
    delete @s{qw(table d)};
    return \%s;
}

1;
