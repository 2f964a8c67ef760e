#!/usr/bin/env bash
# Types of columns and ways to store vectors beside each other, on the same rows: sizes, recall, processor time. See bench/README.md.
#
#   bench/storage.sh [OPTION...] DIRECTORY
#
# DIRECTORY        holds a set of vectors: base.fvecs and query.fvecs, each as it is or compressed (.zst)
# --metric NAME    l2 or cosine (l2)
# --queries N      how many are asked (500)
# --targets A,B    recalls (.95,.99)
# --results FILE   a CSV file (build/bench-results/storage.csv)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/local.sh"
source "$ROOT/bench/lib/vectors.sh"

metric=l2
queries=500
targets=.95,.99
results=$ROOT/build/bench-results/storage.csv
data=
while (($# > 0)); do
    case $1 in
        --metric) metric=$2 && shift ;;
        --queries) queries=$2 && shift ;;
        --targets) targets=$2 && shift ;;
        --results) results=$2 && shift ;;
        -*) die "$(sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}")" ;;
        *) data=$1 ;;
    esac
    shift
done
[[ -d $data ]] || die "there is no directory '$data'"
case $metric in
    l2) operator='<->' ;;
    cosine) operator='<=>' ;;
    *) die "--metric does not take '$metric'" ;;
esac

# load FILE TABLE
load() {
    print_file "$1" | "$WORK/vecs_to_copy" f | run_psql storage -c "CREATE TABLE $2 (id integer, v vec($(dims_of "$1")))" -c "COPY $2 FROM STDIN"
}

step "Building"
choose_postgres
# shellcheck disable=SC2046 # one word a package
require_packages $(packages_for_demo) zstd
start_local_server storage "shared_buffers = '4GB'"

step "Loading"
load base.fvecs base
load query.fvecs query

step "Measuring ($queries queries)"
run_psql storage -v metric="$metric" -v operator="$operator" -v queries="$queries" -v targets="{$targets}" -f "$ROOT/bench/sql/storage.sql"
mkdir -p "$(dirname "$results")"
run_psql storage -c "COPY figures TO STDOUT (FORMAT csv, HEADER)" >"$results"
say "data: $results"
