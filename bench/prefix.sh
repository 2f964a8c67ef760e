#!/usr/bin/env bash
# Codes of all dimensions and of the first ones beside each other, on the same rows: sizes, recall, counted work, processor time. See
# bench/README.md.
#
#   bench/prefix.sh [OPTION...] [DIRECTORY]
#
# DIRECTORY        holds a set of vectors: base.fvecs and query.fvecs, each as it is or compressed (.zst). Without one a set is made
#                  of 1024 dims of which the first say most (generate nested), for l2
# --rows N         that are made (100000)
# --prefixes A,B   values of prefix_dims beside none (256)
# --metric NAME    l2 or cosine (l2)
# --queries N      how many are asked (500)
# --targets A,B    recalls (.9,.95,.99)
# --results FILE   a CSV file (build/bench-results/prefix.csv)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/tools.sh"
source "$ROOT/bench/lib/local.sh"
source "$ROOT/bench/lib/vectors.sh"

rows=100000
prefixes=256
metric=l2
queries=500
targets=.9,.95,.99
results=$ROOT/build/bench-results/prefix.csv
data=
while (($# > 0)); do
    case $1 in
        --rows) rows=$2 && shift ;;
        --prefixes) prefixes=$2 && shift ;;
        --metric) metric=$2 && shift ;;
        --queries) queries=$2 && shift ;;
        --targets) targets=$2 && shift ;;
        --results) results=$2 && shift ;;
        -*) die "$(sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}")" ;;
        *)
            [[ -d $1 ]] || die "there is no directory '$1'"
            data=$(realpath "$1")
            ;;
    esac
    shift
done
case $metric in
    l2) operator='<->' ;;
    cosine) operator='<=>' ;;
    *) die "--metric does not take '$metric'" ;;
esac

# load FILE TABLE
load() {
    print_file "$1" | "$WORK/vecs_to_copy" f | run_psql prefix -c "CREATE TABLE $2 (id integer, v vec($(dims_of "$1")))" -c "COPY $2 FROM STDIN"
}

step "Building"
choose_postgres
# shellcheck disable=SC2046 # one word a package
require_packages $(packages_for_demo) zstd libeigen3-dev
start_local_server prefix "shared_buffers = '4GB'"
if [[ -z $data ]]; then
    build_generator
    data=$WORK/nested
    mkdir "$data"
    "$TOOLS/generate" nested --rows "$rows" --queries "$queries" --seed 42 --out "$data"
fi

step "Loading"
load base.fvecs base
load query.fvecs query

step "Measuring ($queries queries)"
run_psql prefix -v metric="$metric" -v operator="$operator" -v queries="$queries" -v targets="{$targets}" -v prefixes="{$prefixes}" \
    -f "$ROOT/bench/sql/prefix.sql"
mkdir -p "$(dirname "$results")"
run_psql prefix -c "COPY figures TO STDOUT (FORMAT csv, HEADER)" >"$results"
say "data: $results"
