# shellcheck shell=bash
# The benchmark's own programs, built into build/bench.

TOOLS=$ROOT/build/bench

# Of the Debian that is measured in.
packages_for_benchmarks() {
    packages_for_searches
    echo libhnswlib-dev libfaiss-dev libopenblas-pthread-dev gnuplot-nox
}

# Without plots and other libraries.
packages_for_searches() {
    packages_for_demo
    echo "postgresql-$PG_MAJOR-pgvector" libpq-dev libeigen3-dev zstd
}

build_tools() {
    build_generator
    build_tool client "$ROOT"/bench/client/*.cpp -- -O2 -isystem "$("$PG_CONFIG" --includedir)" -lpq
}

# Its results are the same everywhere: no fused multiplication whatever the CPU has.
build_generator() {
    build_tool generate "$ROOT"/bench/generate/*.cpp -- -O3 -ffp-contract=off -isystem /usr/include/eigen3 -pthread
}

# Libraries that choose their instructions when they are compiled get all that this CPU has, as pgslab does when it runs.
build_memory_tools() {
    build_tool hnswlib "$ROOT"/bench/memory/{hnswlib,measure}.cpp -- -O3 -march=native -pthread
    build_tool faiss "$ROOT"/bench/memory/{faiss,measure}.cpp -- -O3 -march=native -fopenmp -lfaiss -lopenblas
    # pgslab's core as the server has it: the extension's own objects.
    build_extension plain
    build_tool pgslab "$ROOT"/bench/memory/{pgslab,measure}.cpp -- -O3 -I"$ROOT/src/core" -I"$ROOT/src/core/include" "$BUILD"/src/core/*/*.o -lisal
}

# build_tool NAME SOURCE... -- FLAG... - from these and bench/common, when anything there changed.
build_tool() {
    local name=$1 sources=("$ROOT"/bench/common/*.cpp)
    shift
    while [[ $1 != -- ]]; do
        sources+=("$1")
        shift
    done
    shift
    mkdir -p "$TOOLS"
    if [[ ! -e $TOOLS/$name || -n $(find "$ROOT/bench/common" "${sources[-1]%/*}" "${BASH_SOURCE[0]}" -newer "$TOOLS/$name") ]]; then
        run_logged "$TOOLS/$name.log" g++ -std=c++20 -I"$ROOT/bench" -o "$TOOLS/$name" "${sources[@]}" "$@"
    fi
}
