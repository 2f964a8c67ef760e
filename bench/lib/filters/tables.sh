# shellcheck shell=bash
# Both engines' tables: the same rows, and columns that say by chance or by place which rows a condition takes.

# prepare_rows NAME - rows and queries, without the true nearest rows: what is true depends on the condition.
prepare_rows() {
    local name=$1 rows
    case $name in
        mix768) rows=${BENCH_ROWS:-200000} ;;
        mix768_100k) rows=${BENCH_ROWS:-100000} ;;
        mix768_1m) rows=${BENCH_ROWS:-1000000} ;;
        *)
            mkdir -p "$DATA/$name"
            unpack_set "$name"
            ;;
    esac
    [[ $name != mix768* ]] || generate_rows "$name" "$rows"
    say "$name is in $DATA/$name"
}

# Sets conditions[], by their names in sql/filters_functions.sql, and the columns they are about.
choose_conditions() {
    if [[ $BENCH_MILLION == yes ]]; then
        conditions=('hundred = 7')
        filter_columns=(hundred)
        partial_columns=()
    else
        conditions=('u2 = 1' 'u10 = 7' 'u100 = 7' 'u1000 = 7' 'u10000 = 7' 'near the query' 'far from it' json box)
        filter_columns=(u2 u10 u100 u1000 u10000 near)
        partial_columns=(u100 u1000)
    fi
}

# load_items NAME
# shellcheck disable=SC2154 # run_filters.sh sets engines
load_items() {
    local name=$1 engine type table
    for engine in "${engines[@]}"; do
        type=$(vector_type "$engine")
        run_client "$engine" load --dataset "$name" --csv "$BENCH_RESULTS/loads.csv" --table loaded --type "$type" \
            --base "$DATA/$name/base.fvecs" ${BENCH_ROWS:+--rows "$BENCH_ROWS"}
        run_client "$engine" load --table loaded_queries --type "$type" --base "$DATA/$name/query.fvecs" --rows "$BENCH_QUERIES" >/dev/null
    done
    # The exact distances of one engine say for both where a row is.
    run_psql pgslab -v op="$(operator "$name")" -f "$ROOT/bench/sql/filters_places.sql"
    if uses pgvector; then
        for table in places query_places; do
            copy_to_pgvector "$table"
        done
    fi
    for engine in "${engines[@]}"; do
        run_psql "$engine" -f "$ROOT/bench/sql/filters_items.sql"
        run_psql "$engine" -v type="$(vector_type "$engine")" -v engine="$engine" -f "$ROOT/bench/sql/filters_functions.sql"
    done
}

# copy_to_pgvector TABLE - from the other database, with its columns.
copy_to_pgvector() {
    run_psql pgslab -A -t -c "SELECT format('CREATE TABLE $1 (%s)', string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', '
        ORDER BY attnum)) FROM pg_attribute WHERE attrelid = '$1'::regclass AND attnum > 0" | run_psql pgvector
    run_psql pgslab -c "COPY $1 TO STDOUT" | run_psql pgvector -c "COPY $1 FROM STDIN"
}

vector_type() {
    case $1 in
        pgvector) echo vector ;;
        pgslab) echo vec ;;
    esac
}

# index_items NAME
index_items() {
    local name=$1 engine column columns
    printf -v columns ', %s' "${filter_columns[@]}"
    build_index "$name" pgslab items_slab "USING slab (embedding vec_$(metric "$name")_ops$columns) WITH (addresses = on)"
    if uses pgvector; then
        build_index "$name" pgvector items_hnsw "$(hnsw "$name")"
        for column in "${partial_columns[@]}"; do
            build_index "$name" pgvector "items_hnsw_$column" "$(hnsw "$name") WHERE $column = 7"
        done
    fi
    for engine in "${engines[@]}"; do
        for column in "${filter_columns[@]}"; do
            build_index "$name" "$engine" "items_$column" "USING btree ($column)" >/dev/null
        done
        if [[ " ${conditions[*]} " == *' json '* ]]; then
            build_index "$name" "$engine" items_payload "USING gin (payload jsonb_path_ops)" >/dev/null
            build_index "$name" "$engine" items_area "USING gist (area)" >/dev/null
        fi
        run_psql "$engine" -c "VACUUM ANALYZE items"
    done
}

hnsw() {
    echo "USING hnsw (embedding vector_$(metric "$1")_ops) WITH (m = 16, ef_construction = 64)"
}

# build_index NAME ENGINE INDEX DEFINITION
build_index() {
    run_client "$2" statement --name build --dataset "$1" --setting "$3" --csv "$BENCH_RESULTS/builds.csv" --index "$3" \
        --sql "CREATE INDEX $3 ON items $4"
}

# find_matches NAME - what is true, by exact distances of all rows that satisfy each condition.
find_matches() {
    local condition
    say "finding the true nearest rows of each condition"
    for condition in "${conditions[@]}" unfiltered; do
        run_psql pgslab -c "SET enable_indexscan = off" -c "SELECT find_truth('$condition', '$(operator "$1")')" >/dev/null
    done
    ! uses pgvector || copy_to_pgvector truth
}

# New databases for the next set.
drop_items() {
    run_psql postgres -c "DROP DATABASE pgslab WITH (FORCE)" -c "DROP DATABASE pgvector WITH (FORCE)"
    make_databases
}
