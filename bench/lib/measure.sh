# shellcheck shell=bash
# Loading, building and searching one set with both engines. Results go to CSV files in $BENCH_RESULTS.

# Settings by which either engine trades recall for time. pgvector's are taken until one finds enough.
vector_settings=(10 20 30 40 60 80 100 120 150 200 300 400 600 800 1000)
slab_settings=(0.80 0.90 0.95 0.97 0.99 0.995)
recall_enough=0.998

# Queries that count work, and that scan the whole table.
work_queries=100
sequential_queries=20
exact_queries=200

# measure_set NAME
measure_set() {
    local name=$1 engine
    for engine in "${engines[@]}"; do
        step "$name: loading and indexing with $engine"
        load_and_build "$name" "$engine"
    done
    run_psql postgres -c CHECKPOINT
    step "$name: searching"
    measure_searches "$name"
    step "$name: counting work"
    for engine in "${engines[@]}"; do
        measure_work "$name" "$engine"
        run_psql "$engine" -c "DROP TABLE $name"
    done
}

load_and_build() {
    local name=$1 engine=$2 type method options opclass
    case $engine in
        pgvector) type=vector method=hnsw options='WITH (m = 16, ef_construction = 64)' ;;
        pgslab) type=vec method=slab options= ;;
    esac
    opclass=${type}_$(metric "$name")_ops
    run_client "$engine" load --dataset "$name" --csv "$BENCH_RESULTS/loads.csv" --table "$name" --type "$type" \
        --base "$DATA/$name/base.fvecs" ${BENCH_ROWS:+--rows "$BENCH_ROWS"}
    # Vectors are stored beside the table, which makes it look too small for a parallel build.
    run_psql "$engine" -c "ALTER TABLE $name SET (parallel_workers = 1)"
    run_client "$engine" statement --name build --dataset "$name" --csv "$BENCH_RESULTS/builds.csv" --index "${name}_embedding" \
        --sql "CREATE INDEX ${name}_embedding ON $name USING $method (embedding $opclass) $options"
    run_psql "$engine" -c "VACUUM ANALYZE $name"
}

# Every measurement of the first repetition, then of the second, ... so that noise of the machine hits both engines.
measure_searches() {
    local name=$1 repetition i vector_count=${#vector_settings[@]}
    for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
        for ((i = 0; i < ${#vector_settings[@]} || i < ${#slab_settings[@]}; i++)); do
            if uses pgvector && ((i < vector_count)); then
                search "$name" pgvector "ef_search=${vector_settings[i]}" --guc "hnsw.ef_search=${vector_settings[i]}"
                if enough_recall; then
                    vector_count=$((i + 1))
                fi
            fi
            if uses pgslab && ((i < ${#slab_settings[@]})); then
                search "$name" pgslab "target_recall=${slab_settings[i]}" --guc "slab.target_recall=${slab_settings[i]}"
            fi
        done
        ! uses pgslab || search "$name" pgslab exact --guc slab.exact=on --limit "$exact_queries"
        ! uses pgslab || search_by_two_clients "$name"
        sequential_and_floor "$name"
    done
}

uses() {
    [[ " ${engines[*]} " == *" $1 "* ]]
}

# Whether the last search found enough. Column 6 is the recall.
enough_recall() {
    tail -n 1 "$BENCH_RESULTS/queries.csv" | awk -F, -v enough="$recall_enough" '{ exit !($6 >= enough) }'
}

# search NAME ENGINE SETTING OPTION... - through the index, also where the planner thinks a small table not worth it.
search() {
    local name=$1
    time_queries "$@" --expect "Index Scan using ${name}_embedding" --guc enable_seqscan=off
}

# One with its backend on each of two processors; named so that it is no point of the curve of recall.
search_by_two_clients() {
    (($(nproc) < 2)) || search "$1" pgslab two_clients --guc slab.target_recall=0.95 --clients 2
}

# time_queries NAME ENGINE SETTING OPTION... - later options take the place of earlier ones.
time_queries() {
    local name=$1 engine=$2 setting=$3
    shift 3
    run_client "$engine" query --dataset "$name" --setting "$setting" --repetition "$repetition" --csv "$BENCH_RESULTS/queries.csv" \
        --queries "$DATA/$name/query.fvecs" --truth "$(truth_file "$name")" ${BENCH_QUERIES:+--limit "$BENCH_QUERIES"} \
        --table "$name" --operator "$(operator "$name")" --cpu 0 --attempts "$BENCH_ATTEMPTS" "$@"
}

operator() {
    case $(metric "$1") in
        cosine) echo '<=>' ;;
        l2) echo '<->' ;;
    esac
}

sequential_and_floor() {
    local name=$1 engine
    for engine in "${engines[@]}"; do
        time_queries "$name" "$engine" sequential --expect "Seq Scan on $name" --guc enable_indexscan=off \
            --limit "$sequential_queries" --seconds 0
        run_client "$engine" floor --dataset "$name" --setting floor --repetition "$repetition" \
            --csv "$BENCH_RESULTS/queries.csv" --table "$name" --cpu 0 --attempts "$BENCH_ATTEMPTS"
    done
}

# measure_work NAME ENGINE - of the settings that were searched with.
measure_work() {
    local name=$1 engine=$2 setting
    while read -r setting; do
        case $setting in
            ef_search=*) count_work "$name" "$engine" "$setting" --guc "hnsw.$setting" ;;
            target_recall=*) count_work "$name" "$engine" "$setting" --guc "slab.$setting" --last-scan ;;
            exact) count_work "$name" "$engine" "$setting" --guc slab.exact=on --last-scan ;;
        esac
    done < <(awk -F, -v name="$name" -v engine="$engine" '$1 == name && $2 == engine && $4 == 1 { print $3 }' "$BENCH_RESULTS/queries.csv")
}

# count_work NAME ENGINE SETTING OPTION...
count_work() {
    local name=$1 engine=$2 setting=$3
    shift 3
    run_client "$engine" work --dataset "$name" --setting "$setting" --csv "$BENCH_RESULTS/work.csv" --table "$name" \
        --operator "$(operator "$name")" --queries "$DATA/$name/query.fvecs" --limit "$work_queries" \
        --expect "Index Scan using ${name}_embedding" --guc enable_seqscan=off "$@" </dev/null
}
