#!/usr/bin/env bash
# Is the plan that is chosen the best one? For numbers of rows, LIMITs, shares of rows that satisfy a condition, and who knows of it, the time of
# the plan beside those of other plans that settings force. On the PostgreSQL that is installed. See bench/README.md.
#
#   bench/plans.sh [OPTION...]
#
# --sizes A,B       numbers of rows (1000,10000,100000,1000000)
# --dims N          of their vectors (128)
# --limits A,B      (1,10,100,1000)
# --results FILE    a CSV file (build/bench-results/plans.csv)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/tools.sh"
source "$ROOT/bench/lib/local.sh"

sizes=1000,10000,100000,1000000
dims=128
limits=1,10,100,1000
results=$ROOT/build/bench-results/plans.csv
while (($# > 0)); do
    case $1 in
        --sizes) sizes=$2 ;;
        --dims) dims=$2 ;;
        --limits) limits=$2 ;;
        --results) results=$2 ;;
        *) die "$(sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}")" ;;
    esac
    shift 2
done

step "Building"
choose_postgres
# shellcheck disable=SC2046 # one word a package
require_packages $(packages_for_demo) libeigen3-dev
build_generator
# Everything is in memory, which plans are to know.
start_local_server plans "shared_buffers = '4GB'" "random_page_cost = 1.1"
run_psql plans -f "$ROOT/bench/sql/plans_functions.sql"

# load FILE TABLE
load() {
    run_psql plans -c "DROP TABLE IF EXISTS $2" -c "CREATE TABLE $2 (id integer, v vec($dims))"
    "$WORK/vecs_to_copy" f <"$1" | run_psql plans -c "COPY $2 FROM STDIN"
}

mkdir -p "$(dirname "$results")"
for rows in ${sizes//,/ }; do
    step "$rows rows"
    mkdir -p "$WORK/mix"
    "$TOOLS/generate" mix --rows "$rows" --queries 20 --dims "$dims" --seed 42 --out "$WORK/mix"
    load "$WORK/mix/base.fvecs" loaded
    load "$WORK/mix/query.fvecs" asked
    run_psql plans -f "$ROOT/bench/sql/plans_items.sql" -c "CALL measure_cells($rows, '{$limits}')"
    rm -r "$WORK/mix"
done

step "Report"
run_psql plans -f "$ROOT/bench/sql/plans_report.sql"
run_psql plans -c "COPY (SELECT * FROM times ORDER BY rows, kind, share, limit_rows, plan) TO STDOUT (FORMAT csv, HEADER)" >"$results"
say "data: $results"
