# CREATE EXTENSION makes what the SQL file says and no more; every update of the extension ends with the objects that a new
# installation has, each the same in all that can be said of it.
#
# That the comparison would find a difference is tried on a version that is made up here: 0.0.9, which lacks some objects and has some
# others differently.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SlabTest;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $folder = $node->config_data('--sharedir') . '/extension';
my @made_up;

END { unlink @made_up }

sub write_file
{
    my ($name, $text) = @_;

    append_to_file("$folder/$name", $text);
    push @made_up, "$folder/$name";
    return;
}

# One line for each object of the extension, with all that makes it what it is. No line names an OID.
my $objects = <<'SQL';
WITH member AS (
    SELECT d.classid, d.objid, i.type, i.identity
    FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pgslab'
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), described AS (
    SELECT m.*, pg_get_functiondef(p.oid) AS definition, p.proacl::text AS acl
        FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid AND p.prokind <> 'a'
    UNION ALL
    SELECT m.*, concat_ws(' ', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.provolatile, p.proparallel,
                          p.proisstrict, p.prosecdef, p.proleakproof, p.procost, p.proconfig, a.aggkind, a.aggnumdirectargs,
                          a.aggfinalextra, a.aggfinalmodify, a.aggtransspace, a.agginitval, a.aggsortop::regoperator, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggtranstype::regtype),
           p.proacl::text
        FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
        JOIN pg_aggregate a ON a.aggfnoid = p.oid
    UNION ALL
    SELECT m.*, concat_ws(' ', t.typlen, t.typbyval, t.typtype, t.typcategory, t.typispreferred, t.typdelim, t.typinput, t.typoutput,
                          t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typalign, t.typstorage,
                          t.typelem::regtype, t.typarray::regtype), t.typacl::text
        FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
    UNION ALL
    SELECT m.*, concat_ws(' ', o.oprkind, o.oprcanmerge, o.oprcanhash, o.oprleft::regtype, o.oprright::regtype, o.oprresult::regtype,
                          o.oprcom::regoperator, o.oprnegate::regoperator, o.oprcode, o.oprrest, o.oprjoin), NULL
        FROM member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid
    UNION ALL
    SELECT m.*, concat_ws(' ', c.castsource::regtype, c.casttarget::regtype, c.castfunc::regprocedure, c.castcontext, c.castmethod), NULL
        FROM member m JOIN pg_cast c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid
    UNION ALL
    SELECT m.*, concat_ws(' ', a.amhandler, a.amtype), NULL
        FROM member m JOIN pg_am a ON m.classid = 'pg_am'::regclass AND a.oid = m.objid
    UNION ALL
    SELECT m.*, concat_ws(' ', am.amname, c.opcintype::regtype, c.opcdefault, c.opckeytype::regtype, f.opfname,
        (SELECT string_agg(concat_ws(' ', o.amopstrategy, o.amoppurpose, o.amopopr::regoperator, s.opfname), ', ' ORDER BY o.amopstrategy)
            FROM pg_amop o LEFT JOIN pg_opfamily s ON s.oid = o.amopsortfamily WHERE o.amopfamily = f.oid),
        (SELECT string_agg(concat_ws(' ', p.amprocnum, p.amproc::regprocedure), ', ' ORDER BY p.amprocnum)
            FROM pg_amproc p WHERE p.amprocfamily = f.oid)), NULL
        FROM member m JOIN pg_opclass c ON m.classid = 'pg_opclass'::regclass AND c.oid = m.objid
        JOIN pg_opfamily f ON f.oid = c.opcfamily JOIN pg_am am ON am.oid = c.opcmethod
    UNION ALL
    SELECT m.*, f.opfname || ' ' || am.amname, NULL
        FROM member m JOIN pg_opfamily f ON m.classid = 'pg_opfamily'::regclass AND f.oid = m.objid JOIN pg_am am ON am.oid = f.opfmethod
    UNION ALL
    SELECT m.*, concat_ws(' ', c.relkind, c.reloptions, pg_get_viewdef(c.oid),
        (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)), c.relacl::text
        FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
)
SELECT translate(concat_ws(' | ', m.type, m.identity, coalesce(d.definition, '(of a kind that the test does not know)'), d.acl,
                           obj_description(m.objid, m.classid::regclass::name)), E'\n', ' ')
