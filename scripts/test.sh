#!/usr/bin/env bash
# Runs the tests: scripts/test.sh [SUITE...] [--long] [--server-asan] [--cassert] [--chroot RELEASE]
#
# Suites, all of these unless some are named:
#   checks     rules of the sources (scripts/check/)
#   core       unit tests of the C++ core
#   sanitize   the same under AddressSanitizer and UndefinedBehaviorSanitizer
#   fuzz       every fuzzer, for FUZZ_SECONDS each (10, or 600 with --long)
#   regress    sql/ against a private server
#   pgtap      test/pgtap/, properties stated in SQL
#   isolation  test/isolation/, concurrent sessions
#   tap        test/t/, whole servers: crashes, replicas, backups
#
# and, where it is named:
#   clients    test/clients/, clients from npm
#
# --long         also what takes long (tests of the core and TAP tests see PGSLAB_LONG=1)
# --server-asan  regress, isolation and pgtap with the extension built for the sanitizers
# --cassert      the suites that need a server, on one built from source with assertions (some minutes the first time)
# --chroot RELEASE  the suites that need a server, in a Debian of that release with its PostgreSQL: bookworm (15), trixie (17) or
#                forky (testing: 18); in build/RELEASE, which debootstrap makes the first time. Needs root
#
# The last line is "N passed, N failed"; the exit status is 1 if anything failed. A suite without tests counts as a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source-path=SCRIPTDIR/..
source scripts/lib/setup.sh
source scripts/lib/count.sh
source scripts/lib/server_suites.sh
source scripts/lib/source_server.sh
source scripts/lib/chroot.sh
source scripts/suite/checks.sh
source scripts/suite/core.sh
source scripts/suite/fuzz.sh
source scripts/suite/regress.sh
source scripts/suite/isolation.sh
source scripts/suite/pgtap.sh
source scripts/suite/tap.sh
source scripts/suite/clients.sh

all_suites=(checks core sanitize fuzz regress pgtap isolation tap)
server_suites=(regress pgtap isolation tap)
# They run only where they are named, since they need more than Debian's packages.
named_suites=(clients)
suites=()
LONG=no
SERVER_ASAN=no
CASSERT=no
release=

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

while (($# > 0)); do
    case $1 in
        --long) LONG=yes ;;
        --server-asan) SERVER_ASAN=yes ;;
        --cassert) CASSERT=yes ;;
        --chroot)
            release=${2:-}
            [[ -n $release && -n ${RELEASE_NAMES[$release]:-} ]] || die "--chroot takes one of: ${!RELEASE_NAMES[*]}"
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *)
            [[ " ${all_suites[*]} ${named_suites[*]} " == *" $1 "* ]] ||
                die "no suite is named '$1' (there are: ${all_suites[*]} ${named_suites[*]})"
            suites+=("$1")
            ;;
    esac
    shift
done
if [[ $SERVER_ASAN == yes ]]; then
    ((${#suites[@]} > 0)) || suites=(regress pgtap isolation)
    [[ " ${suites[*]} " != *" tap "* ]] || die "the TAP tests start servers of their own, which --server-asan does not reach"
fi
if [[ $CASSERT == yes || -n $release ]]; then
    ((${#suites[@]} > 0)) || suites=("${server_suites[@]}")
fi
((${#suites[@]} > 0)) || suites=("${all_suites[@]}")
only_server_suites=yes
for suite in "${suites[@]}"; do
    [[ " ${server_suites[*]} ${named_suites[*]} " == *" $suite "* ]] || only_server_suites=no
done

# become_run_in_chroot - the same suites and options, inside.
become_run_in_chroot() {
    local options=()
    [[ $only_server_suites == yes ]] || die "--chroot is for ${server_suites[*]} ${named_suites[*]}"
    ((EUID == 0)) || die "setting up a chroot takes root"
    [[ $LONG == no ]] || options+=(--long)
    [[ $SERVER_ASAN == no ]] || options+=(--server-asan)
    [[ $CASSERT == no ]] || options+=(--cassert)
    step "${RELEASE_NAMES[$release]} in build/$release"
    create_chroot "$release" "$ROOT/build/$release" ""
    unset PG_CONFIG
    enter_chroot "$ROOT/build/$release" 1g -- bash "$ROOT/scripts/test.sh" "${options[@]}" "${suites[@]}"
}
[[ -z $release ]] || become_run_in_chroot

running=

clean_up() {
    # Asked to end, a test stops its own servers; what it leaves is stopped below.
    if [[ -n $running ]]; then
        kill -TERM -- "-$running" 2>/dev/null || true
        wait "$running" 2>/dev/null || true
    fi
    stop_clusters
    [[ -z $running ]] || kill -KILL -- "-$running" 2>/dev/null || true
    remove_workspace
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

LOGS=$ROOT/build/log
mkdir -p "$LOGS"

step "Packages"
choose_postgres
# shellcheck disable=SC2046 # one word per package
if [[ $only_server_suites == yes ]]; then
    require_packages $(packages_for_server_suites)
else
    require_packages $(packages_for_tests)
fi
[[ $CASSERT == no ]] || build_source_server cassert
say "$("$PG_CONFIG" --version)"
new_workspace test
plan_prefix "$WORK/prefix"

passed=0
failed=0
for suite in "${suites[@]}"; do
    step "Suite $suite"
    # In a subshell of its own, a suite that stops half-way stops only itself. In a process group of its own, all of it can be
    # ended, and while the shell waits for it, rather than runs it, a signal is heeded at once.
    set -m
    "suite_$suite" </dev/null &
    running=$!
    set +m
    status=0
    wait "$running" || status=$?
    running=
    settle_suite "$suite" "$status"
done

printf '\n%d s\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
((failed == 0))
