# shellcheck shell=bash
# test/isolation: concurrent sessions, step by step; they may use stop points.

suite_isolation() {
    local status=0 specs
    need_server testing
    # Its snapshots would keep VACUUM from removing rows, now and then.
    run_psql postgres -c 'ALTER SYSTEM SET autovacuum = off' -c 'SELECT pg_reload_conf()' >/dev/null
    copy_for_server isolation "$ROOT/test/isolation/."
    mapfile -t specs < <(find "$COPY/specs" -name '*.spec' -printf '%P\n' | sed 's/\.spec$//' | sort)
    as_server_user "$REGRESS_TOOLS/isolation/pg_isolation_regress" --bindir="$PREFIX_BIN" --host="$WORK/socket" \
        --user=postgres --load-extension=pgslab --inputdir="$COPY" --outputdir="$COPY" "${specs[@]}" 2>&1 |
        tee "$LOGS/isolation.log" | show_regress || status=$?
    count_regress isolation "$LOGS/isolation.log" "$status" "$COPY"
}