FROM member m LEFT JOIN described d USING (classid, objid)
ORDER BY m.type, m.identity
SQL

# What lies in the extension's schema, member or not, so that nothing goes past the comparison.
my $in_schema = <<'SQL';
SELECT count(*) FROM (
    SELECT 'pg_proc'::regclass AS class, oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typelem = 0 AND typrelid = 0
    UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator WHERE oprnamespace = 'public'::regnamespace
    UNION ALL SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) o
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
SQL

# The objects of the extension in a new database, after the statements.
sub objects_after
{
    my ($database, @statements) = @_;

    $node->safe_psql('postgres', "CREATE DATABASE $database");
    $node->safe_psql($database, $_) foreach @statements;
    is($node->safe_psql($database, $in_schema), 0, "$database: everything in the schema belongs to the extension");
    my @lines = split /\n/, $node->safe_psql($database, $objects);
    unlike(join("\n", @lines), qr/of a kind that the test does not know/, "$database: each object is described");
    return @lines;
}

# Lines of one list and not of the other.
sub differences
{
    my ($fresh, $other) = @_;
    my %fresh = map { $_ => 1 } @$fresh;
    my %other = map { $_ => 1 } @$other;

    return (map { "missing: $_" } grep { !$other{$_} } @$fresh), (map { "instead: $_" } grep { !$fresh{$_} } @$other);
}

my $version = $node->safe_psql('postgres', "SELECT default_version FROM pg_available_extensions WHERE name = 'pgslab'");

# A new installation runs the script of the first version and those of the updates, as PostgreSQL does where there is no script for the
# version itself.
my @released = split /--/, $node->safe_psql('postgres',
    "SELECT path FROM pg_extension_update_paths('pgslab') WHERE target = '$version' AND path IS NOT NULL ORDER BY length(path) DESC LIMIT 1");
my $sql = slurp_file("$folder/pgslab--$released[0].sql");
$sql .= slurp_file("$folder/pgslab--$released[$_ - 1]--$released[$_].sql") foreach 1 .. $#released;
ok(!-e "$folder/pgslab--$released[$_].sql", "there is one way to install $released[$_]") foreach 1 .. $#released;
my @fresh = objects_after('fresh', 'CREATE EXTENSION pgslab');

# What the file creates, by kind and name, against what there is.

(my $statements = $sql) =~ s/^--.*$//mg;
my %kinds = (
    'ACCESS METHOD' => 'access method',
    AGGREGATE => 'aggregate',
    CAST => 'cast',
    FUNCTION => 'function',
    OPERATOR => 'operator',
    'OPERATOR CLASS' => 'operator class',
    TYPE => 'type',
    VIEW => 'view');
