# shellcheck shell=bash
# VACUUM after a fifth of the rows was deleted, here and there. Tables without an index show what the table's own part is.

measure_vacuum() {
    local table repetition repetitions
    for table in plain_vec slab plain_vector hnsw; do
        step "VACUUM: $table with $vacuum_rows rows"
        make_table vacuum "$table" "$vacuum_rows"
        # A graph that was repaired once is another one, and takes minutes.
        repetitions=$BENCH_REPETITIONS
        if [[ $table == hnsw ]] || ((repetitions > 4)); then
            repetitions=1
        fi
        for ((repetition = 1; repetition <= repetitions; repetition++)); do
            delete_share "$table" 7 "$repetition"
            run_psql postgres -c CHECKPOINT
            on_table "$table" statement --dataset vacuum --csv "$BENCH_RESULTS/vacuums.csv" --repetition "$repetition" --name vacuum \
                --index "$(index_of "$table")" --sql "VACUUM (INDEX_CLEANUP on, PARALLEL 0) $table"
        done
        drop_table "$table"
    done
}
