#!/usr/bin/env bash
# The comparison itself, inside the chroot: compare.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/tools.sh"
source "$ROOT/bench/lib/data.sh"
source "$ROOT/bench/lib/server.sh"
source "$ROOT/bench/lib/measure.sh"
source "$ROOT/bench/lib/report.sh"

clean_up() {
    stop_clusters
    remove_workspace
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# compare.sh has counted the first.
step_number=1

IFS=, read -ra engines <<<"$BENCH_ENGINES"

step "Packages"
choose_postgres
# shellcheck disable=SC2046 # one word per package
require_packages $(packages_for_benchmarks)
say "PostgreSQL $PG_MAJOR"

step "Building"
build_extension plain
build_tools
new_workspace bench

step "Vectors"
choose_sets
for name in "${sets[@]}"; do
    prepare_set "$name"
done

step "Starting a private PostgreSQL"
start_bench_server

mkdir -p "$BENCH_RESULTS"
rm -f "$BENCH_RESULTS"/{loads,builds,queries,work}.csv "$BENCH_RESULTS"/results.md "$BENCH_RESULTS"/recall-*.svg
for name in "${sets[@]}"; do
    measure_set "$name"
done

step "Report"
write_report
clean_up
trap - EXIT
say "The server is stopped and removed."
say "tables: $BENCH_RESULTS/results.md"
say "plots:  $BENCH_RESULTS/recall-*.svg"
say "data:   $BENCH_RESULTS/*.csv"
