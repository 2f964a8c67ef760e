#!/usr/bin/env bash
# The checks beside this one can fail: each passes on a small tree that keeps the rules, and objects when one is broken.
set -euo pipefail
checks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "${1:?the root of the sources}" && pwd)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
bad=0

sound_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"/{src/core/{base,kernels,index},src/pg,sql,expected,scripts/{lib,suite},objects} \
        "$tree"/test/{isolation/specs,isolation/expected,pgtap,t,fuzz/page_fuzz}
    cd "$tree"
    cp "$root/.clang-format" .
    touch Makefile CMakeLists.txt CMakePresets.json scripts/run.sh
    touch src/core/pgslab_core.h src/core/base/{error.h,page_fuzz.cpp} src/core/kernels/kernels.h
    printf '#include <vector>\n\n#include "base/error.h"\n#include "pgslab_core.h"\n' >src/core/index/search_test.cpp
    printf '#include "postgres.h"\n\n#include <math.h>\n\n#include "pgslab_core.h"\n' >src/pg/am.c
    echo 'test: vec' >sql/schedule
    touch sql/vec.sql expected/vec.out test/isolation/{specs/scan.spec,expected/scan.out} test/pgtap/recall.sql \
        test/t/001_crash.pl
    echo 'int sum() { return 1; }' | compile
}

compile() {
    g++ -x c++ -std=c++20 -c - -o "$tree/objects/kernels_avx2.o"
}

# verdict CHECK - on the tree as it is.
verdict() {
    local subject=$tree
    [[ $1 != kernel_symbols ]] || subject=$tree/objects
    bash "$checks/$1.sh" "$subject" >"$scratch/said" 2>&1
}

# objects CHECK WHAT COMMAND - the check passes on the sound tree, and fails once COMMAND was run in it.
objects() {
    sound_tree
    if ! verdict "$1"; then
        echo "$1.sh objects to a sound tree:"
        cat "$scratch/said"
        bad=1
    fi
    eval "$3"
    if verdict "$1"; then
        echo "$1.sh let pass: $2"
        bad=1
    fi
}

objects core_sans_postgres "a server header" 'echo "#include \"postgres.h\"" >>src/core/base/error.h'
objects core_sans_postgres "a server header in angle brackets" 'echo "#include <access/amapi.h>" >>src/core/base/error.h'
objects core_sans_postgres "a shim's header" 'touch src/pg/vec.h; echo "#include \"../../pg/vec.h\"" >>src/core/base/error.h'
objects core_layers "base including index" 'touch src/core/index/a.h; echo "#include \"index/a.h\"" >>src/core/base/error.h'
objects core_layers "a room without a layer" 'mkdir src/core/attic'
objects shims_are_c "a C++ file" 'touch src/pg/am.cpp'
objects shims_are_c "a C++ header" 'echo "#include <vector>" >>src/pg/am.c'
objects shims_are_c "the core's inside" 'echo "#include \"base/error.h\"" >>src/pg/am.c'
objects shims_are_c "the core's inside, by a way round" 'echo "#include \"../core/base/error.h\"" >>src/pg/am.c'
objects shims_are_c "C++ in a header" 'echo "template <class T> T f();" >src/pg/am.h'
objects no_native "-march=native in the Makefile" 'echo "CFLAGS += -march=native" >Makefile'
objects no_native "-mcpu=native in CMakeLists.txt" 'echo "add_compile_options(-mcpu=native)" >CMakeLists.txt'
objects tests_scheduled "a test that is not scheduled" 'touch sql/more.sql expected/more.out'
objects tests_scheduled "a test that expects nothing" 'rm expected/vec.out'
objects tests_scheduled "a scheduled test that is not there" 'echo "test: gone" >>sql/schedule'
objects tests_scheduled "a test scheduled twice" 'echo "test: vec" >>sql/schedule'
objects tests_scheduled "no schedule" 'rm sql/schedule'
objects tests_scheduled "an expected output of no test" 'touch expected/gone.out'
objects tests_scheduled "a spec that expects nothing" 'touch test/isolation/specs/more.spec'
objects tests_scheduled "a spec outside specs/" 'touch test/isolation/more.spec'
objects tests_scheduled "a TAP test without a number" 'touch test/t/crash.pl'
objects tests_scheduled "a pgTAP test in a folder below" 'mkdir test/pgtap/more; touch test/pgtap/more/a.sql'
objects tests_scheduled "a unit test in no room" 'touch src/core/a_test.cpp'
objects tests_scheduled "a unit test in a folder below" 'mkdir src/core/base/more; touch src/core/base/more/a_test.cpp'
objects tests_scheduled "seeds of no fuzzer" 'mkdir test/fuzz/gone_fuzz'
objects clang_format "a tab" 'printf "int a;\n\tint b;\n" >src/core/base/error.h'
objects kernel_symbols "a shared symbol" 'echo "inline int one() { return 1; } int sum() { return one(); }" | compile'

# A check that is not proven here is not known to work.
for check in "$checks"/*.sh; do
    check=$(basename "$check" .sh)
    [[ $check == selftest ]] || grep -q "^objects $check " "$checks/selftest.sh" || {
        echo "$check.sh: nothing here shows that it can fail"
        bad=1
    }
done
exit $bad
