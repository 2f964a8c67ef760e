# shellcheck shell=bash
# PostgreSQL built from Debian's source package, for what the packaged server leaves out: assertions, sanitizers.

# build_source_server VARIANT - cassert (assertions) or asan (AddressSanitizer as well), in build/pgN-server-VARIANT, unless it is there.
# N is the major that choose_postgres found. Sets PG_CONFIG to it.
build_source_server() {
    local variant=$1 sanitizer='' prefix sources
    prefix=$ROOT/build/pg$PG_MAJOR-server-$variant
    sources=$ROOT/build/pg$PG_MAJOR-server-source
    if [[ ! -e $prefix/.complete ]]; then
        require_packages gcc make bison flex perl libipc-run-perl dpkg-dev xz-utils bzip2
        mkdir -p "$sources"
        [[ -e $sources/tree/configure ]] || fetch_server_source "$sources"
        say "building PostgreSQL $PG_MAJOR ($variant), which takes some minutes"
        [[ $variant != asan ]] || sanitizer=-fsanitize=address
        compile_server "$sources/tree" "$sources/$variant" "$prefix" "$sanitizer"
        share_pgtap "$prefix"
        touch "$prefix/.complete"
    fi
    PG_CONFIG=$prefix/bin/pg_config
    PG_PACKAGED=no
    export PG_CONFIG
}

# Unpacks the upstream tarball of the source package. Uses package lists of its own, so that the system's list of sources need not name
# source packages.
fetch_server_source() {
    local lists=$1/apt code keys=(/usr/share/keyrings/debian-archive-keyring.*) options
    code=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    rm -rf "$1/tree.new"
    mkdir -p "$lists/lists/partial" "$1/tree.new"
    echo "deb-src [signed-by=${keys[0]}] http://deb.debian.org/debian $code main" >"$lists/sources.list"
    options=(-o "Dir::State::Lists=$lists/lists" -o "Dir::Etc::SourceList=$lists/sources.list"
        -o Dir::Etc::SourceParts=/nonexistent -o APT::Sandbox::User=root -q)
    run_logged "$1/apt.log" apt-get "${options[@]}" update
    (cd "$1" && run_logged "$1/fetch.log" apt-get "${options[@]}" source --download-only "postgresql-$PG_MAJOR")
    tar -C "$1/tree.new" --strip-components 1 -xf "$1"/postgresql-"$PG_MAJOR"_*.orig.tar.*
    mv "$1/tree.new" "$1/tree"
}

# compile_server TREE BUILD PREFIX SANITIZER-FLAG
compile_server() (
    # What leaks until it exits is of no interest in the programs that the build runs.
    [[ -z $4 ]] || export ASAN_OPTIONS=detect_leaks=0
    mkdir -p "$2"
    cd "$2"
    run_logged "$2/configure.log" "$1/configure" --prefix="$3" --enable-cassert --enable-debug --enable-tap-tests \
        --without-readline --without-zlib --without-icu CFLAGS="-O1 -g -fno-omit-frame-pointer $4" LDFLAGS="$4"
    run_logged "$2/make.log" make -s -j "$JOBS"
    run_logged "$2/make.log" make -s install
    run_logged "$2/make.log" make -s -C contrib/pageinspect install
    run_logged "$2/make.log" make -s -C contrib/pg_prewarm install
    run_logged "$2/make.log" make -s -C contrib/auto_explain install
    run_logged "$2/make.log" make -s -C contrib/test_decoding install
    run_logged "$2/make.log" make -s -C src/test/isolation install
)

# pgTAP is SQL alone, so the packaged one serves any server of its major.
share_pgtap() {
    require_packages "postgresql-$PG_MAJOR-pgtap"
    ln -sft "$("$1/bin/pg_config" --sharedir)/extension" /usr/share/postgresql/"$PG_MAJOR"/extension/pgtap*
}
