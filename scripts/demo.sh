#!/usr/bin/env bash
# Shows pgslab at work: builds it, starts a private PostgreSQL, loads the descriptions of the packages this machine's apt
# knows, indexes and searches them. Nothing is installed into the system's PostgreSQL, and nothing is left running.
#
#   scripts/demo.sh [--keep] [--rows N] [--dims D]
#   scripts/demo.sh stop
#
# --keep  leave the server running, to try things with psql; "stop" ends and removes it
# --rows  load at most N rows
# --dims  dimensions of the embeddings (256)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source-path=SCRIPTDIR/..
source scripts/lib/setup.sh
source scripts/demo/data.sh

keep=no
rows=
dims=256
action=run

# Where a server that was left running lives.
kept=$ROOT/run/demo.path

positive() {
    [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die "$1 takes a whole number from 1 on"
    echo "$2"
}

while (($# > 0)); do
    case $1 in
        --keep) keep=yes ;;
        --rows)
            rows=$(positive "$1" "${2:-}")
            shift
            ;;
        --dims)
            dims=$(positive "$1" "${2:-}")
            shift
            ;;
        stop) action=stop ;;
        -h | --help)
            sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        *) die "'$1' is no option (see --help)" ;;
    esac
    shift
done

stop_kept() {
    [[ -e $kept ]] || die "no demo server was left running"
    WORK=$(<"$kept")
    if [[ -d $WORK ]]; then
        choose_postgres
        choose_server_user
        plan_prefix "$WORK/prefix"
        stop_clusters
        remove_workspace
    fi
    rm -f "$kept"
    echo "stopped, and removed $WORK"
}

clean_up() {
    stop_clusters
    remove_workspace
}

run_file() {
    run_psql demo -v dims="$dims" -f "scripts/demo/$1"
}

load_data() {
    local source=$WORK/packages.tsv found
    package_descriptions >"$source"
    found=$(wc -l <"$source")
    if ((found >= 1000)); then
        [[ -z $rows ]] || sed -i "$((rows + 1)),\$d" "$source"
        say "from the package lists of this machine's apt"
        run_file load_packages.sql <"$source"
    else
        say "apt has no package lists here, so PostgreSQL's descriptions of its own objects serve instead"
        run_psql demo -v dims="$dims" -v rows="${rows:-1000000}" -f scripts/demo/load_catalog.sql
    fi
    rm "$source"
}

run_demo() {
    [[ ! -e $kept ]] || die "a demo server is still running in $(<"$kept"); end it with: scripts/demo.sh stop"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    step "Packages"
    choose_postgres
    # shellcheck disable=SC2046 # one word per package
    require_packages $(packages_for_demo)
    say "PostgreSQL $PG_MAJOR"

    step "Building the extension"
    build_extension plain
    new_workspace demo
    plan_prefix "$WORK/prefix"
    assemble_prefix
    hand_over

    step "Starting a private PostgreSQL"
    start_cluster
    say "in $WORK, as user $SERVER_USER"
    run_psql postgres -c 'CREATE DATABASE demo'
    run_psql demo -c 'CREATE EXTENSION pgslab'

    step "Loading and embedding descriptions"
    load_data

    step "Building the index"
    run_file index.sql

    step "Searching"
    run_file search.sql

    step "Searching by words, and by both"
    run_file words.sql

    step "How much it finds, and how long that takes"
    run_file timing.sql

    step "What the index holds"
    run_file stats.sql

    step "Done"
    finish
}

finish() {
    if [[ $keep == yes ]]; then
        trap - EXIT
        echo "$WORK" >"$kept"
        say "The server stays. Connect with"
        say "    $PREFIX_BIN/psql -h $WORK/socket -U postgres demo"
        say "and try, for instance,"
        say "    SELECT name, description FROM packages"
        say "    ORDER BY embedding <=> vec_hash_embed('edit photos', $dims) LIMIT 5;"
        say "End it with"
        say "    scripts/demo.sh stop"
    else
        clean_up
        trap - EXIT
        say "The server is stopped and removed. To have it stay and try queries of your own: scripts/demo.sh --keep"
        say "The SQL of this demo: scripts/demo/*.sql"
    fi
}

if [[ $action == stop ]]; then
    stop_kept
else
    run_demo
fi
