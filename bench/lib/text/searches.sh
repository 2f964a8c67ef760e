# shellcheck shell=bash
# Searches and their results. A search is a session of its own, so that its statement is planned once, with its settings.

# measure_searches PART - what is true, then all searches of that measurement in turn, and backwards in every other repetition.
measure_searches() {
    local part=$1 repetition turn
    local -a turns
    run_psql text -v part="$part" -v sides="{$BENCH_SIDES}" -f "$ROOT/bench/sql/text_truth.sql"
    for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
        mapfile -t turns < <(run_psql text -A -t -c "SELECT turn FROM searches WHERE part = '$part' AND side = ANY ('{$BENCH_SIDES}')
            ORDER BY turn * CASE $repetition % 2 WHEN 1 THEN 1 ELSE -1 END")
        for turn in "${turns[@]}"; do
            run_psql text -A -t -F ' ' -c "CALL prepare_search($turn)" -c "CALL ask($turn, $repetition)" -c "SELECT * FROM asked($turn, $repetition)"
        done
    done
}

save_results() {
    local table
    mkdir -p "$BENCH_RESULTS"
    for table in figures by_terms builds inserted goals; do
        run_psql text -c "COPY (SELECT * FROM $table) TO STDOUT (FORMAT csv, HEADER)" >"$BENCH_RESULTS/$table.csv"
    done
}
