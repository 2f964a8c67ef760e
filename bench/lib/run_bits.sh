#!/usr/bin/env bash
# Hamming search over bits, inside the chroot: bits.sh starts it, and says in BENCH_... what to do.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/setup.sh"
source "$ROOT/bench/lib/inside.sh"

dims=768
bits=$DATA/bits768/$BENCH_ROWS-$BENCH_QUERIES

build_bit_tools() {
    build_tool vecs_to_copy "$ROOT/bench/vecs_to_copy.cpp" -- -O2
    build_tool read "$ROOT/bench/memory/read.cpp" -- -O3 -march=native
}

# Of the mixture's rows only the signs are kept, for the next time as well: as vectors a million of them are 3 GB.
make_bits() {
    if [[ ! -e $bits/.complete ]]; then
        say "generating $BENCH_ROWS rows"
        mkdir -p "$bits"
        ln -sf /proc/self/fd/1 "$bits/base.fvecs"
        "$TOOLS/generate" mix --rows "$BENCH_ROWS" --queries "$BENCH_QUERIES" --dims "$dims" --seed 42 --out "$bits" |
            "$TOOLS/vecs_to_copy" b | zstd -1qfo "$bits/items.zst"
        "$TOOLS/vecs_to_copy" b <"$bits/query.fvecs" | zstd -1qfo "$bits/queries.zst"
        rm "$bits"/{base,query}.fvecs
        touch "$bits/.complete"
    fi
    say "they are in $bits"
}

# Both extensions in one database. Each defines <~>, and the search path says whose it is.
start_bits_server() {
    start_bench_server
    run_psql postgres -c "CREATE DATABASE bits"
    run_psql bits -c "CREATE EXTENSION pgslab" -c "CREATE SCHEMA theirs" -c "CREATE EXTENSION vector SCHEMA theirs"
    say "pgvector $(extension_version bits vector)"
}

load_bits() {
    local table
    run_psql bits -v dims="$dims" -v sides="{$BENCH_SIDES}" -f "$ROOT/bench/sql/bits_functions.sql"
    for table in items queries; do
        zstd -dcq "$bits/$table.zst" | run_psql bits -c "COPY $table (id, b) FROM STDIN"
    done
    run_psql bits -v dims="$dims" -f "$ROOT/bench/sql/bits_truth.sql"
}

# measure_bits REPETITION - how fast memory is read in the same minute, and all settings.
measure_bits() {
    "$TOOLS/read" $((BENCH_ROWS * dims / 8)) | run_psql bits -c "COPY reads FROM STDIN"
    run_psql bits -v repetition="$1" -f "$ROOT/bench/sql/bits_measure.sql"
}

choose_packages packages_for_searches
build_benchmark
build_bit_tools

step "Bits"
make_bits

step "Starting a private PostgreSQL"
start_bits_server

step "Loading, and finding the true nearest rows"
load_bits

step "Building indexes"
run_psql bits -f "$ROOT/bench/sql/bits_build.sql"

for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
    step "Searching, repetition $repetition"
    measure_bits "$repetition"
done

step "Report"
run_psql bits -f "$ROOT/bench/sql/bits_report.sql"
run_psql bits -c "COPY figures TO STDOUT (FORMAT csv, HEADER)" >"$BENCH_RESULTS/bits.csv"
end_benchmark
say "data: $BENCH_RESULTS/bits.csv"
