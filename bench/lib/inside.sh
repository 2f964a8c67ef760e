# shellcheck shell=bash
# How a benchmark that runs inside the chroot begins and ends. The script outside has counted the first step.

# shellcheck source-path=SCRIPTDIR/../..
source "$ROOT/bench/lib/tools.sh"
source "$ROOT/bench/lib/data.sh"
source "$ROOT/bench/lib/server.sh"
source "$ROOT/bench/lib/report.sh"

step_number=1

clean_up() {
    stop_clusters
    remove_workspace
}

# choose_packages FUNCTION - the server, and the packages that it prints, which may depend on the server.
choose_packages() {
    step "Packages"
    choose_postgres
    # shellcheck disable=SC2046 # one word per package
    require_packages $("$1")
    say "PostgreSQL $PG_MAJOR"
}

# The extension, the programs, and the workspace, which whatever happens is removed by clean_up.
build_benchmark() {
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    step "Building"
    build_extension plain
    build_tools
    new_workspace bench
}

end_benchmark() {
    clean_up
    trap - EXIT
    say "The server is stopped and removed."
}
