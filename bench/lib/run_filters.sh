#!/usr/bin/env bash
# Searches with a WHERE, inside the chroot: filters.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/inside.sh"
source "$ROOT/bench/lib/measure.sh"
source "$ROOT/bench/lib/filters/tables.sh"
source "$ROOT/bench/lib/filters/searches.sh"
source "$ROOT/bench/lib/filters/prices.sh"
source "$ROOT/bench/lib/filters/ranges.sh"
source "$ROOT/bench/lib/filters/report.sh"

IFS=, read -ra engines <<<"$BENCH_ENGINES"

choose_packages packages_for_searches
build_benchmark

step "Vectors"
choose_sets
for name in "${sets[@]}"; do
    prepare_rows "$name"
done

step "Starting a private PostgreSQL"
start_bench_server

mkdir -p "$BENCH_RESULTS"
rm -f "$BENCH_RESULTS"/{loads,builds,searches,prices,ranges}.csv "$BENCH_RESULTS"/results.md
choose_conditions
for name in "${sets[@]}"; do
    step "$name: loading and indexing"
    load_items "$name"
    index_items "$name"
    find_matches "$name"
    step "$name: searching"
    measure_conditions "$name"
    if [[ $BENCH_MILLION == no ]]; then
        step "$name: rows within a distance"
        measure_ranges "$name"
        step "$name: what filter columns cost"
        measure_prices "$name"
    fi
    drop_items
done

step "Report"
write_filter_report
end_benchmark
say "tables: $BENCH_RESULTS/results.md"
say "data:   $BENCH_RESULTS/*.csv"
