#!/usr/bin/env bash
# What moving from pgvector comes to, inside the chroot: moving.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/inside.sh"
source "$ROOT/bench/lib/vectors.sh"

# measure_move NAME - in a database of its own.
measure_move() {
    local data=$DATA/$1 table
    run_psql postgres -c "CREATE DATABASE $1"
    run_psql "$1" -c "CREATE EXTENSION vector" -c "CREATE EXTENSION pgslab" -c "CREATE EXTENSION pgslab_pgvector"
    say "pgvector $(extension_version "$1" vector)"
    for table in base query; do
        print_file "$table.fvecs" | "$TOOLS/vecs_to_copy" f |
            run_psql "$1" -c "CREATE TABLE $table (id integer, v vec($(dims_of "$table.fvecs")))" -c "COPY $table FROM STDIN"
    done
    run_psql "$1" -v set="$1" -v metric="$(metric "$1")" -v queries="$BENCH_QUERIES" -v build_gb="$BENCH_BUILD_GB" -f "$ROOT/bench/sql/moving.sql"
    run_psql "$1" -c "COPY figures TO STDOUT (FORMAT csv, HEADER)" >"$BENCH_RESULTS/moving_$1.csv"
    run_psql postgres -c "DROP DATABASE $1"
}

choose_packages packages_for_searches
build_benchmark
build_tool vecs_to_copy "$ROOT/bench/vecs_to_copy.cpp" -- -O2

step "Vectors"
prepare_sets

step "Starting a private PostgreSQL"
start_bench_server

for name in "${sets[@]}"; do
    step "Measuring $name"
    measure_move "$name"
done

end_benchmark
say "data: $BENCH_RESULTS/moving_*.csv"