my (%said, %there);
# What is replaced was created before.
while ($statements =~ /^CREATE (ACCESS METHOD|OPERATOR CLASS|OPERATOR FAMILY|[A-Z]+) ([^ (;]+)?(\s*\([^)]*\))?/mg)
{
    my ($kind, $name, $rest) = ($1, $2, $3 // '');

    next if $kind eq 'OPERATOR FAMILY';
    ok($kinds{$kind}, "CREATE $kind is of a kind that the test knows") if !$kinds{$kind};
    # A type is created twice, first without a definition.
    next if $kind eq 'TYPE' && $rest eq '';
    $said{ $kinds{$kind} }++;
}
foreach my $line (@fresh)
{
    my ($kind) = $line =~ /^([a-z ]+) \|/;
    $there{$kind}++;
}
# An operator class makes a family of its own name; a type has one of arrays and a view has types, which PostgreSQL 17 and later
# list among an extension's objects.
delete $there{'operator family'};
$there{type} = grep { /^type \|/ && !/^type \| [^|]*\[\] \|/ && !/^type \| (public\.)?slab_(maintenance|indexes)\b/ } @fresh;
is(join(', ', map { "$_: $there{$_}" } sort keys %there), join(', ', map { "$_: $said{$_}" } sort keys %said),
    'there is what the SQL file creates, and nothing else');

$node->safe_psql('fresh', 'DROP EXTENSION pgslab');
is($node->safe_psql('fresh', 'SELECT count(*) FROM pg_depend WHERE refclassid = \'pg_extension\'::regclass AND deptype = \'e\' '
          . 'AND refobjid NOT IN (SELECT oid FROM pg_extension)'), 0, 'DROP EXTENSION leaves nothing of it');
is($node->safe_psql('fresh', $in_schema), 0, 'and the schema is empty');

# Real updates, of which each way is gone step by step.

sub is_updated
{
    my ($from) = @_;
    my $database = "from_" . $from =~ s/\W/_/gr;
    my @updated = objects_after($database, "CREATE EXTENSION pgslab VERSION '$from'",
        "COMMENT ON EXTENSION pgslab IS 'as it was'", "ALTER EXTENSION pgslab UPDATE TO '$version'");

    return is(join("\n", differences(\@fresh, \@updated)), '', "updated from $from: the objects are those of $version");
}

my @versions = split /\n/, $node->safe_psql('postgres',
    "SELECT source FROM pg_extension_update_paths('pgslab') WHERE target = '$version' AND path IS NOT NULL ORDER BY 1");
cmp_ok(scalar @versions, '>', 0, 'there are versions that can be updated: ' . join(' ', @versions));
is_updated($_) foreach @versions;

my $comment = q{SELECT comment = obj_description(e.oid, 'pg_extension')
    FROM pg_extension e JOIN pg_available_extensions a ON a.name = extname WHERE extname = 'pgslab'};
is($node->safe_psql('from_' . s/\W/_/gr, $comment), 't', "updated from $_: the comment is that of $version") foreach @versions;

# The version made up

SKIP:
{
    skip 'the folder of extensions is not to be written to', 1 if !-w $folder;

    my @views = $sql =~ /^(CREATE (?:OR REPLACE )?VIEW slab_indexes AS.*?;\n)/msg;
    my $view = $views[-1];
    my ($operator) = $sql =~ /^(CREATE OPERATOR <= \(.*?\);\n)/ms;
    my ($function) = $sql =~ /^(CREATE FUNCTION slab_warm\(.*?;\n)/ms;
    my ($comment) = $sql =~ /^(COMMENT ON FUNCTION slab_warm\(.*?;\n)/ms;
    my $old = $sql;
    my $cost = qr/(CREATE FUNCTION slab_stats\(.*?STRICT )VOLATILE/s;
    ok($view && $operator && $function && $comment && $old =~ s/$cost/$1STABLE/, 'there is something to leave out');
    $old =~ s/\Q$function//;
    $old =~ s/\Q$comment//;
    $old =~ s/^(GRANT SELECT|COMMENT) ON (VIEW )?slab_indexes.*?;\n//msg;
    $old =~ s/\Q$_// foreach @views;
    write_file('pgslab--0.0.9.sql', $old);
    my ($rest) = $sql =~ /^(COMMENT ON VIEW slab_indexes.*?;\n)/ms;
    my @steps = (
        $function, $comment, 'ALTER FUNCTION slab_stats(regclass) VOLATILE;', $view, $rest, 'GRANT SELECT ON slab_indexes TO PUBLIC;');
    write_file("pgslab--0.0.9--$version.sql", join("\n", @steps, ''));
    is($node->safe_psql('postgres',
            "SELECT count(*) FROM pg_extension_update_paths('pgslab') WHERE source = '0.0.9' AND target = '$version' AND path IS NOT NULL"),
        1, 'a way from 0.0.9 is found');
    is_updated('0.0.9');

    # Had any of the steps been forgotten, the comparison would say so.
    foreach my $i (0 .. $#steps)
    {
        my @others = @steps;
        my ($what) = split /\n/, splice(@others, $i, 1);

        # A comment needs its object.
        @others = grep { $_ ne $comment } @others if $i == 0;
        @others = grep { !/slab_indexes/ } @others if $what =~ /^CREATE OR REPLACE VIEW/;
        unlink "$folder/pgslab--0.0.9--$version.sql";
        append_to_file("$folder/pgslab--0.0.9--$version.sql", join("\n", @others, ''));
        my @updated =
          objects_after("without_$i", "CREATE EXTENSION pgslab VERSION '0.0.9'", 'ALTER EXTENSION pgslab UPDATE');
        my @differences = differences(\@fresh, \@updated);
        cmp_ok(scalar @differences, '>', 0, "an update without '$what' is not the same");
    }
}

done_testing();
