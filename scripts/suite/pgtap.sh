# shellcheck shell=bash
# test/pgtap: what must hold, stated in SQL and checked on generated data.

suite_pgtap() {
    local status=0
    need_server plain
    copy_for_server pgtap "$ROOT/test/pgtap/."
    run_psql postgres -c 'CREATE DATABASE pgtap'
    run_psql pgtap -c 'CREATE EXTENSION pgtap' -c 'CREATE EXTENSION pgslab'
    PATH=$PREFIX_BIN:$PATH as_server_user pg_prove --verbose -h "$WORK/socket" -U postgres -d pgtap "$COPY"/*.sql \
        >"$LOGS/pgtap.log" 2>&1 || status=$?
    show_files "$LOGS/pgtap.log"
    count_tap pgtap "$LOGS/pgtap.log" "$status"
    show_sanitizer_reports
}
