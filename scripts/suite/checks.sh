# shellcheck shell=bash
# Every script in scripts/check is one test; it is given the checkout's root and says what it objects to.

suite_checks() {
    local check subject
    for check in "$ROOT"/scripts/check/*.sh; do
        subject=$ROOT
        # This one looks at objects: those that are installed.
        if [[ $check == */kernel_symbols.sh ]]; then
            build_extension plain || {
                add_count checks 0 1
                continue
            }
            subject=$BUILD
        fi
        if bash "$check" "$subject" >"$LOGS/check.log" 2>&1; then
            say "ok      ${check##*/}"
            add_count checks 1 0
        else
            say "FAILED  ${check##*/}"
            sed 's/^/        /' "$LOGS/check.log"
            add_count checks 0 1
        fi
    done
}
