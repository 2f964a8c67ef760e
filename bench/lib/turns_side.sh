#!/usr/bin/env bash
# turns_side.sh CHECKOUT DATA NAME - a server with that checkout's pgslab for bench/turns.sh. It does what comes by the pipe NAME.ask, a word
# a time, and makes the file NAME.done: "turn" writes figures to NAME.csv, "report" prints those of NAME.turns.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR/../..
source "$1/scripts/lib/setup.sh"
source "$bench/lib/local.sh"
source "$bench/lib/vectors.sh"
data=$2
name=$3

trap 'exit 143' TERM

# load FILE TABLE
load() {
    run_psql turns -c "CREATE TABLE $2 (id integer PRIMARY KEY, v vec($dims)) WITH (autovacuum_enabled = off)"
    print_file "$1" | "$WORK/vecs_to_copy" f | run_psql turns -c "COPY $2 FROM STDIN"
    run_psql turns -c "VACUUM (ANALYZE) $2"
}

choose_postgres
start_local_server turns "shared_buffers = '2GB'"
run_psql postgres -c "CREATE DATABASE report"
dims=$(dims_of query.fvecs)
load base.fvecs items
load query.fvecs queries
run_psql turns -f "$bench/sql/turns_functions.sql"
touch "$name.done"

while read -r word <"$name.ask"; do
    case $word in
        turn) run_psql turns --csv -t -f "$bench/sql/turn.sql" >"$name.csv" ;;
        report)
            run_psql report -c "CREATE TABLE turns (side text, turn integer, measurement text, value numeric)"
            run_psql report -c "COPY turns FROM STDIN (FORMAT csv)" <"$name.turns"
            run_psql report -f "$bench/sql/turns_report.sql"
            ;;
    esac
    touch "$name.done"
done
