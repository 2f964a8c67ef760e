# shellcheck shell=bash
# What the scripts print: numbered steps with the seconds since the start, and one way to give up.

step_number=0

step() {
    step_number=$((step_number + 1))
    printf '\n[%d] %s (%d s)\n' "$step_number" "$*" "$SECONDS"
}

say() {
    printf '    %s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# run_logged LOG COMMAND... - runs a command whose output matters only when it fails.
run_logged() {
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        printf '    failed: %s\n    (all of its output: %s)\n' "$*" "$log" >&2
        return 1
    fi
}
