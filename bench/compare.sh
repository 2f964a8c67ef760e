#!/usr/bin/env bash
# Measures pgslab beside pgvector on the same vectors: building, recall, queries a second, latencies, counted work. Everything happens
# in a Debian 13 of its own (a chroot below build/), on a private server that is removed at the end; the results stay. Needs root.
#
#   bench/compare.sh [OPTION...] [DIRECTORY...]
#
# DIRECTORY           holds a set of real vectors and is called as the set: base.fvecs, query.fvecs, gt100.ivecs, each as it is or
#                     compressed (.zst). Or holds such directories.
# --sets A,B          sets to measure: mix768 (generated) and those of the directories (all)
# --rows N            only the first N rows of each set
# --million           mix768 with 100 000 and 1 000 000 rows, for growth, instead of other sets
# --engines A,B       of pgvector, pgslab (both)
# --repetitions N     of each measurement; medians count (3)
# --queries N         only the first N queries of each set
# --shared-buffers S  of the server (a quarter of the memory, at most 6GB)
# --build-memory S    maintenance_work_mem in GB (2; with --million 6)
# --attempts N        repeat what other processes disturbed up to N times (3)
# --results DIR       where results go (build/bench-results)
# --doc               copy tables and plots into doc/bench/ as well
# --chroot DIR        where the Debian 13 is or is to be (build/trixie)
# --mirror URL        where it comes from (as this machine's packages)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/chroot.sh"

# What run.sh finds in its environment.
export BENCH_SETS='' BENCH_ROWS='' BENCH_MILLION=no BENCH_ENGINES=pgvector,pgslab BENCH_REPETITIONS=3 BENCH_QUERIES='' BENCH_SHARED_BUFFERS=''
export BENCH_BUILD_GB='' BENCH_ATTEMPTS=3 BENCH_RESULTS=$ROOT/build/bench-results BENCH_DOC=no BENCH_DIRECTORIES='' BENCH_COMMIT
chroot=${BENCH_CHROOT:-$ROOT/build/trixie}
mirror=
directories=()

# set_option VARIABLE PATTERN OPTION VALUE
set_option() {
    [[ ${4:-} =~ ^($2)$ ]] || die "$3 does not take '${4:-}' (see --help)"
    printf -v "$1" '%s' "$4"
}

number='[1-9][0-9]*'
names='[a-z0-9_,]+'
while (($# > 0)); do
    case $1 in
        --million | --doc) printf -v "BENCH_$(tr '[:lower:]' '[:upper:]' <<<"${1#--}")" yes ;;
        -h | --help)
            sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --*)
            case $1 in
                --sets) set_option BENCH_SETS "$names" "$@" ;;
                --rows) set_option BENCH_ROWS "$number" "$@" ;;
                --engines) set_option BENCH_ENGINES '(pgvector|pgslab)(,(pgvector|pgslab))?' "$@" ;;
                --repetitions) set_option BENCH_REPETITIONS "$number" "$@" ;;
                --queries) set_option BENCH_QUERIES "$number" "$@" ;;
                --shared-buffers) set_option BENCH_SHARED_BUFFERS "${number}[MG]B" "$@" ;;
                --build-memory) set_option BENCH_BUILD_GB "$number" "$@" ;;
                --attempts) set_option BENCH_ATTEMPTS "$number" "$@" ;;
                --results) set_option BENCH_RESULTS '.+' "$@" ;;
                --chroot) set_option chroot '.+' "$@" ;;
                --mirror) set_option mirror '.+' "$@" ;;
                *) die "'$1' is no option (see --help)" ;;
            esac
            shift
            ;;
        *)
            [[ -d $1 ]] || die "there is no directory '$1'"
            directories+=("$(realpath "$1")")
            ;;
    esac
    shift
done

((EUID == 0)) || die "setting up a chroot takes root"
if [[ -z $BENCH_BUILD_GB ]]; then
    [[ $BENCH_MILLION == yes ]] && BENCH_BUILD_GB=6 || BENCH_BUILD_GB=2
fi
mkdir -p "$BENCH_RESULTS" "$ROOT/build/bench-data"
BENCH_RESULTS=$(realpath "$BENCH_RESULTS")
BENCH_DIRECTORIES=$(printf '%s\n' "${directories[@]}")
BENCH_COMMIT=$(git -C "$ROOT" describe --always --dirty 2>/dev/null || echo unknown)

step "Debian 13 in $chroot"
create_chroot "$chroot" "$mirror"
enter_chroot "$chroot" "$((BENCH_BUILD_GB + 1))g" "$BENCH_RESULTS" "${directories[@]}" -- bash "$ROOT/bench/lib/run.sh"
