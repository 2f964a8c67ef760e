# shellcheck shell=bash
# test/t: one claim about whole servers in each file (crash recovery, replicas, backups), with PostgreSQL's own test modules. As many
# files at once as there are processors; each has servers, folders and a log of its own.

suite_tap() {
    local status=0
    need_installation testing
    copy_for_server tap "$ROOT/test/t" "$ROOT/test/compat"
    [[ $LONG == no ]] || export PGSLAB_LONG=1
    # As PostgreSQL's makefiles set them.
    (
        cd "$COPY"
        export PATH=$PREFIX_BIN:$PATH PG_REGRESS=$REGRESS_TOOLS/regress/pg_regress PGPORT=65432
        export TESTDIR=$COPY TESTDATADIR=$COPY/tmp_check TESTLOGDIR=$COPY/tmp_check/log
        # shellcheck disable=SC2016 # the inner shell's
        printf '%s\n' "$COPY"/t/*.pl | as_server_user xargs -P "$JOBS" -n 1 \
            sh -c 'prove --verbose -I "$0" -I "${1%/*}" "$1" >"$1.log" 2>&1' "$REGRESS_TOOLS/perl"
    ) || status=$?
    cat "$COPY"/t/*.pl.log >"$LOGS/tap.log"
    show_files "$LOGS/tap.log"
    count_tap tap "$LOGS/tap.log" "$status"
    if ((status != 0)) && [[ -d $COPY/tmp_check/log ]]; then
        rm -rf "$LOGS/tap"
        cp -r "$COPY/tmp_check/log" "$LOGS/tap"
        say "the servers' logs: $LOGS/tap"
    fi
}
