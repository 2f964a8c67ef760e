#!/usr/bin/env bash
# The comparison itself, inside the chroot: compare.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/inside.sh"
source "$ROOT/bench/lib/measure.sh"

IFS=, read -ra engines <<<"$BENCH_ENGINES"

choose_packages packages_for_benchmarks
build_benchmark

step "Vectors"
prepare_sets

step "Starting a private PostgreSQL"
start_bench_server

mkdir -p "$BENCH_RESULTS"
rm -f "$BENCH_RESULTS"/{loads,builds,queries,work}.csv "$BENCH_RESULTS"/results.md "$BENCH_RESULTS"/recall-*.svg
for name in "${sets[@]}"; do
    measure_set "$name"
done

step "Report"
write_report
end_benchmark
say "tables: $BENCH_RESULTS/results.md"
say "plots:  $BENCH_RESULTS/recall-*.svg"
say "data:   $BENCH_RESULTS/*.csv"
