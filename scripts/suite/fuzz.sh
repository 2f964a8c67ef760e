# shellcheck shell=bash
# Every fuzzer for a while, from where its last run ended and from the inputs in test/fuzz/<target>/. A target is one test.
# The short version always draws the same random numbers, so that a change is what makes it fail; the long one looks further.

suite_fuzz() {
    local source seconds=${FUZZ_SECONDS:-10} seed=1
    [[ $LONG == no ]] || { seconds=${FUZZ_SECONDS:-600} && seed=0; }
    build_preset fuzz
    for source in "$ROOT"/src/core/*/*_fuzz.cpp; do
        [[ -e $source ]] || continue
        run_fuzzer "$(basename "$source" .cpp)" "$seconds" "$seed"
    done
}

run_fuzzer() {
    local target=$1 seconds=$2 seed=$3 log=$LOGS/$1.log corpus=$ROOT/build/fuzz/corpus/$1 folders runs
    mkdir -p "$corpus"
    folders=("$corpus")
    [[ ! -d $ROOT/test/fuzz/$target ]] || folders+=("$ROOT/test/fuzz/$target")
    if "$ROOT/build/fuzz/$target" -max_total_time="$seconds" -seed="$seed" -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$LOGS/$target-" "${folders[@]}" >"$log" 2>&1; then
        runs=$(sed -nE 's/^stat::number_of_executed_units: ([0-9]+)/\1/p' "$log")
        say "ok      $target: $runs inputs in $seconds s"
        add_count fuzz 1 0
    else
        say "FAILED  $target"
        tail -n 60 "$log"
        add_count fuzz 0 1
    fi
}
