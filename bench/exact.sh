#!/usr/bin/env bash
# Exact search through the index against a sequential scan, and the counted work of an insert. See bench/README.md.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/local.sh"
source "$ROOT/bench/lib/vectors.sh"

[[ $# -eq 1 && -d $1 ]] || die "usage: bench/exact.sh DIRECTORY (with base.fvecs, query.fvecs, gt100.ivecs; .zst too)"
data=$1
queries=${QUERIES:-200}
sequential=${SEQUENTIAL:-40}
memory=${SERVER_MEMORY:-1GB}

# load KIND FILE TABLE COLUMNS
load() {
    run_psql bench -c "CREATE TABLE $3 ($4)"
    print_file "$2" | "$WORK/vecs_to_copy" "$1" | run_psql bench -c "COPY $3 FROM STDIN"
}

step "Building"
choose_postgres
# shellcheck disable=SC2046 # one word a package
require_packages $(packages_for_demo) zstd
start_local_server bench "shared_buffers = '$memory'"

step "Loading"
dims=$(dims_of query.fvecs)
load f base.fvecs base "id integer, embedding vec($dims)"
load f query.fvecs query "id integer, embedding vec($dims)"
load i gt100.ivecs truth "id integer, nearest integer[]"

step "Measuring ($queries queries, $sequential of them by sequential scan too)"
run_psql bench -v queries="$queries" -v sequential="$sequential" -f "$ROOT/bench/sql/exact.sql"
run_psql bench -f "$ROOT/bench/sql/insert.sql"
