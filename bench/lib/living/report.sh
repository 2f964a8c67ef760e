# shellcheck shell=bash
# living.md and living.csv from the CSV files in $BENCH_RESULTS.

write_living_report() {
    load_results living_results living_figures loads builds inserts wal vacuums latencies writers recalls sizes growth notes
    {
        echo "# An index that takes writes: pgslab beside pgvector's HNSW"
        echo
        describe_machine
        describe_living
        report_tables
    } >"$BENCH_RESULTS/living.md"
    run_psql report -c "\\copy (SELECT * FROM goals) TO '$BENCH_RESULTS/living.csv' (FORMAT csv, HEADER)"
    if [[ $BENCH_DOC == yes ]]; then
        mkdir -p "$ROOT/doc/bench"
        cp "$BENCH_RESULTS/living.md" "$ROOT/doc/bench"
    fi
    report_query "SELECT * FROM goals"
}

describe_living() {
    [[ $BENCH_QUICK == no ]] || echo "- **A quick run: so few rows say nothing about the goals**"
    printf -- '- Tables of %s rows that take as many more, %s for VACUUM; 768 dimensions, cosine; pgvector: HNSW with m 16, ef_construction 64, IVFFlat with a list for 1000 rows\n' "$half" "$vacuum_rows"
    printf -- '- fsync off, but on where synchronous_commit is; autovacuum off; every table has a primary key as well\n'
    printf -- '- Other processes used up to %s of a processor; where that is much, count on recall, bytes and sizes alone\n' "$(run_psql report -A -t -c "
        SELECT max(foreign_cpu) FROM (
            SELECT foreign_cpu FROM inserts UNION ALL SELECT foreign_cpu FROM vacuums UNION ALL
            SELECT foreign_cpu FROM latencies WHERE setting LIKE 'idle%') f")"
    printf -- '- Where two clients insert while one searches, three server processes and three clients share %s processors\n' "$(nproc)"
}
