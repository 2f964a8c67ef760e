# shellcheck shell=bash
# Tables and plots from the CSV files in $BENCH_RESULTS. The arithmetic is SQL, on the server that was measured.

write_report() {
    local name
    load_results results figures loads builds queries work
    {
        echo "# pgslab beside pgvector"
        echo
        describe_machine
        describe_searches
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

# load_results RESULTS FIGURES TABLE... - the tables of RESULTS.sql from what was measured, and FIGURES.sql upon them.
load_results() {
    local table results=$1 figures=$2
    shift 2
    run_psql postgres -c "CREATE DATABASE report"
    run_psql report -f "$ROOT/bench/sql/functions.sql" -f "$ROOT/bench/sql/$results.sql"
    for table in "$@"; do
        if [[ -e $BENCH_RESULTS/$table.csv ]]; then
            run_psql report -c "\\copy $table FROM '$BENCH_RESULTS/$table.csv' (FORMAT csv, HEADER)"
        fi
    done
    run_psql report -f "$ROOT/bench/sql/$figures.sql"
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
}

describe_searches() {
    printf -- '- Top 10, one client, prepared, binary, over a unix socket; medians of %s repetitions\n' "$BENCH_REPETITIONS"
    printf -- '- Other processes used up to %s of a processor during these searches\n' \
        "$(run_psql report -A -t -c 'SELECT max(foreign_cpu) FROM queries')"
}

extension_version() {
    run_psql "$1" -A -t -c "SELECT extversion FROM pg_extension WHERE extname = '$2'"
}

# Each table of the report is a view whose comment is its heading.
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

# shellcheck disable=SC2154 # run.sh sets engines
plot() {
    local name=$1 engine
    for engine in "${engines[@]}"; do
        run_psql report -A -t -F ' ' -c "SELECT recall, qps FROM medians
            WHERE dataset = '$name' AND engine = '$engine' AND setting ~ '=' ORDER BY recall" >"$WORK/$engine.points"
    done
    gnuplot -e "name='$name'; folder='$WORK'; engines='${engines[*]}'; output_file='$BENCH_RESULTS/recall-$name.svg'" \
        "$ROOT/bench/lib/recall.gnuplot"
}
