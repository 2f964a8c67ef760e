# shellcheck shell=bash
# The benchmark's own programs, built into build/bench.

TOOLS=$ROOT/build/bench

build_tools() {
    mkdir -p "$TOOLS"
    # The generator's results are the same everywhere: no fused multiplication whatever the CPU has.
    build_tool generate -O3 -ffp-contract=off -pthread
    build_tool client -O2 -isystem "$("$PG_CONFIG" --includedir)" -lpq
}

# build_tool NAME FLAG... - from bench/NAME and bench/common, when they changed.
build_tool() {
    local name=$1
    shift
    if [[ ! -e $TOOLS/$name || -n $(find "$ROOT/bench/$name" "$ROOT/bench/common" "${BASH_SOURCE[0]}" -newer "$TOOLS/$name") ]]; then
        run_logged "$TOOLS/$name.log" g++ -std=c++20 -I"$ROOT/bench" -o "$TOOLS/$name" "$ROOT/bench/$name"/*.cpp \
            "$ROOT"/bench/common/*.cpp "$@"
    fi
}
