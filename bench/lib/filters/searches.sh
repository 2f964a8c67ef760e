# shellcheck shell=bash
# Searches for ten rows that satisfy a condition. Each is a line of searches.csv, and a session of its own.

# Of pgvector's, the least with which it finds as much as pgslab does, or the last.
ef_settings=(40 100 200 400 800)

# The recall that a line of searches.csv has, and its plan.
recall_field=8
plan_field=14

# measure_conditions NAME - chooses settings, then every search once, then once more, ... so that noise of the machine hits all of them.
# shellcheck disable=SC2154 # run_filters.sh has them chosen
measure_conditions() {
    local name=$1 repetition condition search
    local -a searches
    local -A chosen
    for condition in "${conditions[@]}"; do
        choose_searches "$name" "$condition"
        chosen[$condition]="${searches[*]}"
    done
    for ((repetition = 1; repetition <= BENCH_REPETITIONS; repetition++)); do
        for condition in "${conditions[@]}"; do
            for search in ${chosen[$condition]}; do
                search_items "$name" "$condition" "${search%:*}" "${search#*:}" "$repetition"
            done
        done
    done
}

# choose_searches NAME CONDITION - sets searches[], as ENGINE:SETTING. Where pgslab's planner takes another index than its own, that is
# measured as well.
# shellcheck disable=SC2154 # run_filters.sh has them chosen
choose_searches() {
    local name=$1 condition=$2 wanted column=${2%% *}
    searches=(pgslab: sort:)
    search_items "$name" "$condition" pgslab '' 0
    if [[ $(last_field "$plan_field") != items_slab ]]; then
        searches=(pgslab: pgslab_index: sort:)
        search_items "$name" "$condition" pgslab_index '' 0
    fi
    wanted=$(last_field "$recall_field")
    if uses pgvector; then
        choose_ef "$name" "$condition" hnsw_strict "$wanted"
        choose_ef "$name" "$condition" hnsw_relaxed "$wanted"
        if [[ " ${partial_columns[*]} " == *" $column "* ]]; then
            choose_ef "$name" "$condition" hnsw_partial "$wanted"
        fi
    fi
}

# choose_ef NAME CONDITION ENGINE RECALL - adds to searches[].
choose_ef() {
    local ef
    for ef in "${ef_settings[@]}"; do
        search_items "$1" "$2" "$3" "$ef" 0
        if awk -v found="$(last_field "$recall_field")" -v wanted="$4" 'BEGIN { exit !(found >= wanted) }'; then
            break
        fi
    done
    searches+=("$3:$ef")
}

# last_field N - of the last search.
last_field() {
    tail -n 1 "$BENCH_RESULTS/searches.csv" | cut -d , -f "$1"
}

# search_items NAME CONDITION ENGINE SETTING REPETITION - in repetition 0 without taking the time.
search_items() {
    local name=$1 condition=$2 engine=$3 setting=$4 repetition=$5 database=pgvector expected='' column=${2%% *}
    local -a commands=()
    case $engine in
        pgslab) database=pgslab ;;
        pgslab_index)
            database=pgslab expected=items_slab
            without_other_plans
            ;;
        sort)
            database=pgslab
            commands=(-c "SET enable_indexscan = off")
            ;;
        hnsw_strict | hnsw_relaxed)
            expected=items_hnsw
            without_other_plans
            iterate "${engine#hnsw_}" "$setting"
            if ((${#partial_columns[@]} > 0)); then
                drop_for_now "${partial_columns[@]/#/items_hnsw_}"
            fi
            ;;
        hnsw_partial)
            expected=items_hnsw_$column
            without_other_plans
            iterate strict "$setting"
            drop_for_now items_hnsw
            ;;
        no_filter_columns | two_filter_columns)
            database=pgslab expected=items_slab_${engine%%_*}
            without_other_plans
            drop_for_now items_slab "items_slab_$([[ $engine == no_* ]] && echo two || echo no)"
            ;;
    esac
    run_search
}

# Adds to commands[], as the next two do.
without_other_plans() {
    commands+=(-c "SET enable_seqscan = off" -c "SET enable_bitmapscan = off" -c "SET enable_sort = off")
}

# iterate ORDER EF - until there are enough rows, whatever that takes.
iterate() {
    commands+=(-c "LOAD 'vector'" -c "SET hnsw.iterative_scan = $1_order" -c "SET hnsw.ef_search = $2"
        -c "SET hnsw.max_scan_tuples = 2000000000" -c "SET hnsw.scan_mem_multiplier = 1000")
}

# drop_for_now INDEX... - leaves these out of plans: what a transaction dropped that does not commit is there again.
drop_for_now() {
    local list
    printf -v list ', %s' "$@"
    commands+=(-c BEGIN -c "DROP INDEX ${list:2}")
}

# Of search_items: its variables.
run_search() {
    local header='dataset,engine,setting,repetition,condition,queries,matches,recall,rows_ok,mean_ms,p50_ms,cpu_ms,buffers,plan,strategy'
    local timed=true operator
    operator=$(operator "$name")
    ((repetition > 0)) || timed=false
    [[ -e $BENCH_RESULTS/searches.csv ]] || echo "$header,lists,codes,scan_buffers" >"$BENCH_RESULTS/searches.csv"
    run_psql "$database" --csv -t -c "SET plan_cache_mode = force_generic_plan" "${commands[@]}" \
        -c "CALL prepare_search('$condition', '$operator', '$(vector_type "$database")')" \
        -c "SELECT '$name', '$engine', '$setting', $repetition, '$condition', m.*
            FROM measure('$condition', '$operator', nullif('$expected', ''), $timed) AS m" >>"$BENCH_RESULTS/searches.csv"
    ((repetition == 0)) || tail -n 1 "$BENCH_RESULTS/searches.csv" |
        awk -F, '{ printf "    %s  %s  %s %s  recall=%s mean_ms=%s cpu_ms=%s\n", $1, $5, $2, $3, $8, $10, $12 }'
}
