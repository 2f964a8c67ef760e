# shellcheck shell=bash
# Builds the extension out of tree: build/pgN-<variant> mirrors the sources by symlinks, and PGXS builds in there.

# build_extension VARIANT - plain, testing (with stop points, src/pg/base/stop_point.h) or asan (with both, and assertions); sets BUILD to the folder that holds pgslab.so, the control file and the SQL.
build_extension() {
    local variant=$1 flags=()
    BUILD=$ROOT/build/pg$PG_MAJOR-$variant
    case $variant in
        testing) flags=("COPT=$STOP_POINT_FLAGS") ;;
        asan) flags=("COPT=$SANITIZER_FLAGS $STOP_POINT_FLAGS" "CXX=g++ $SANITIZER_FLAGS") ;;
    esac
    mkdir -p "$BUILD"
    # Two runs in one checkout must not build over each other.
    (
        flock 9
        mirror_sources
        run_logged "$BUILD/make.log" make -s -C "$BUILD" -j "$JOBS" PG_CONFIG="$PG_CONFIG" "${flags[@]}" all
    ) 9>"$BUILD/.lock"
}

STOP_POINT_FLAGS=-DPGSLAB_STOP_POINTS
SANITIZER_FLAGS='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DPGSLAB_ASSERTIONS'

# PGXS keeps no track of the compiler's flags, so other flags or another server mean a build from scratch.
mirror_sources() {
    local inputs
    inputs=$("$PG_CONFIG" --version && cat "$ROOT/Makefile" && echo "${flags[@]}")
    if [[ -e $BUILD/.inputs && $(<"$BUILD/.inputs") != "$inputs" ]]; then
        find "$BUILD" -type f \( -name '*.o' -o -name '*.d' -o -name '*.so' \) -delete
    fi
    cp -rsf "$ROOT"/{Makefile,pgslab.control,extension,src} "$BUILD"
    find "$BUILD" -xtype l -delete
    printf '%s\n' "$inputs" >"$BUILD/.inputs"
}

# plan_prefix DIR - a private installation in DIR: PostgreSQL looks for its files beside the real place of its binaries,
# so copied binaries with the same layout around them, everything else linked, find our extension there and leave the
# system's installation alone. Sets PREFIX_BIN, PREFIX_LIB, PREFIX_SHARE.
plan_prefix() {
    local common
    SYSTEM_BIN=$("$PG_CONFIG" --bindir)
    SYSTEM_LIB=$("$PG_CONFIG" --pkglibdir)
    SYSTEM_SHARE=$("$PG_CONFIG" --sharedir)
    common=$(common_folder "$SYSTEM_BIN" "$SYSTEM_LIB" "$SYSTEM_SHARE")
    PREFIX_BIN=$1${SYSTEM_BIN#"$common"}
    PREFIX_LIB=$1${SYSTEM_LIB#"$common"}
    PREFIX_SHARE=$1${SYSTEM_SHARE#"$common"}
}

# Fills the prefix that was planned. No server may be running on it.
assemble_prefix() {
    mkdir -p "$PREFIX_BIN" "$PREFIX_LIB" "$PREFIX_SHARE/extension"
    cp -pL "$SYSTEM_BIN"/* "$PREFIX_BIN"
    find "$SYSTEM_LIB" -mindepth 1 -maxdepth 1 -exec ln -sft "$PREFIX_LIB" {} +
    find "$SYSTEM_SHARE" -mindepth 1 -maxdepth 1 ! -name extension -exec ln -sft "$PREFIX_SHARE" {} +
    find "$SYSTEM_SHARE/extension" -mindepth 1 -maxdepth 1 -exec ln -sft "$PREFIX_SHARE/extension" {} +
    cp --remove-destination "$BUILD/pgslab.so" "$PREFIX_LIB"
    cp --remove-destination "$BUILD/pgslab.control" "$BUILD"/extension/*.{control,sql} "$PREFIX_SHARE/extension"
}

# The deepest folder that all of the paths lie below.
common_folder() {
    local common=$1 path
    for path in "$@"; do
        while [[ $path/ != "$common"/* ]]; do
            common=${common%/*}
        done
    done
    echo "$common"
}
