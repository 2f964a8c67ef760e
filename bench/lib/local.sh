# shellcheck shell=bash
# A private server of the PostgreSQL that is installed, with this checkout's pgslab.

# What the chroot of other benchmarks has built may need newer libraries than there are here.
# shellcheck disable=SC2034 # build_generator takes it
TOOLS=$ROOT/build/local

stop_and_remove() {
    stop_clusters
    remove_workspace
}

# start_local_server NAME SETTING... - with a database of that name, and $WORK/vecs_to_copy. It is removed when the script ends.
start_local_server() {
    local name=$1 setting commands=()
    shift
    build_extension plain
    new_workspace "$name"
    trap stop_and_remove EXIT
    plan_prefix "$WORK/prefix"
    assemble_prefix
    g++ -std=c++20 -O2 -o "$WORK/vecs_to_copy" "$(dirname "${BASH_SOURCE[0]}")/../vecs_to_copy.cpp"
    start_cluster
    for setting in "$@"; do
        commands+=(-c "ALTER SYSTEM SET $setting")
    done
    run_psql postgres "${commands[@]}" -c "CREATE DATABASE $name"
    as_server_user "$PREFIX_BIN/pg_ctl" -D "$WORK/data" -l "$WORK/server.log" -w restart >/dev/null
    run_psql "$name" -c "CREATE EXTENSION pgslab"
}
