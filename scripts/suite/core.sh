# shellcheck shell=bash
# The core's unit tests, which need no PostgreSQL: as released, and where a read or write out of bounds or undefined
# behaviour ends the run.

suite_core() {
    run_core_tests core release
}

suite_sanitize() {
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=print_stacktrace=1
    run_core_tests sanitize sanitize
}

# run_core_tests SUITE PRESET
run_core_tests() {
    local suite=$1 preset=$2 log=$LOGS/$1.log status=0 ok bad
    build_preset "$preset"
    "$ROOT/build/$preset/core_test" --gtest_color=no >"$log" 2>&1 || status=$?
    ok=$(count_lines '\[       OK \] ' "$log")
    bad=$(count_lines '\[  FAILED  \] .* \([0-9]+ ms\)$' "$log")
    if ((status != 0)); then
        # A crash names no test as failed.
        ((bad > 0)) || bad=1
        grep -vE '^\[ RUN  |^\[       OK |^\[---|^$' "$log" | tail -n 150 || true
        say "all of the output: $log"
    fi
    grep -E '\[  (SKIPPED|DISABLED) ?\]|DISABLED TEST' "$log" | sort -u | sed 's/^/    /' || true
    add_count "$suite" "$ok" "$bad"
}

build_preset() {
    local preset=$1
    mkdir -p "$ROOT/build"
    (
        flock 9
        run_logged "$LOGS/cmake-$preset.log" cmake --preset "$preset"
        run_logged "$LOGS/build-$preset.log" cmake --build --preset "$preset" -j "$JOBS"
    ) 9>"$ROOT/build/.lock-$preset"
}
