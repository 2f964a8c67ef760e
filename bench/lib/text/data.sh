# shellcheck shell=bash
# Documents and sparse vectors, and their indexes. Each side has a table of its own, so that no plan takes another's index.

# All extensions in one database, pgvector in a schema of its own, as names of its functions are pgslab's too.
start_text_server() {
    start_bench_server
    run_psql postgres -c "CREATE DATABASE text" -c "ALTER DATABASE text SET search_path = public, theirs" \
        -c "ALTER DATABASE text SET default_text_search_config = 'pg_catalog.english'"
    run_psql text -c "CREATE EXTENSION pgslab" -c "CREATE SCHEMA theirs" -c "CREATE EXTENSION vector SCHEMA theirs" -c "CREATE EXTENSION rum"
    run_psql text -f "$ROOT/bench/sql/text_functions.sql"
    say "pgvector $(extension_version text vector), RUM $(extension_version text rum)"
}

# The descriptions of packages, fetched once, as lines of name, section and text.
prepare_descriptions() {
    descriptions=$DATA/descriptions
    [[ ! -e $descriptions/.complete ]] || return 0
    mkdir -p "$descriptions"
    fetch_long_descriptions "$descriptions/lists" || say "apt fetches none: those that it has must do, which are short"
    { print_long_descriptions "$descriptions/lists" && apt-cache dumpavail; } | records_to_lines | zstd -1qfo "$descriptions/lines.zst"
    rm -rf "$descriptions"/lists{,.log}
    touch "$descriptions/.complete"
}

# Table documents, with those of the growth if that is measured, and queries.
load_documents() {
    # shellcheck disable=SC2154 # run_text.sh sets inserts
    local count=$((BENCH_ROWS + inserts))
    if measures growth && ((count < BENCH_GROW_TO)); then
        count=$BENCH_GROW_TO
    fi
    prepare_descriptions
    zstd -dcq "$descriptions/lines.zst" | "$TOOLS/generate" documents --rows "$count" | run_psql text -c "COPY loaded FROM STDIN"
    run_psql text -v queries="$BENCH_QUERIES" -v among="$((BENCH_ROWS < BENCH_GROW_FROM ? BENCH_ROWS : BENCH_GROW_FROM))" \
        -f "$ROOT/bench/sql/text_documents.sql"
}

# copy_documents TABLE COUNT
copy_documents() {
    run_psql text -c "CREATE TABLE $1 AS SELECT * FROM documents WHERE id < $2 ORDER BY id" -c "ALTER TABLE $1 SET (parallel_workers = 1)"
}

# build_index TABLE DEFINITION - called as the table, with _index.
build_index() {
    run_psql text -c "CALL build('$1', \$\$$2\$\$)" -c "VACUUM ANALYZE $1"
    run_psql text -A -t -F ' ' -c "SELECT '    ' || index, build_s || ' s', pg_size_pretty(bytes) FROM builds WHERE index = '$1_index'"
}

index_documents() {
    local side
    for side in pgslab gin rum; do
        takes "$side" || continue
        copy_documents "docs_$side" "$BENCH_ROWS"
        case $side in
            pgslab) build_index docs_pgslab "USING slab (tsv tsvector_bm25_ops) WITH (text_config = 'english')" ;;
            gin) build_index docs_gin "USING gin (tsv)" ;;
            rum) build_index docs_rum "USING rum (tsv rum_tsvector_ops)" ;;
        esac
    done
}

index_filtered() {
    if takes pgslab; then
        copy_documents filtered_pgslab "$BENCH_ROWS"
        build_index filtered_pgslab "USING slab (tsv tsvector_bm25_ops, tenant) WITH (text_config = 'english')"
    fi
    if takes gin; then
        copy_documents filtered_gin "$BENCH_ROWS"
        build_index filtered_gin "USING gin (tsv)"
        run_psql text -c "CREATE INDEX filtered_gin_tenant ON filtered_gin (tenant)" -c "VACUUM ANALYZE filtered_gin"
    fi
}

index_growth() {
    local size
    for size in small:$BENCH_GROW_FROM large:$BENCH_GROW_TO; do
        copy_documents "${size%:*}_pgslab" "${size#*:}"
        build_index "${size%:*}_pgslab" "USING slab (tsv tsvector_bm25_ops) WITH (text_config = 'english')"
    done
}

# Rows go into the tables that were searched, and into one without an index, by turns.
measure_inserts() {
    local side sides=none
    copy_documents docs_none "$BENCH_ROWS"
    for side in pgslab gin rum; do
        ! takes "$side" || sides+=,$side
    done
    run_psql text -c "CHECKPOINT" -c "CALL insert_documents('{$sides}', $BENCH_ROWS, $inserts)"
}

load_sparse() {
    "$TOOLS/generate" sparse --queries --rows "$BENCH_QUERIES" | run_psql text -c "COPY loaded_queries FROM STDIN"
    run_psql text -f "$ROOT/bench/sql/text_sparse.sql"
    "$TOOLS/generate" sparse --rows "$BENCH_ROWS" | run_psql text -c "COPY sparse_pgslab FROM STDIN"
    run_psql text -c "VACUUM ANALYZE sparse_pgslab"
    if takes pgslab; then
        build_index sparse_pgslab "USING slab (v svec_ip_ops)"
    fi
    if takes pgvector; then
        "$TOOLS/generate" sparse --rows "$BENCH_ROWS" | run_psql text -c "COPY sparse_pgvector FROM STDIN"
        build_index sparse_pgvector "USING hnsw (w sparsevec_ip_ops) WITH (m = 16, ef_construction = 64)"
    fi
}
