#!/usr/bin/env bash
# Builds PostgreSQL itself, from Debian's source package, with assertions and AddressSanitizer, into build/server-asan.
# Then the tests run on it with everything instrumented, the extension included:
#
#   scripts/sanitized_server.sh
#   ASAN_OPTIONS=detect_leaks=0 PG_CONFIG=build/server-asan/bin/pg_config scripts/test.sh --server-asan regress isolation pgtap
#
# Takes about ten minutes on two cores. Needs root, or passwordless sudo, only where packages are missing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib/setup.sh"

release=${1:-15}
sources=$ROOT/build/server-source
prefix=$ROOT/build/server-asan

# fetch_source - unpacks the upstream tarball of the source package. Uses package lists of its own, so that the system's
# list of sources need not name source packages.
fetch_source() {
    local lists=$sources/apt code
    code=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    mkdir -p "$lists/lists/partial"
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $code main" \
        >"$lists/sources.list"
    local options=(-o "Dir::State::Lists=$lists/lists" -o "Dir::Etc::SourceList=$lists/sources.list"
        -o Dir::Etc::SourceParts=/nonexistent -o APT::Sandbox::User=root -q)
    run_logged "$sources/apt.log" apt-get "${options[@]}" update
    (cd "$sources" && run_logged "$sources/fetch.log" apt-get "${options[@]}" source --download-only "postgresql-$release")
    mkdir -p "$sources/tree"
    tar -C "$sources/tree" --strip-components 1 -xf "$sources"/postgresql-"$release"_*.orig.tar.*
}

build_server() {
    cd "$sources/tree"
    export ASAN_OPTIONS=detect_leaks=0
    run_logged "$sources/configure.log" ./configure --prefix="$prefix" --enable-cassert --enable-debug --enable-tap-tests \
        --without-readline --without-zlib --without-icu \
        CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address' LDFLAGS='-fsanitize=address'
    run_logged "$sources/make.log" make -s -j "$JOBS"
    run_logged "$sources/make.log" make -s install
    run_logged "$sources/make.log" make -s -C contrib/pageinspect install
    run_logged "$sources/make.log" make -s -C src/test/isolation install
}

step "Packages"
require_packages gcc make bison flex libipc-run-perl
step "Source of PostgreSQL $release"
mkdir -p "$sources"
[[ -e $sources/tree/configure ]] || fetch_source
step "Building it with assertions and AddressSanitizer"
build_server
step "Done"
say "ASAN_OPTIONS=detect_leaks=0 PG_CONFIG=$prefix/bin/pg_config scripts/test.sh --server-asan regress isolation pgtap"
