# shellcheck shell=bash
# One client searches: alone, while two others insert, and while compaction runs as well; those two at a pace, and as fast as they can. With two
# processors, four processes have to share them whatever the index does: so there is a control, where the two insert into a table without an index.
# All of it takes turns, as the longest of a hundred statements depends much on what else the machine does.

writers=()
next_id=10000000

measure_latency() {
    local repetition
    step "Latency: tables of $half rows"
    make_table latency slab "$half"
    make_table latency plain_vec "$half"
    run_psql postgres -c CHECKPOINT
    [[ $has_compact == yes ]] || note latency "There is no slab_compact(): not measured beside compaction"
    step "Latency: one client searches for $latency_seconds seconds at a time"
    for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
        settle
        search_beside idle
        search_beside control plain_vec
        search_beside paced_inserts slab "$insert_rate"
        compact_beside paced_inserts_and_compaction "$insert_rate"
        search_beside inserts slab
        compact_beside inserts_and_compaction
    done
    drop_table slab plain_vec
}

# search_beside SETTING [TABLE [RATE]] - while two clients insert into TABLE, each so many rows a second.
search_beside() {
    local setting=$1 table=${2:-} rate=${3:-} client
    if [[ -n $table ]]; then
        next_id=$((next_id + 2000000))
        for client in 0 1; do
            run_writer "$setting" "$table" "$((next_id + client * 1000000))" "$rate" &
            writers+=($!)
        done
        sleep 1
    fi
    on_table slab query --setting "$setting" --csv "$BENCH_RESULTS/latencies.csv" --dataset latency --repetition "$repetition" \
        --queries "$base_queries" --operator '<=>' --expect "Index Scan using slab_embedding" --guc enable_seqscan=off --seconds "$latency_seconds"
    wait_for_writers
}

# compact_beside SETTING [RATE] - the same, and compacts.
compact_beside() {
    [[ $has_compact == yes ]] || return 0
    compact_for "$((latency_seconds + 2))" &
    writers+=($!)
    search_beside "$1" slab "${2:-}"
}

# run_writer SETTING TABLE FIRST_ID [RATE] - for as long as a search and a second more on either side.
run_writer() {
    on_table "$2" insert --setting "$1" --dataset latency --csv "$BENCH_RESULTS/writers.csv" --repetition "$repetition" --base "$base" --first "$half" \
        --first-id "$3" --seconds "$((latency_seconds + 2))" ${4:+--rate "$4"}
}

# compact_for SECONDS - one compaction after the other.
compact_for() {
    local end=$((SECONDS + $1)) count=0
    while ((SECONDS < end)); do
        run_psql pgslab -c "SELECT slab_compact('slab_embedding')" >/dev/null
        count=$((count + 1))
        sleep 0.05
    done
    say "compactions meanwhile: $count"
}

wait_for_writers() {
    local writer
    for writer in "${writers[@]}"; do
        wait "$writer"
    done
    writers=()
}

kill_writers() {
    ((${#writers[@]} == 0)) || kill "${writers[@]}" 2>/dev/null || true
}
