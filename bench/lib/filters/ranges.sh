# shellcheck shell=bash
# Rows within a distance, by the index and by a scan of the table. Each is a line of ranges.csv, and a session of its own.

# measure_ranges NAME
measure_ranges() {
    local name=$1 repetition way
    run_psql pgslab -v op="$(operator "$name")" -f "$ROOT/bench/sql/filters_ranges.sql"
    [[ -e $BENCH_RESULTS/ranges.csv ]] || echo dataset,repetition,way,queries,recall,mean_ms,cpu_ms >"$BENCH_RESULTS/ranges.csv"
    for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
        for way in approximate exact sequential; do
            find_rows_within "$name" "$way" "$repetition"
        done
    done
}

# find_rows_within NAME WAY REPETITION
find_rows_within() {
    local name=$1 way=$2 repetition=$3 settings=(-c "SET enable_seqscan = off")
    case $way in
        exact) settings+=(-c "SET slab.exact = on") ;;
        sequential) settings=(-c "SET enable_indexscan = off") ;;
    esac
    run_psql pgslab --csv -t -c "LOAD 'pgslab'" -c "SET plan_cache_mode = force_generic_plan" "${settings[@]}" \
        -c "CALL prepare_range('$(operator "$name")')" -c "SELECT '$name', $repetition, '$way', m.* FROM measure_range() AS m" \
        >>"$BENCH_RESULTS/ranges.csv"
    tail -n 1 "$BENCH_RESULTS/ranges.csv" | awk -F, '{ printf "    %s  within, %s  recall=%s mean_ms=%s cpu_ms=%s\n", $1, $3, $5, $6, $7 }'
}
