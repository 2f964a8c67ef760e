#!/usr/bin/env bash
# Search by terms, inside the chroot: text.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/inside.sh"
source "$ROOT/bench/lib/text/data.sh"
source "$ROOT/bench/lib/text/searches.sh"

packages_for_text() {
    packages_for_searches
    echo "postgresql-$PG_MAJOR-rum"
}

# measures NAME... - whether one of these is to be measured.
measures() {
    local name
    for name in "$@"; do
        [[ ,$BENCH_ONLY, != *",$name,"* ]] || return 0
    done
    return 1
}

# takes SIDE - whether it is to be measured.
takes() {
    [[ ,$BENCH_SIDES, == *",$1,"* ]]
}

choose_packages packages_for_text
build_benchmark

step "Starting a private PostgreSQL"
start_text_server

# Rows that are inserted come behind those that are there: one for ten of them, in pairs of a hundred.
inserts=$(((BENCH_ROWS / 10 + 199) / 200 * 200))
if measures size bm25 filter growth inserts; then
    step "Documents"
    load_documents
fi
if measures size bm25 inserts; then
    step "Indexes of documents"
    index_documents
fi
if measures bm25; then
    step "Searching documents"
    measure_searches bm25
fi
if measures filter; then
    step "Searching documents under a condition"
    index_filtered
    measure_searches filter
fi
if measures growth && takes pgslab; then
    step "Searching $BENCH_GROW_FROM and $BENCH_GROW_TO documents"
    index_growth
    measure_searches growth
fi
if measures inserts; then
    step "Inserting documents"
    measure_inserts
fi
if measures sparse; then
    step "Sparse vectors"
    load_sparse
    measure_searches sparse
fi

step "Report"
run_psql text -f "$ROOT/bench/sql/text_report.sql"
save_results
end_benchmark
say "data: $BENCH_RESULTS/*.csv"
