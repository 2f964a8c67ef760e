# shellcheck shell=bash
# Counting tests. A suite calls add_count once or more; settle_suite adds what it counted to the totals.

# add_count SUITE PASSED FAILED
add_count() {
    echo "$2 $3" >>"$WORK/count.$1"
}

# settle_suite SUITE STATUS - a suite that ended badly, or ran nothing, has failed even where no single test did.
settle_suite() {
    local suite=$1 status=$2 suite_passed=0 suite_failed=0 p f
    if [[ -e $WORK/count.$suite ]]; then
        while read -r p f; do
            suite_passed=$((suite_passed + p))
            suite_failed=$((suite_failed + f))
        done <"$WORK/count.$suite"
    fi
    if ((suite_failed == 0 && status != 0)); then
        say "the suite stopped early"
        suite_failed=1
    elif ((suite_failed == 0 && suite_passed == 0)); then
        say "the suite ran no test"
        suite_failed=1
    fi
    say "$suite: $suite_passed passed, $suite_failed failed"
    passed=$((passed + suite_passed))
    failed=$((failed + suite_failed))
}

# count_lines PATTERN FILE - number of lines that match the extended regular expression.
count_lines() {
    grep -cE -- "$1" "$2" || true
}

# show_files LOG - what each file of tests came to, from the output of prove --verbose.
show_files() {
    awk '
        function show() { if (name) printf "    %-50s %d ok%s\n", name, ok, bad ? ", " bad " NOT OK" : "" }
        match($0, /[^\/ ]+\.(pl|sql|mjs) \.\./) { show(); name = substr($0, RSTART, RLENGTH - 3); ok = bad = 0 }
        /^ok / { ok++ }
        /^not ok / { bad++ }
        /^(All tests successful|Test Summary Report)/ { show(); name = "" }
        END { show() }' "$1"
}

# count_tap SUITE LOG STATUS - counts the assertions of prove --verbose. What is marked TODO or SKIP asserts nothing.
count_tap() {
    local suite=$1 log=$2 status=$3 ok not_ok
    ok=$(grep -E '^ok ' "$log" | grep -civE '# (skip|todo)' || true)
    not_ok=$(grep -E '^not ok ' "$log" | grep -civE '# todo' || true)
    if ((status != 0)); then
        # A script that died, or ran fewer tests than it planned, has no "not ok" to its name.
        ((not_ok > 0)) || not_ok=1
        grep -E '^not ok ' -A 5 "$log" | sed '/^Test Summary/,$d' | head -n 120 || true
        sed -n '/^Test Summary Report/,/^Result: /p' "$log"
        say "all of the output: $log"
    fi
    grep -iE '^ok .*# skip|skipped:' "$log" | sort -u | sed 's/^/    /' || true
    add_count "$suite" "$ok" "$not_ok"
}
