# shellcheck shell=bash
# A private server in the workspace: reachable by its socket only, which only its user and root can get at.

# What else the server is to find in its environment, as NAME=VALUE.
SERVER_ENVIRONMENT=()

start_cluster() {
    as_server_user "$PREFIX_BIN/initdb" -D "$WORK/data" -U postgres -A trust -E UTF8 --no-locale -N >"$WORK/initdb.log" ||
        die "initdb failed: $(tail "$WORK/initdb.log")"
    mkdir -p "$WORK/socket"
    cat >>"$WORK/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$WORK/socket'
fsync = off
shared_buffers = 256MB
max_wal_size = 2GB
max_prepared_transactions = 8
log_line_prefix = '%m [%p] %q%d '
log_checkpoints = off
CONF
    hand_over
    as_server_user env "${SERVER_ENVIRONMENT[@]}" "$PREFIX_BIN/pg_ctl" -D "$WORK/data" -l "$WORK/server.log" -t 120 -w start >/dev/null || {
        tail -n 20 "$WORK/server.log" >&2
        die "the private server did not start"
    }
}

cluster_runs() {
    [[ -e $WORK/data/postmaster.pid ]] && as_server_user "$PREFIX_BIN/pg_ctl" -D "$WORK/data" status >/dev/null
}

# Stops every server below the workspace, those that an interrupted test left included.
stop_clusters() {
    local pidfile
    [[ -n ${WORK:-} && -d $WORK ]] || return 0
    while read -r pidfile; do
        as_server_user "$PREFIX_BIN/pg_ctl" -D "${pidfile%/*}" -m immediate -t 60 -w stop >/dev/null 2>&1 || true
    done < <(find "$WORK" -name postmaster.pid)
}

# run_psql DATABASE ARGUMENT...
run_psql() {
    local database=$1
    shift
    "$PREFIX_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$WORK/socket" -U postgres -d "$database" "$@"
}
