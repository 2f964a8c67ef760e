# shellcheck shell=bash
# VACUUM after rows were deleted here and there: fewer than vacuum_threshold (0.20), so that pgslab only makes tombstones of them, and more, so that it
# writes their parts anew. Of an eighth of the index, which is what that is decided for, so many are far enough from 20 % to be sure.
# Tables without an index show what the table's own part is.

vacuum_percents=(17 23)

measure_vacuum() {
    local percent table repetition repetitions
    for percent in "${vacuum_percents[@]}"; do
        for table in plain_vec slab plain_vector hnsw; do
            step "VACUUM: $table with $vacuum_rows rows, $percent % deleted"
            # Making a graph anew takes minutes, and so does repairing it.
            repetitions=$BENCH_REPETITIONS
            [[ $table != hnsw ]] || repetitions=1
            for ((repetition = 1; repetition <= repetitions; repetition++)); do
                measure_vacuum_of "$table" "$percent" "$repetition"
            done
        done
    done
}

# measure_vacuum_of TABLE PERCENT REPETITION - on a table of its own: what was vacuumed once is another one.
measure_vacuum_of() {
    local table=$1 percent=$2 repetition=$3
    make_table vacuum "$table" "$vacuum_rows"
    delete_percent "$table" "$repetition" "$percent"
    run_psql postgres -c CHECKPOINT
    on_table "$table" statement --dataset "$percent" --csv "$BENCH_RESULTS/vacuums.csv" --repetition "$repetition" --name vacuum \
        --index "$(index_of "$table")" --sql "VACUUM (INDEX_CLEANUP on, PARALLEL 0) $table"
    drop_table "$table"
}
