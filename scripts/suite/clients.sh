# shellcheck shell=bash
# test/clients: clients from npm, unmodified, on a private server; test/clients/README.md says which. Only where it is named, since
# their packages come over the network. CLIENT=name runs one of them.

suite_clients() {
    local column
    need_node
    install_clients
    need_server plain
    # A statement's plan goes to the server's log, where the tests look for the index.
    run_psql postgres -c "LOAD 'auto_explain'" -c "ALTER SYSTEM SET session_preload_libraries = 'auto_explain'" \
        -c "ALTER SYSTEM SET \"auto_explain.log_min_duration\" = 0" -c "ALTER SYSTEM SET \"auto_explain.log_format\" = 'json'" \
        -c "SELECT pg_reload_conf()" >/dev/null
    for column in $(client_columns); do
        run_clients "$column"
    done
}

# The columns of the matrix that this server has the extensions for. pgslab_compat is for servers without pgvector.
client_columns() {
    local extensions=$PREFIX_SHARE/extension
    echo vec
    if [[ ! -e $extensions/vector.control ]]; then
        [[ ! -e $extensions/pgslab_compat.control ]] || echo compat
    elif [[ -e $extensions/pgslab_pgvector.control ]]; then
        echo pgvector
    fi
}

# column_extensions COLUMN
column_extensions() {
    case $1 in
        vec) echo pgslab ;;
        pgvector) echo pgslab vector pgslab_pgvector ;;
        compat) echo pgslab pgslab_compat ;;
    esac
}

# run_clients COLUMN - each test file has a database of its own, made from a template with the column's extensions.
run_clients() {
    local column=$1 status=0 extension log=$LOGS/clients-$1.log
    say "column $column"
    run_psql postgres -c 'SET client_min_messages = warning' -c 'DROP DATABASE IF EXISTS clients_template' -c 'CREATE DATABASE clients_template'
    for extension in $(column_extensions "$column"); do
        run_psql clients_template -c "CREATE EXTENSION $extension"
    done
    copy_for_server clients "$ROOT/test/clients/."
    provide_packages
    # A client that hangs fails.
    (
        cd "$COPY"
        # shellcheck disable=SC2016,SC2086 # $0 is the inner shell's, and a star may stand for all clients
        printf '%s\n' "$COPY"/${CLIENT:-*}.test.mjs |
            as_server_user env CLIENTS_COLUMN="$column" CLIENTS_SOCKET="$WORK/socket" CLIENTS_LOG="$WORK/server.log" \
                xargs -P "$JOBS" -n 1 sh -c '{ echo "$0 .." && timeout 300 node --test-reporter=tap "$0"; } >"$0.log" 2>&1'
    ) || status=$?
    cat "$COPY"/*.log >"$log"
    show_files "$log"
    count_tap clients "$log" "$status"
    ((status == 0)) || show_crashes
}

# The server's user runs them where the packages lie, or a copy of them if it cannot get there.
provide_packages() {
    if as_server_user test -r "$CLIENTS/node_modules/pg/package.json"; then
        ln -s "$CLIENTS/node_modules" "$COPY/node_modules"
    else
        cp -r "$CLIENTS/node_modules" "$COPY/node_modules"
        hand_over
    fi
}

# Any Node that the packages run on, else Debian's.
need_node() {
    local major
    if command -v node >/dev/null; then
        major=$(node --version | sed -E 's/^v([0-9]+).*/\1/')
        ((major >= 18)) || die "the clients need Node 18 or newer, and $(command -v node) is $(node --version)"
    else
        require_packages nodejs
    fi
    say "Node $(node --version)"
}

# install_clients - what package-lock.json names, in build/clients, unless it is there. Sets CLIENTS.
install_clients() {
    local lock=$ROOT/test/clients/package-lock.json
    CLIENTS=$ROOT/build/clients
    mkdir -p "$CLIENTS"
    (
        flock 9
        cmp -s "$lock" "$CLIENTS/installed.json" && exit
        command -v npm >/dev/null || require_packages npm
        say "installing the clients from npm"
        rm -f "$CLIENTS/installed.json"
        cp "$ROOT"/test/clients/{package.json,package-lock.json,.npmrc} "$CLIENTS"
        run_logged "$LOGS/npm.log" npm --prefix "$CLIENTS" ci
        cp "$lock" "$CLIENTS/installed.json"
    ) 9>"$CLIENTS/.lock"
}
