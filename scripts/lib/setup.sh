# shellcheck shell=bash
# Sourced first by every script: where the checkout is, and an environment that does not depend on who calls.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# The caller's own PostgreSQL settings must not lead a test to another server.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE PGOPTIONS PGDATA \
    PGAPPNAME PGSSLMODE PGCLIENTENCODING PGTZ PGDATESTYLE
export LC_ALL=C.UTF-8
unset LANGUAGE CDPATH

JOBS=$(nproc)

# shellcheck source-path=SCRIPTDIR/../..
source "$ROOT/scripts/lib/say.sh"
source "$ROOT/scripts/lib/postgres.sh"
source "$ROOT/scripts/lib/packages.sh"
source "$ROOT/scripts/lib/build.sh"
source "$ROOT/scripts/lib/workspace.sh"
source "$ROOT/scripts/lib/cluster.sh"
