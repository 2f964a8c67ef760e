# shellcheck shell=bash
# sql/*.sql against expected/*.out, in the order and the parallel groups of sql/schedule, as "make installcheck" runs them.

suite_regress() {
    local status=0
    need_server plain
    copy_for_server regress "$ROOT/Makefile" "$ROOT/sql" "$ROOT/expected"
    as_server_user env PGHOST="$WORK/socket" PGUSER=postgres make -C "$COPY" PG_CONFIG="$PG_CONFIG" installcheck 2>&1 |
        tee "$LOGS/regress.log" | show_regress || status=$?
    count_regress regress "$LOGS/regress.log" "$status" "$COPY"
}
