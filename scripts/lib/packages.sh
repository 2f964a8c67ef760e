# shellcheck shell=bash
# Debian packages: which are needed, which are missing, and installing those. When nothing is missing apt is not called.

# The server as such, not the metapackage, so that nothing beyond what is used comes along.
packages_for_demo() {
    echo g++ make libsimde-dev libisal-dev
    [[ $PG_PACKAGED == no ]] || echo "postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR"
}

packages_for_tests() {
    packages_for_server_suites
    echo cmake libgtest-dev libgmock-dev libbenchmark-dev
    echo clang libclang-rt-dev clang-format clang-tidy
}

packages_for_server_suites() {
    packages_for_demo
    echo libtap-parser-sourcehandler-pgtap-perl libipc-run-perl zstd pgbouncer
    [[ $PG_PACKAGED == no ]] || echo "postgresql-$PG_MAJOR-pgtap"
    [[ $PG_PACKAGED == no ]] || packaged "postgresql-$PG_MAJOR-pgvector"
}

# packaged NAME... - those of the packages that this system installs or has installed: what tests can do without.
packaged() {
    local package
    for package in "$@"; do
        [[ -z $(missing_packages "$package") || -n $(candidate_version "$package") ]] && echo "$package"
    done
    return 0
}

# require_packages NAME... - returns when all are installed, and says what to do when they cannot be.
require_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} > 0)) || return 0
    if ! become_root; then
        die "packages are missing, and installing them takes root. Run:
    sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    install_packages "${missing[@]}"
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} == 0)) || die "still missing after apt-get install: ${missing[*]}"
}

missing_packages() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
    done
}

# Sets AS_ROOT to the words that turn a command into root's, or fails.
become_root() {
    if ((EUID == 0)); then
        AS_ROOT=()
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        AS_ROOT=(sudo -n)
    else
        return 1
    fi
}

candidate_version() {
    apt-cache policy "$1" 2>/dev/null | sed -nE 's/^ +Candidate: ([0-9].*)/\1/p'
}

update_package_lists() {
    mkdir -p "$ROOT/build"
    run_logged "$ROOT/build/apt.log" "${AS_ROOT[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update
}

# A fresh machine has no package lists, and old lists name files the mirror no longer has: so update, but only then.
install_packages() {
    local package
    mkdir -p "$ROOT/build"
    for package in "$@"; do
        if [[ -z $(candidate_version "$package") ]]; then
            update_package_lists
            break
        fi
    done
    forbid_main_cluster
    if ! apt_install "$@" >"$ROOT/build/apt.log" 2>&1; then
        update_package_lists
        run_logged "$ROOT/build/apt.log" apt_install "$@" || {
            allow_main_cluster
            die "apt-get install failed"
        }
    fi
    allow_main_cluster
}

apt_install() {
    "${AS_ROOT[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
        apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
}

# Installing a server package would create and start a cluster of its own. A drop-in keeps it from that while we install,
# and leaves the system as it was.
cluster_dropin=/etc/postgresql-common/createcluster.d/pgslab-install.conf

forbid_main_cluster() {
    "${AS_ROOT[@]}" mkdir -p "${cluster_dropin%/*}"
    "${AS_ROOT[@]}" tee "$cluster_dropin" >/dev/null <<<'create_main_cluster = false'
}

allow_main_cluster() {
    "${AS_ROOT[@]}" rm -f "$cluster_dropin"
    "${AS_ROOT[@]}" rmdir --ignore-fail-on-non-empty "${cluster_dropin%/*}"
}
