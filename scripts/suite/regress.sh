# shellcheck shell=bash
# sql/*.sql against expected/*.out, in the order and the parallel groups of sql/schedule.

suite_regress() {
    local status=0
    need_server plain
    copy_for_server regress "$ROOT/sql" "$ROOT/expected"
    as_server_user "$REGRESS_TOOLS/regress/pg_regress" --bindir="$PREFIX_BIN" --host="$WORK/socket" --user=postgres \
        --load-extension=pgslab --inputdir="$COPY" --outputdir="$COPY" --schedule="$COPY/sql/schedule" 2>&1 |
        tee "$LOGS/regress.log" | show_regress || status=$?
    count_regress regress "$LOGS/regress.log" "$status" "$COPY"
}
