# shellcheck shell=bash
# The options of the benchmarks, and how they begin.

# What runs in the chroot finds these in its environment.
export BENCH_SETS='' BENCH_ROWS='' BENCH_MILLION=no BENCH_ENGINES=pgvector,pgslab BENCH_REPETITIONS=3 BENCH_QUERIES='' BENCH_SHARED_BUFFERS=''
export BENCH_BUILD_GB='' BENCH_ATTEMPTS=3 BENCH_RESULTS='' BENCH_DOC=no BENCH_DIRECTORIES='' BENCH_COMMIT
export BENCH_ONLY='' BENCH_QUICK=no BENCH_GROW_FROM='' BENCH_GROW_TO='' BENCH_INSERT_RATE='' BENCH_VACUUM_ROWS=''
export BENCH_SIDES=''
release=forky
chroot=
mirror=
directories=()
# What --only and --sides take.
measurements='inserts|wal|vacuum|latency|recall|size|amplification'
sides='pgslab|pgvector|scan'

# parse_options SCRIPT ARGUMENT... - the options that the head of SCRIPT describes, and the directories.
parse_options() {
    local script=$1 number='[1-9][0-9]*'
    shift
    while (($# > 0)); do
        [[ $1 != --* || $1 == --help ]] || grep -q "^# $1 " "$script" || die "'$1' is no option (see --help)"
        case $1 in
            -h | --help)
                sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$script"
                exit 0
                ;;
            --million) BENCH_MILLION=yes ;;
            --doc) BENCH_DOC=yes ;;
            --quick) BENCH_QUICK=yes ;;
            --*)
                case $1 in
                    --sets) set_option BENCH_SETS '[a-z0-9_,]+' "$@" ;;
                    --rows) set_option BENCH_ROWS "$number" "$@" ;;
                    --engines) set_option BENCH_ENGINES '(pgvector|pgslab)(,(pgvector|pgslab))?' "$@" ;;
                    --sides) set_option BENCH_SIDES "($sides)(,($sides))*" "$@" ;;
                    --repetitions) set_option BENCH_REPETITIONS "$number" "$@" ;;
                    --queries) set_option BENCH_QUERIES "$number" "$@" ;;
                    --shared-buffers) set_option BENCH_SHARED_BUFFERS "${number}[MG]B" "$@" ;;
                    --build-memory) set_option BENCH_BUILD_GB "$number" "$@" ;;
                    --attempts) set_option BENCH_ATTEMPTS "$number" "$@" ;;
                    --results) set_option BENCH_RESULTS '.+' "$@" ;;
                    --release) set_option release 'trixie|forky' "$@" ;;
                    --chroot) set_option chroot '.+' "$@" ;;
                    --only) set_option BENCH_ONLY "($measurements)(,($measurements))*" "$@" ;;
                    --grow-from) set_option BENCH_GROW_FROM "$number" "$@" ;;
                    --grow-to) set_option BENCH_GROW_TO "$number" "$@" ;;
                    --vacuum-rows) set_option BENCH_VACUUM_ROWS "$number" "$@" ;;
                    --insert-rate) set_option BENCH_INSERT_RATE "$number" "$@" ;;
                    --mirror) set_option mirror '.+' "$@" ;;
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
}

# set_option VARIABLE PATTERN OPTION VALUE
set_option() {
    [[ ${4:-} =~ ^($2)$ ]] || die "$3 does not take '${4:-}' (see --help)"
    printf -v "$1" '%s' "$4"
}

# run_in_chroot SCRIPT - becomes SCRIPT there.
run_in_chroot() {
    ((EUID == 0)) || die "setting up a chroot takes root"
    local results=$ROOT/build/bench-results
    [[ $1 != */run_filters.sh ]] || results+=/filters
    if [[ $BENCH_MILLION == yes ]]; then
        : "${BENCH_BUILD_GB:=6}" "${BENCH_RESULTS:=$results/million}"
    elif [[ $1 == */run_living.sh ]]; then
        : "${BENCH_BUILD_GB:=2}" "${BENCH_RESULTS:=$results/living}"
    else
        : "${BENCH_BUILD_GB:=2}" "${BENCH_RESULTS:=$results}"
    fi
    mkdir -p "$BENCH_RESULTS" "$ROOT/build/bench-data"
    BENCH_RESULTS=$(realpath "$BENCH_RESULTS")
    BENCH_DIRECTORIES=$(printf '%s\n' "${directories[@]}")
    BENCH_COMMIT=$(git -C "$ROOT" describe --always --dirty 2>/dev/null || echo unknown)
    : "${chroot:=$ROOT/build/$release}"
    step "${RELEASE_NAMES[$release]} in $chroot"
    create_chroot "$release" "$chroot" "$mirror"
    enter_chroot "$chroot" "$((BENCH_BUILD_GB + 1))g" "$BENCH_RESULTS" "${directories[@]}" -- bash "$1"
}
