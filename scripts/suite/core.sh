# shellcheck shell=bash
# The core's unit tests, which need no PostgreSQL: as released, and where a read or write out of bounds or undefined
# behaviour ends the run.

suite_core() {
    build_preset release
    run_core_tests core release
}

suite_sanitize() {
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=print_stacktrace=1
    # Compiles in two thirds of the time that -O2 takes, and runs as fast under the sanitizers.
    build_preset sanitize -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O1 -gline-tables-only'
    # What thousands of searches find is the same here and takes minutes: its tests are left out of a short run.
    local filter='-*/Recall.*:*/RecallKept.*:*/RecallOfManyRows.*:*/Approximate.DeliversTheRecall*:*/Prefix.DeliversTheRecall*'
    [[ $LONG == no ]] || filter='*'
    run_core_tests sanitize sanitize "$filter"
}

# run_core_tests SUITE PRESET [FILTER] - the tests dealt out to as many processes as there are processors.
run_core_tests() {
    local suite=$1 preset=$2 filter=${3:-'*'} shard pids=()
    [[ $LONG == no ]] || export PGSLAB_LONG=1
    for ((shard = 0; shard < JOBS; shard++)); do
        GTEST_TOTAL_SHARDS=$JOBS GTEST_SHARD_INDEX=$shard "$ROOT/build/$preset/core_test" --gtest_color=no "--gtest_filter=$filter" \
            >"$LOGS/$suite.$shard.log" 2>&1 &
        pids+=($!)
    done
    for ((shard = 0; shard < JOBS; shard++)); do
        local status=0
        wait "${pids[$shard]}" || status=$?
        count_core_tests "$suite" "$LOGS/$suite.$shard.log" "$status"
    done
}

# count_core_tests SUITE LOG STATUS
count_core_tests() {
    local suite=$1 log=$2 status=$3 ok bad
    ok=$(count_lines '\[       OK \] ' "$log")
    bad=$(count_lines '\[  FAILED  \] .* \([0-9]+ ms\)$' "$log")
    if ((status != 0)); then
        # A crash names no test as failed.
        ((bad > 0)) || bad=1
        grep -vE '^\[ RUN  |^\[       OK |^\[---|^$' "$log" | tail -n 150 || true
        grep -E '^\[ RUN  ' "$log" | tail -n 1
        say "exit status $status; all of the output: $log"
    fi
    grep -E '\[  (SKIPPED|DISABLED) ?\]|DISABLED TEST' "$log" | sort -u | sed 's/^/    /' || true
    add_count "$suite" "$ok" "$bad"
}

# build_preset PRESET [CMAKE-OPTION...]
build_preset() {
    local preset=$1
    shift
    mkdir -p "$ROOT/build"
    (
        flock 9
        run_logged "$LOGS/cmake-$preset.log" cmake --preset "$preset" "$@"
        run_logged "$LOGS/build-$preset.log" cmake --build --preset "$preset" -j "$JOBS"
    ) 9>"$ROOT/build/.lock-$preset"
}
