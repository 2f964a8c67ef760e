# shellcheck shell=bash
# What filter columns cost an index: size, building, inserts and their WAL, and searches without a condition.

# measure_prices NAME
measure_prices() {
    local name=$1 repetition engine opclass
    opclass=vec_$(metric "$name")_ops
    run_psql pgslab -f "$ROOT/bench/sql/filters_prices.sql" -c "CREATE INDEX items_slab_no ON items USING slab (embedding $opclass)" \
        -c "CREATE INDEX items_slab_two ON items USING slab (embedding $opclass, u2, u100)"
    for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
        for engine in no_filter_columns two_filter_columns; do
            search_items "$name" unfiltered "$engine" '' "$repetition"
        done
    done
    run_psql pgslab -c "DROP INDEX items_slab_no, items_slab_two"
    for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
        run_psql pgslab -c "CALL price_builds('$name', '$opclass', $repetition)" -c "SET slab.auto_compact = off" \
            -c "CALL price_inserts('$name', '$opclass', $repetition)"
    done
    [[ -e $BENCH_RESULTS/prices.csv ]] || echo dataset,repetition,columns,measurement,value >"$BENCH_RESULTS/prices.csv"
    run_psql pgslab --csv -t -c "SELECT * FROM prices" >>"$BENCH_RESULTS/prices.csv"
}
