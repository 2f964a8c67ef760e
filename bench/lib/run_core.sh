#!/usr/bin/env bash
# Searches in memory, inside the chroot: core.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/inside.sh"

programs=(pgslab hnswlib faiss)
results=$BENCH_RESULTS/core.csv

# search_in_memory SET PROGRAM - builds with all processors, searches on one.
search_in_memory() {
    OPENBLAS_NUM_THREADS=1 "$TOOLS/$2" --dataset "$1" --engine "$2" --csv "$results" --metric "$(metric "$1")" --base "$DATA/$1/base.fvecs" \
        --queries "$DATA/$1/query.fvecs" --truth "$(truth_file "$1")" --repetitions "$BENCH_REPETITIONS" --build-threads "$JOBS" \
        ${BENCH_ROWS:+--rows "$BENCH_ROWS"}
}

choose_packages packages_for_benchmarks

step "Building"
build_tools
build_memory_tools

step "Vectors"
prepare_sets

rm -f "$results"
for name in "${sets[@]}"; do
    for program in "${programs[@]}"; do
        step "$name: $program"
        search_in_memory "$name" "$program"
    done
done

step "Report"
# fastest_at RECALL - of each program's searches that reach it.
fastest_at() {
    awk -F, -v target="$1" '
        NR > 1 && $6 >= target && $7 > qps[$1 FS $2] { qps[$1 FS $2] = $7; line[$1 FS $2] = $0 }
        END { for (key in line) print line[key] }' "$results" | sort |
        awk -F, -v target="$1" '{ printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", $1, target, $2, $5, $6, $7, $9, $10 }'
}

{
    echo "| dataset | target | program | search | recall | qps | p99_ms | cpu_ms |"
    echo "|---|---|---|---|---|---|---|---|"
    fastest_at 0.95
    fastest_at 0.99
} | tee "$BENCH_RESULTS/core.md"
say "table: $BENCH_RESULTS/core.md"
say "data:  $results"
