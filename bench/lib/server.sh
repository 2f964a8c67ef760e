# shellcheck shell=bash
# The private server that is measured: both extensions in one installation, the same memory and workers for both.

start_bench_server() {
    local memory_kb shared_buffers=${BENCH_SHARED_BUFFERS:-}
    memory_kb=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
    if [[ -z $shared_buffers ]]; then
        shared_buffers=$((memory_kb / 4 < 6 << 20 ? memory_kb / 4096 : 6144))MB
    fi
    plan_prefix "$WORK/prefix"
    assemble_prefix
    hand_over
    start_cluster
    cat >>"$WORK/data/postgresql.conf" <<CONF
shared_buffers = $shared_buffers
maintenance_work_mem = ${BENCH_BUILD_GB}GB
max_parallel_maintenance_workers = 1
max_parallel_workers_per_gather = 0
jit = off
autovacuum = off
synchronous_commit = off
max_wal_size = 100GB
checkpoint_timeout = 1d
CONF
    as_server_user "$PREFIX_BIN/pg_ctl" -D "$WORK/data" -l "$WORK/server.log" -w restart >/dev/null
    make_databases
    say "shared_buffers $shared_buffers, maintenance_work_mem ${BENCH_BUILD_GB}GB"
}

make_databases() {
    run_psql postgres -c "CREATE DATABASE pgvector" -c "CREATE DATABASE pgslab"
    run_psql pgvector -c "CREATE EXTENSION vector"
    run_psql pgslab -c "CREATE EXTENSION pgslab"
}

# As of a server that has run for a while: its buffers were written to before, and WAL goes to segments that are there. What is touched for the first
# time has to be given by the system, which a virtual machine takes long for.
warm_server() {
    local buffers
    buffers=$(run_psql postgres -A -t -c "SELECT setting FROM pg_settings WHERE name = 'shared_buffers'")
    run_psql postgres -c "ALTER SYSTEM SET min_wal_size = '8GB'" -c "SELECT pg_reload_conf()" >/dev/null
    run_psql postgres -c "CREATE TABLE filler (x char(8000) STORAGE plain)" -c "INSERT INTO filler SELECT '' FROM generate_series(1, $buffers)" \
        -c "DROP TABLE filler" -c CHECKPOINT
    sync
    say "all buffers were written to, and segments of WAL wait to be used again"
}

# run_client ENGINE COMMAND OPTION...
run_client() {
    local engine=$1 command=$2
    shift 2
    "$TOOLS/client" "$command" --conninfo "host=$WORK/socket user=postgres dbname=$engine" --engine "$engine" "$@"
}
