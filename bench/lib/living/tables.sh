# shellcheck shell=bash
# What the measurements share: which to do and how large, vectors, tables, and running the client on them.
#
# A table is called as its index, and has a primary key besides:
#   slab                    in the database pgslab
#   hnsw, ivfflat           in the database pgvector
#   plain_vec, plain_vector in either, without such an index
# The id of a row is its number in its file of vectors; of those from the shifted one $shifted_id more.

shifted_id=10000000

# Sets measurements[], what is asked for.
choose_measurements() {
    measurements=(inserts wal vacuum latency recall size amplification)
    [[ -z $BENCH_ONLY ]] || IFS=, read -ra measurements <<<"$BENCH_ONLY"
}

# measures NAME
measures() {
    [[ " ${measurements[*]} " == *" $1 "* ]]
}

# Sets rows, half, and how long things are done. The chroot's environment has the options.
choose_sizes() {
    rows=${BENCH_ROWS:-200000}
    queries=${BENCH_QUERIES:-200}
    insert_seconds=4
    latency_seconds=4
    insert_rate=${BENCH_INSERT_RATE:-500}
    if [[ $BENCH_QUICK == yes ]]; then
        rows=${BENCH_ROWS:-4000}
        queries=${BENCH_QUERIES:-40}
        insert_seconds=1
        latency_seconds=2
    fi
    ((rows >= 2000)) || die "--rows takes 2000 and more"
    half=$((rows / 2))
    vacuum_rows=${BENCH_VACUUM_ROWS:-$((rows / 4))}
    grow_from=${BENCH_GROW_FROM:-$((rows / 10))}
    grow_to=${BENCH_GROW_TO:-$rows}
    ((grow_from < grow_to)) || die "--grow-from is not below --grow-to"
}

# The set of clusters that tables begin with and another one, for rows that come from elsewhere.
choose_data() {
    local most=$rows set=mix768
    ! measures amplification || ((grow_to <= most)) || most=$grow_to
    ! measures vacuum || ((vacuum_rows <= most)) || most=$vacuum_rows
    ((most <= 200000)) || set=mix768_1m
    ((most <= 1000000)) || die "there are no more than 1000000 rows"
    generate_rows "$set" "$most"
    base=$DATA/$set/base.fvecs
    base_queries=$DATA/$set/query.fvecs
    if measures recall || measures size; then
        generate_rows mix768_shifted "$half"
        shifted=$DATA/mix768_shifted/base.fvecs
        shifted_queries=$DATA/mix768_shifted/query.fvecs
    fi
    say "rows are in ${base%/*}"
}

# Which of the functions and settings there are that an index is maintained with. Sets has_compact, has_recluster.
find_functions() {
    has_compact=$(find_function 'slab_compact(regclass, boolean)')
    has_recluster=$(find_function 'slab_recluster(regclass)')
}

# find_function SIGNATURE - yes or no.
find_function() {
    if [[ $(run_psql pgslab -A -t -c "SELECT to_regprocedure('$1')") != '' ]]; then
        echo yes
    else
        echo no
    fi
}

# note MEASUREMENT TEXT - what the report is to say besides figures.
note() {
    [[ -e $BENCH_RESULTS/notes.csv ]] || echo measurement,note >"$BENCH_RESULTS/notes.csv"
    printf '%s,"%s"\n' "$1" "$2" >>"$BENCH_RESULTS/notes.csv"
    say "$1: $2"
}

# engine_of TABLE - its database, too.
engine_of() {
    case $1 in
        slab | plain_vec) echo pgslab ;;
        *) echo pgvector ;;
    esac
}

# on_table TABLE COMMAND OPTION... - the client.
on_table() {
    local table=$1 command=$2
    shift 2
    run_client "$(engine_of "$table")" "$command" --setting "$table" --table "$table" "$@" </dev/null
}

# make_table MEASUREMENT TABLE ROWS - loads the first rows, then indexes them.
make_table() {
    local measurement=$1 table=$2 count=$3 type=vector method
    drop_table "$table"
    [[ $(engine_of "$table") == pgvector ]] || type=vec
    on_table "$table" load --dataset "$measurement" --csv "$BENCH_RESULTS/loads.csv" --type "$type" --base "$base" --rows "$count"
    case $table in
        slab) method="slab (embedding vec_cosine_ops)" ;;
        hnsw) method="hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64)" ;;
        ivfflat) method="ivfflat (embedding vector_cosine_ops) WITH (lists = $((count / 1000 + 1)))" ;;
        *) return 0 ;;
    esac
    # Vectors are stored beside the table, which makes it look too small for a parallel build.
    run_psql "$(engine_of "$table")" -c "ALTER TABLE $table SET (parallel_workers = 1)"
    on_table "$table" statement --dataset "$measurement" --csv "$BENCH_RESULTS/builds.csv" --name build --index "${table}_embedding" \
        --sql "CREATE INDEX ${table}_embedding ON $table USING $method"
}

# need_table MEASUREMENT TABLE ROWS - makes it unless an earlier measurement did.
need_table() {
    local there
    there=$(run_psql "$(engine_of "$2")" -A -t -c "SELECT to_regclass('$2')")
    [[ -n $there ]] || make_table "$@"
}

drop_table() {
    local table
    for table in "$@"; do
        run_psql "$(engine_of "$table")" -c "SET client_min_messages = warning" -c "DROP TABLE IF EXISTS $table"
    done
}

# append_rows TABLE FILE FIRST ROWS FIRST_ID - in one transaction.
append_rows() {
    on_table "$1" load --append --base "$2" --first "$3" --rows "$4" --first-id "$5"
}

# delete_share TABLE SALT PART - one PART of five of the rows, at random as the salt says.
delete_share() {
    run_psql "$(engine_of "$1")" -c "DELETE FROM $1 WHERE abs(hashint8extended(id, $2) % 5) = $3"
}

# delete_percent TABLE SALT PERCENT - of the rows, at random as the salt says.
delete_percent() {
    run_psql "$(engine_of "$1")" -c "DELETE FROM $1 WHERE abs(hashint8extended(id, $2) % 100) < $3"
}

# Returns when no background worker compacts any more. One that was asked for may take a moment to start.
settle() {
    local workers=1
    while ((workers > 0)); do
        sleep 0.3
        workers=$(run_psql pgslab -A -t -c "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'slab worker'")
    done
}

# index_of TABLE - what belongs to it alone; the primary key where that is all.
index_of() {
    case $1 in
        plain_*) echo "$1_pkey" ;;
        *) echo "$1_embedding" ;;
    esac
}

# set_server NAME VALUE - for sessions that begin now.
set_server() {
    run_psql postgres -c "ALTER SYSTEM SET $1 = '$2'" -c "SELECT pg_reload_conf()" >/dev/null
    sleep 1
}
