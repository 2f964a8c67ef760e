# shellcheck shell=bash
# Single rows by one client, and the WAL they make. Both are measured on the same tables, one after the other: the rows behind the first half go
# in, nine tenths of them by measure_inserts, the others by measure_wal.

measure_inserts() {
    local tables=(plain_vec slab plain_vector hnsw) table synchronous repetition next=$half
    local count=$((half * 9 / 10 / (2 * BENCH_REPETITIONS)))
    step "Inserts: tables of $half rows"
    for table in "${tables[@]}"; do
        need_table inserts "$table" "$half"
    done
    for synchronous in off on; do
        step "Inserts: single rows, synchronous_commit $synchronous"
        # What a commit waits for is only there with fsync.
        set_server fsync "$synchronous"
        run_psql postgres -c CHECKPOINT
        for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
            for table in "${tables[@]}"; do
                insert_rows "$table" inserts.csv "synchronous_commit=$synchronous" "$repetition" "$next" "$count" \
                    --seconds "$insert_seconds" --guc "synchronous_commit=$synchronous"
            done
            next=$((next + count))
        done
    done
    set_server fsync off
    measures wal || drop_table "${tables[@]}"
}

# insert_rows TABLE CSV DATASET REPETITION FIRST ROWS OPTION... - without CSV they are only inserted.
insert_rows() {
    local table=$1 csv=$2 dataset=$3 repetition=$4 first=$5 count=$6
    shift 6
    on_table "$table" insert --dataset "$dataset" ${csv:+--csv "$BENCH_RESULTS/$csv"} --repetition "$repetition" --base "$base" --first "$first" \
        --rows "$count" --cpu 0 "$@"
}

# What an index adds to the WAL of a row: right after a checkpoint, when every page that is touched goes into the WAL whole; many rows later; and
# without such page images at all, where it ends up in the long run. Compaction comes when it likes, and is not counted here.
measure_wal() {
    local tables=(plain_vec slab plain_vector hnsw ivfflat) table
    step "WAL: tables of $half rows"
    for table in "${tables[@]}"; do
        need_table wal "$table" "$half"
    done
    settle
    step "WAL: single rows"
    for table in "${tables[@]}"; do
        measure_wal_of "$table"
    done
    set_server full_page_writes on
    drop_table "${tables[@]}"
}

measure_wal_of() {
    local table=$1 repetition next=$((half + half * 9 / 10)) some=$((rows / 200)) few
    few=$((some / 10))
    set_server full_page_writes on
    for ((repetition = 1; repetition <= 3; repetition++)); do
        run_psql postgres -c CHECKPOINT
        insert_for_wal "$table" wal.csv "first_$few" "$repetition" "$next" "$few"
        insert_for_wal "$table" wal.csv "next_$((some - few))" "$repetition" "$((next + few))" "$((some - few))"
        next=$((next + some))
    done
    insert_for_wal "$table" '' between '' "$next" "$((4 * some))"
    insert_for_wal "$table" wal.csv later 1 "$((next + 4 * some))" "$some"
    set_server full_page_writes off
    insert_for_wal "$table" wal.csv no_page_images 1 "$((next + 5 * some))" "$some"
}

# insert_for_wal TABLE CSV DATASET REPETITION FIRST ROWS
insert_for_wal() {
    insert_rows "$@" --guc slab.auto_compact=off
}
