# What the tests beside the extension vector share: a server with both and the bridge between them, where there is one.
package SlabTestNeighbours;

use strict;
use warnings;

use Exporter 'import';
use SlabTest;
use Test::More;

our @EXPORT = qw(new_neighbours);

# A running server as new_server() makes it, with the extensions vector and pgslab_pgvector. Skips the whole test where the server has
# no extension vector.
sub new_neighbours
{
    my ($name, %params) = @_;
    my $node = new_server($name, %params);

    plan skip_all => 'the extension vector is not installed for PostgreSQL ' . $node->pg_version
      if $node->safe_psql('postgres', q(SELECT count(*) FROM pg_available_extensions WHERE name = 'vector')) eq '0';
    $node->safe_psql('postgres', 'CREATE EXTENSION vector; CREATE EXTENSION pgslab_pgvector');
    note('vector ' . $node->safe_psql('postgres', q(SELECT extversion FROM pg_extension WHERE extname = 'vector')));
    return $node;
}

1;
