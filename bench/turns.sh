#!/usr/bin/env bash
# Another revision of pgslab and this checkout, in turns on the same machine: processor time and counted work of what an index does. See
# bench/README.md.
#
#   bench/turns.sh REVISION DIRECTORY [ROUNDS]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"

[[ $# -ge 2 && -d $2 ]] || die "usage: bench/turns.sh REVISION DIRECTORY [ROUNDS] (the directory with base.fvecs, query.fvecs; .zst too)"
revision=$(git -C "$ROOT" rev-parse --verify --quiet "$1^{commit}") || die "there is no revision '$1'"
data=$(realpath "$2")
rounds=${3:-5}
sides=(before after)
other=$ROOT/build/turns/$revision

step "Revision $1"
if [[ ! -e $other/Makefile ]]; then
    mkdir -p "$other"
    git -C "$ROOT" archive "$revision" | tar -x -C "$other"
fi
choose_postgres
# shellcheck disable=SC2046 # one word a package
require_packages $(packages_for_demo) zstd

scratch=$(mktemp -d)
stop_sides() {
    local side
    for side in "${sides[@]}"; do
        [[ ! -e $scratch/$side.pid ]] || kill "$(<"$scratch/$side.pid")" 2>/dev/null || true
    done
    wait
    rm -rf "$scratch"
}
trap stop_sides EXIT

# start_side NAME CHECKOUT - a server of its own that waits for what it is asked.
start_side() {
    mkfifo "$scratch/$1.ask"
    "$ROOT/bench/lib/turns_side.sh" "$2" "$data" "$scratch/$1" &
    echo $! >"$scratch/$1.pid"
    await "$1"
}

# ask NAME WORD
ask() {
    rm -f "$scratch/$1.done"
    echo "$2" >"$scratch/$1.ask"
    await "$1"
}

await() {
    while [[ ! -e $scratch/$1.done ]]; do
        kill -0 "$(<"$scratch/$1.pid")" 2>/dev/null || die "the server of '$1' could not go on"
        sleep 0.2
    done
}

step "Building, starting, loading"
start_side before "$other"
start_side after "$ROOT"

for ((round = 1; round <= rounds; round++)); do
    step "Turn $round of $rounds"
    for side in "${sides[@]}"; do
        ask "$side" turn
        sed "s/^/$side,$round,/" "$scratch/$side.csv" >>"$scratch/after.turns"
    done
done

step "Medians, and of this checkout by the revision's"
ask after report
results=$ROOT/build/bench-results
mkdir -p "$results"
cp "$scratch/after.turns" "$results/turns.csv"
say "data: $results/turns.csv"
