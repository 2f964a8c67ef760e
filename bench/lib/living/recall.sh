# shellcheck shell=bash
# Recall at slab.target_recall 0.95 after rows came and went, and the size of an index that lived through it. What is true is what slab.exact finds
# on the same table; some of it is compared with a sequential scan.

cycles=10

measure_recall() {
    step "Recall: $half rows, then as many from other clusters"
    make_table recall slab "$half"
    check_recall built base
    append_rows slab "$shifted" 0 "$half" "$shifted_id"
    check_recall doubled base shifted
    step "Recall: a random half deleted"
    run_psql pgslab -c "DELETE FROM slab WHERE hashint8extended(id, 11) % 2 = 0"
    check_recall half_deleted base shifted
    run_psql pgslab -c "VACUUM slab"
    check_recall half_vacuumed base shifted
    maintain_and_check
    drop_table slab
    run_cycles
    drop_table slab
}

# Whatever maintenance there is must leave the recall as it was.
maintain_and_check() {
    if [[ $has_compact == yes ]]; then
        run_psql pgslab -c "SELECT slab_compact('slab_embedding', true)" >/dev/null
        check_recall compacted base shifted
    else
        note recall "There is no slab_compact(): not measured after it"
    fi
    if [[ $has_recluster == yes ]]; then
        run_psql pgslab -c "SELECT slab_recluster('slab_embedding')" >/dev/null
        check_recall reclustered base shifted
    else
        note recall "There is no slab_recluster(): not measured after it"
    fi
}

# check_recall SETTING base|shifted... - by queries from the clusters of either half.
check_recall() {
    local setting=$1 clusters file check=5
    shift
    # A sequential scan takes a second.
    [[ $setting != cycle_? ]] || check=1
    settle
    for clusters in "$@"; do
        file=$base_queries
        [[ $clusters == base ]] || file=$shifted_queries
        on_table slab recall --setting "$setting" --dataset "$clusters" --csv "$BENCH_RESULTS/recalls.csv" --queries "$file" \
            --limit "$queries" --check "$check" --operator '<=>' --expect "Index Scan using slab_embedding" --guc enable_seqscan=off \
            --guc slab.target_recall=0.95
    done
}

# A fifth of the rows goes and as many come, in turn from the same clusters and from others, with a VACUUM after each.
run_cycles() {
    local cycle turn from fifth=$((half / 5))
    step "$cycles cycles: a fifth of $half rows replaced"
    make_table recall slab "$half"
    record_size before_cycles
    for ((cycle = 1; cycle <= cycles; cycle++)); do
        delete_share slab "$((100 + cycle))" 1
        turn=$(((cycle - 1) / 2))
        from=$((turn * fifth))
        if ((cycle % 2 == 1)); then
            append_rows slab "$base" "$((half + from))" "$fifth" "$((half + from))"
        else
            append_rows slab "$shifted" "$from" "$fifth" "$((shifted_id + from))"
        fi
        run_psql pgslab -c "VACUUM slab"
        ! measures recall || check_recall "cycle_$cycle" base shifted
    done
    if measures size; then
        record_size after_cycles
        run_psql pgslab -c "REINDEX INDEX slab_embedding"
        record_size reindexed
    fi
}

measure_size() {
    # Recall has been through the cycles, and size was measured there.
    ! measures recall || return 0
    run_cycles
    drop_table slab
}

# record_size SETTING
record_size() {
    settle
    [[ -e $BENCH_RESULTS/sizes.csv ]] || echo setting,rows,index_bytes >"$BENCH_RESULTS/sizes.csv"
    run_psql pgslab -A -t -F , -c "SELECT '$1', count(*), pg_relation_size('slab_embedding') FROM slab" |
        tee -a "$BENCH_RESULTS/sizes.csv" | sed 's/^/    /'
}
