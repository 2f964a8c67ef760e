#!/usr/bin/env bash
# The suite of truth: delivered recall against slab.target_recall, for queries like the rows and unlike them, over numbers of rows and targets.
# See bench/README.md.
#
#   bench/recall.sh [OPTION...] [DIRECTORY...]
#
# DIRECTORY      holds a set of real vectors and is called as the set: base.fvecs, query.fvecs, each as it is or compressed (.zst)
# --sets A,B     of packages, clusters, offset, mix768 (generated), those of the directories, and NAME_centre: mix768 or that of a
#                directory with 1 added to each element (all, but of these only mix768_centre)
# --queries N    of each kind (400)
# --rows-wanted A,B   numbers of rows (1,5,10,50,100,1000)
# --targets A,B  recalls (.8,.9,.95,.99)
# --options WITH options of the indexes, as in CREATE INDEX (none)
# --audits N     then kinds unlike the rows again, each after so many queries of its own were audited (0: not)
# --at-most N    fails where more cells than these are short, or recall falls as the target rises (any number)
# --results FILE a CSV file (build/bench-results/recall.csv)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/scripts/demo/data.sh"
source "$ROOT/bench/lib/tools.sh"
source "$ROOT/bench/lib/local.sh"

sets=
queries=400
wanted=1,5,10,50,100,1000
targets=.8,.9,.95,.99
options=
audits=0
at_most=
results=$ROOT/build/bench-results/recall.csv
directories=()
while (($# > 0)); do
    case $1 in
        --sets) sets=$2 && shift ;;
        --queries) queries=$2 && shift ;;
        --rows-wanted) wanted=$2 && shift ;;
        --targets) targets=$2 && shift ;;
        --options) options=$2 && shift ;;
        --audits) audits=$2 && shift ;;
        --at-most)
            [[ ${2-} =~ ^[0-9]+$ ]] || die "--at-most does not take '${2-}'"
            at_most=$2 && shift
            ;;
        --results) results=$2 && shift ;;
        -*) die "$(sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}")" ;;
        *)
            [[ -d $1 ]] || die "there is no directory '$1'"
            directories+=("$(realpath "$1")")
            ;;
    esac
    shift
done
if [[ -z $sets ]]; then
    sets=packages,clusters,offset,mix768,mix768_centre
    for directory in "${directories[@]}"; do
        name=$(basename "$directory")
        [[ ,$sets, == *",$name,"* ]] || sets+=,$name
    done
fi

print_file() {
    if [[ -e $1 ]]; then
        cat "$1"
    else
        zstd -dcq "$1.zst"
    fi
}

# load FILE TABLE
load() {
    local dims
    dims=$(print_file "$1" | od -A n -t d4 -N 4 | tr -d ' ' || true)
    run_psql recall -c "CREATE TABLE $2 (id integer, v vec($dims))"
    print_file "$1" | "$WORK/vecs_to_copy" f | run_psql recall -c "COPY $2 FROM STDIN"
}

# load_files FOLDER OPERATOR [CENTRE] - of base.fvecs and query.fvecs, with so much added to each element.
load_files() {
    load "$1/base.fvecs" base
    load "$1/query.fvecs" given
    run_psql recall -v queries="$queries" -v op="$2" -v centre="${3:-0}" -f "$ROOT/bench/sql/recall_given.sql"
}

# generate_mixture FOLDER
generate_mixture() {
    build_generator
    mkdir -p "$1"
    "$TOOLS/generate" mix --rows 200000 --queries "$queries" --dims 768 --seed 42 --out "$1"
}

# make_set NAME - tables base (id, v) and asked (kind, v).
make_set() {
    local directory name=${1%_centre} centre=0
    [[ $name == "$1" ]] || centre=1
    run_psql recall -c "SET client_min_messages = warning" -c "DROP TABLE IF EXISTS base, asked, given, listed"
    for directory in "${directories[@]}"; do
        if [[ $(basename "$directory") == "$name" ]]; then
            load_files "$directory" '<->' "$centre"
            return
        fi
    done
    case $1 in
        packages) package_descriptions | run_psql recall -v queries="$queries" -f "$ROOT/bench/sql/recall_packages.sql" ;;
        clusters | offset) run_psql recall -v queries="$queries" -f "$ROOT/bench/sql/recall_$1.sql" ;;
        mix768 | mix768_centre)
            [[ -e $WORK/mix768/query.fvecs ]] || generate_mixture "$WORK/mix768"
            load_files "$WORK/mix768" '<=>' "$centre"
            ;;
        *) die "there is no set '$1'" ;;
    esac
}

step "Building"
choose_postgres
# shellcheck disable=SC2046 # one word a package
require_packages $(packages_for_demo) zstd libeigen3-dev
start_local_server recall "shared_buffers = '2GB'" "shared_preload_libraries = 'pgslab'"
run_psql recall -f "$ROOT/bench/sql/recall_functions.sql"

mkdir -p "$(dirname "$results")"
for set in ${sets//,/ }; do
    step "$set"
    make_set "$set"
    settings=(-v set="$set" -v options="$options" -v queries="$queries" -v wanted="{$wanted}" -v targets="{$targets}" -v audits="$audits")
    run_psql recall "${settings[@]}" -f "$ROOT/bench/sql/recall_measure.sql"
    ((audits == 0)) || run_psql recall "${settings[@]}" -f "$ROOT/bench/sql/recall_learn.sql"
done

step "Cells that fall short"
run_psql recall -f "$ROOT/bench/sql/recall_report.sql"
run_psql recall -c "COPY (SELECT * FROM cells ORDER BY dataset, kind, rows, target) TO STDOUT (FORMAT csv, HEADER)" >"$results"
say "data: $results"
if [[ -n $at_most ]]; then
    read -r short falls < <(run_psql recall -At -F ' ' -f "$ROOT/bench/sql/recall_counts.sql")
    ((short <= at_most)) || die "$short cells are short"
    ((falls == 0)) || die "recall falls $falls times as the target rises"
fi
