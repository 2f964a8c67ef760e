# shellcheck shell=bash
# The tables of filters.sh.

write_filter_report() {
    load_results filters_results filters_figures loads builds searches prices ranges
    {
        echo "# Searches with a condition"
        echo
        describe_machine
        printf -- '- Top 10 of the rows that satisfy the condition, %s queries, one session, planned once; medians of %s repetitions\n' \
            "$BENCH_QUERIES" "$BENCH_REPETITIONS"
        report_tables
    } >"$BENCH_RESULTS/results.md"
    if [[ $BENCH_DOC == yes ]]; then
        mkdir -p "$ROOT/doc/bench"
        cp "$BENCH_RESULTS/results.md" "$ROOT/doc/bench/$([[ $BENCH_MILLION == no ]] && echo filters || echo filters_million).md"
    fi
}
