# shellcheck shell=bash
# Which PostgreSQL to build for: $PG_CONFIG if set, else the newest one installed that has a server, else the
# distribution's. Sets PG_CONFIG, PG_MAJOR and, when Debian packages that PostgreSQL, PG_PACKAGED=yes.

choose_postgres() {
    if [[ -n ${PG_CONFIG:-} ]]; then
        PG_CONFIG=$(command -v "$PG_CONFIG") || die "PG_CONFIG is not a program"
        PG_CONFIG=$(realpath --no-symlinks "$PG_CONFIG")
        PG_MAJOR=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
        [[ $("$PG_CONFIG" --bindir) == /usr/lib/postgresql/* ]] && PG_PACKAGED=yes || PG_PACKAGED=no
    else
        PG_MAJOR=$(newest_installed_major)
        [[ -n $PG_MAJOR ]] || PG_MAJOR=$(distribution_major)
        [[ -n $PG_MAJOR ]] || die "cannot tell which PostgreSQL this system packages;" \
            "run 'apt-get update' as root, or set PG_CONFIG"
        PG_CONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config
        PG_PACKAGED=yes
    fi
    export PG_CONFIG PG_MAJOR
}

newest_installed_major() {
    local server
    for server in /usr/lib/postgresql/*/bin/postgres; do
        if [[ -x $server ]]; then
            cut -d/ -f5 <<<"$server"
        fi
    done | sort -n | tail -n 1
}

# The metapackage's version reads "17+278".
distribution_major() {
    local version
    version=$(candidate_version postgresql)
    if [[ -z $version ]] && become_root; then
        update_package_lists
        version=$(candidate_version postgresql)
    fi
    cut -d+ -f1 <<<"$version"
}
