# shellcheck shell=bash
# What the suites that need PostgreSQL share: the extension in a private installation, and a server on it. The first
# suite to need them brings them up, and so does one that needs another variant of the extension. The state is in the
# workspace, since each suite is a subshell of its own.

# need_installation VARIANT - of the extension, as build_extension has them; with --server-asan it is always asan.
need_installation() {
    local variant=$1
    REGRESS_TOOLS=$(dirname "$("$PG_CONFIG" --pgxs)")/../test
    [[ $SERVER_ASAN == no ]] || variant=asan
    [[ ! -e $WORK/prefix/.variant || $(<"$WORK/prefix/.variant") != "$variant" ]] || return 0
    [[ $variant != asan ]] || export ASAN_OPTIONS=detect_leaks=0
    say "building the extension ($variant)"
    build_extension "$variant"
    stop_clusters
    rm -rf "$WORK/prefix"
    assemble_prefix
    echo "$variant" >"$WORK/prefix/.variant"
    hand_over
}

# need_server VARIANT
need_server() {
    need_installation "$1"
    cluster_runs && return
    rm -rf "$WORK/data"
    if [[ $SERVER_ASAN == yes ]]; then
        # Our library alone is instrumented; the server around it needs the sanitizer's runtime loaded first.
        build_sanitizer_start
        SERVER_ENVIRONMENT=("LD_PRELOAD=$(g++ -print-file-name=libasan.so) $WORK/sanitizer_start.so"
            "ASAN_OPTIONS=detect_leaks=0:log_path=$WORK/asan" UBSAN_OPTIONS=print_stacktrace=1)
    fi
    start_cluster
}

# Left to itself the preloaded runtime starts with the first allocation. On Debian 12 that one comes from a constructor of
# libp11-kit, inside libc's lock of the locales, which is then never free again. So a library that is initialised before
# all others allocates something.
build_sanitizer_start() {
    gcc -shared -fPIC -Wl,-z,initfirst -x c -o "$WORK/sanitizer_start.so" - <<'SOURCE'
#include <stdlib.h>
__attribute__((constructor)) static void start(void) {
    void *volatile memory = malloc(1);
    free(memory);
}
SOURCE
}

# copy_for_server FOLDER... - copies of test inputs where the server's user can read and write; sets COPY.
copy_for_server() {
    COPY=$WORK/$1
    shift
    rm -rf "$COPY"
    mkdir -p "$COPY"
    cp -r "$@" "$COPY"
    hand_over
}

# Of what pg_regress prints, what came of each test, or why there are none.
show_regress() {
    grep --line-buffered -E '^(ok|not ok|#) |\.\.\. (ok|FAILED)|^parallel group|rror|could not' | sed -u 's/^/    /'
}

# count_regress SUITE LOG STATUS OUTPUTDIR - PostgreSQL 15 says "test x ... ok", 16 and later speak TAP.
count_regress() {
    local suite=$1 log=$2 status=$3 output=$4 ok bad
    ok=$(count_lines '^ok |^(test | {5}).* \.\.\. ok ' "$log")
    bad=$(count_lines '^not ok |^(test | {5}).* \.\.\. FAILED' "$log")
    if ((status != 0)); then
        ((bad > 0)) || bad=1
        [[ ! -e $output/regression.diffs ]] || cp "$output/regression.diffs" "$LOGS/$suite.diffs"
        [[ ! -e $LOGS/$suite.diffs ]] || head -n 300 "$LOGS/$suite.diffs"
        show_crashes
    fi
    add_count "$suite" "$ok" "$bad"
    show_sanitizer_reports
}

# The log of the server, of which only what a crash leaves is of interest here.
show_crashes() {
    cp "$WORK/server.log" "$LOGS/server.log"
    grep -E -A 3 'PANIC:|TRAP:|was terminated by|runtime error:' "$WORK/server.log" | head -n 60 || true
    say "the server's log: $LOGS/server.log"
}

# Whatever a sanitizer reported fails the suite, though the session's end may have looked like a test's expected error.
show_sanitizer_reports() {
    local report found=no
    for report in "$WORK"/asan.*; do
        [[ -e $report ]] || continue
        found=yes
        head -n 60 "$report"
        mv "$report" "$LOGS"
    done
    if grep -q 'runtime error:' "$WORK/server.log"; then
        found=yes
        grep -A 8 'runtime error:' "$WORK/server.log" | head -n 100
    fi
    [[ $found == no ]]
}
