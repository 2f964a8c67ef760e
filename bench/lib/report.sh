# shellcheck shell=bash
# Tables and plots from the CSV files in $BENCH_RESULTS. The arithmetic is SQL, on the server that was measured.

write_report() {
    local name
    run_psql postgres -c "CREATE DATABASE report"
    load_results
    run_psql report -f "$ROOT/bench/sql/figures.sql"
    {
        echo "# pgslab beside pgvector"
        echo
        describe_machine
        report_tables
    } >"$BENCH_RESULTS/results.md"
    for name in "${sets[@]}"; do
        plot "$name"
    done
    if [[ $BENCH_DOC == yes ]]; then
        mkdir -p "$ROOT/doc/bench"
        cp "$BENCH_RESULTS/results.md" "$ROOT/doc/bench/$([[ $BENCH_MILLION == no ]] && echo results || echo million).md"
        cp "$BENCH_RESULTS"/recall-*.svg "$ROOT/doc/bench"
    fi
    report_query "SELECT * FROM ratios"
}

load_results() {
    local table
    run_psql report -f "$ROOT/bench/sql/results.sql"
    for table in loads builds queries work; do
        run_psql report -c "\\copy $table FROM '$BENCH_RESULTS/$table.csv' (FORMAT csv, HEADER)"
    done
}

describe_machine() {
    local cpu
    cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    printf -- '- %s, %s processors, %s GB of memory; %s\n' "${cpu:-unknown processor}" "$(nproc)" \
        "$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" "$(date -u +%F)"
    printf -- '- PostgreSQL %s, pgvector %s, pgslab %s (%s)\n' "$(run_psql postgres -A -t -c 'SHOW server_version')" \
        "$(extension_version pgvector vector)" "$(extension_version pgslab pgslab)" "$BENCH_COMMIT"
    printf -- '- shared_buffers %s, maintenance_work_mem %s, builds with at most one parallel worker\n' \
        "$(run_psql postgres -A -t -c 'SHOW shared_buffers')" "$(run_psql postgres -A -t -c 'SHOW maintenance_work_mem')"
    printf -- '- Top 10, one client, prepared, binary, over a unix socket; medians of %s repetitions\n' "$BENCH_REPETITIONS"
    printf -- '- Other processes used up to %s of a processor during these searches\n' \
        "$(run_psql report -A -t -c 'SELECT max(foreign_cpu) FROM queries')"
}

extension_version() {
    run_psql "$1" -A -t -c "SELECT extversion FROM pg_extension WHERE extname = '$2'"
}

# Each table of the report is a view of figures.sql, whose comment is its heading.
report_tables() {
    local view heading
    while IFS=$'\t' read -r view heading; do
        [[ $(run_psql report -A -t -c "SELECT count(*) FROM $view") != 0 ]] || continue
        printf '\n## %s\n\n' "$heading"
        report_query "SELECT * FROM $view"
    done < <(run_psql report -A -t -F $'\t' -c "SELECT relname, obj_description(oid) FROM pg_class
        WHERE relkind = 'v' AND obj_description(oid) IS NOT NULL ORDER BY oid")
}

# report_query SQL - its rows as a table in Markdown.
report_query() {
    run_psql report -A -F ' | ' -P footer=off -c "$1" | awk '
        { print "| " $0 " |" }
        NR == 1 { gsub(/[^|]+/, "---"); print "|" $0 "|" }'
}

plot() {
    local name=$1 engine
    for engine in "${engines[@]}"; do
        run_psql report -A -t -F ' ' -c "SELECT recall, qps FROM medians
            WHERE dataset = '$name' AND engine = '$engine' AND setting ~ '=' ORDER BY recall" >"$WORK/$engine.points"
    done
    gnuplot -e "name='$name'; folder='$WORK'; engines='${engines[*]}'; output_file='$BENCH_RESULTS/recall-$name.svg'" \
        "$ROOT/bench/lib/recall.gnuplot"
}
