# shellcheck shell=bash
# What maintenance writes while an index grows by single rows, as slab_stats() reports it: code_bytes_written and vector_bytes_written. VACUUM comes
# whenever there are a fifth more rows, as autovacuum would.

measure_amplification() {
    local count=$grow_from next
    step "Amplification: from $grow_from to $grow_to rows"
    make_table amplification slab "$grow_from"
    echo rows,dims,storage,refine_bits,segments,sidecar_rows,code_bytes_written,vector_bytes_written,index_bytes >"$BENCH_RESULTS/growth.csv"
    record_growth
    while ((count < grow_to)); do
        next=$((count * 6 / 5 < grow_to ? count * 6 / 5 : grow_to))
        on_table slab insert --dataset growth --base "$base" --first "$count" --rows "$((next - count))"
        run_psql pgslab -c "VACUUM slab"
        count=$next
        record_growth
    done
    if [[ $(tail -n 1 "$BENCH_RESULTS/growth.csv" | cut -d, -f7) == '' ]]; then
        note amplification "slab_stats() does not report code_bytes_written and vector_bytes_written"
    fi
    drop_table slab
}

record_growth() {
    settle
    run_psql pgslab -A -t -F , -c "
        SELECT s->>'live', s->>'dims', s->>'storage', s->>'refine_bits', s->>'segments', s->>'sidecar_rows', s->>'code_bytes_written',
               s->>'vector_bytes_written', s->>'total_bytes'
        FROM (SELECT to_jsonb(s) AS s FROM slab_stats('slab_embedding') s) s" | tee -a "$BENCH_RESULTS/growth.csv" | sed 's/^/    /'
}
