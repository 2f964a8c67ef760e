#!/usr/bin/env bash
# An index that takes writes, inside the chroot: living.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/inside.sh"
source "$ROOT/bench/lib/living/tables.sh"
source "$ROOT/bench/lib/living/inserts.sh"
source "$ROOT/bench/lib/living/vacuum.sh"
source "$ROOT/bench/lib/living/latency.sh"
source "$ROOT/bench/lib/living/recall.sh"
source "$ROOT/bench/lib/living/amplification.sh"
source "$ROOT/bench/lib/living/report.sh"

clean_up() {
    kill_writers
    stop_clusters
    remove_workspace
}

choose_measurements
choose_sizes

choose_packages packages_for_benchmarks
build_benchmark

step "Vectors"
choose_data

step "Starting a private PostgreSQL"
start_bench_server
find_functions
[[ $BENCH_QUICK == yes ]] || warm_server

mkdir -p "$BENCH_RESULTS"
rm -f "$BENCH_RESULTS"/{loads,builds,inserts,wal,vacuums,latencies,writers,recalls,sizes,growth,notes,living}.csv "$BENCH_RESULTS"/living.md
for measurement in "${measurements[@]}"; do
    case $measurement in
        inserts) measure_inserts ;;
        wal) measure_wal ;;
        vacuum) measure_vacuum ;;
        latency) measure_latency ;;
        recall) measure_recall ;;
        size) measure_size ;;
        amplification) measure_amplification ;;
    esac
done

step "Report"
write_living_report
end_benchmark
say "tables: $BENCH_RESULTS/living.md"
say "goals:  $BENCH_RESULTS/living.csv"
say "data:   the other files in $BENCH_RESULTS"
