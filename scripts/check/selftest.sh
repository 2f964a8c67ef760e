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
    mkdir -p "$tree"/{src/core/{base,kernels,ivf,api,include/pgslab},src/pg/{base,store,am},sql,expected,scripts/{lib,suite},objects} \
        "$tree"/test/{isolation/specs,isolation/expected,pgtap,t,fuzz/page_fuzz}
    cd "$tree"
    cp "$root/.clang-format" .
    touch Makefile CMakeLists.txt CMakePresets.json scripts/run.sh
    touch src/core/base/{error.h,page_fuzz.cpp} src/core/kernels/kernels.h
    sound_boundary
    printf '#include <vector>\n\n#include "base/error.h"\n#include "pgslab/scan.h"\n' >src/core/ivf/search_test.cpp
    sound_shims
    echo 'test: vec' >sql/schedule
    touch sql/vec.sql expected/vec.out test/isolation/{specs/scan.spec,expected/scan.out} test/pgtap/recall.sql \
        test/t/001_crash.pl
    echo 'int sum() { return 1; }' | compile
}

# Each folder has a header with a function, and a file that defines it with the help of those below.
sound_shims() {
    touch src/pg/{,base/,store/,am/}README.md src/pg/module.c
    echo 'extern int slab_effort(void);' >src/pg/base/settings.h
    printf '#include "base/settings.h"\n\nint slab_effort(void) {\n    return 1;\n}\n' >src/pg/base/settings.c
    echo 'extern int slab_read(int block);' >src/pg/store/page.h
    printf '#include "store/page.h"\n\nint slab_read(int block) {\n    return block;\n}\n' >src/pg/store/buffer.c
    printf '#include "postgres.h"\n\n#include <math.h>\n\n#include "pgslab/scan.h"\n#include "store/page.h"\n' >src/pg/am/scan.c
}

# One function that may allocate, and a test that has it run out of memory.
sound_boundary() {
    echo 'extern "C" int pgs_scan(int *slot);' >src/core/include/pgslab/scan.h
    cat >src/core/api/guard.h <<'SOURCE'
template <typename Body>
int guard(Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return 1;
    }
}
SOURCE
    cat >src/core/api/scan_api.cpp <<'SOURCE'
#include "api/guard.h"
#include "pgslab/scan.h"

int pgs_scan(int *slot) {
    return guard([&] { return *new int[*slot]; });
}
SOURCE
    echo '// "pgs_scan"' >src/core/api/out_of_memory_test.cpp
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
objects core_sans_postgres "a shim's header" 'echo "#include \"../../pg/store/page.h\"" >>src/core/base/error.h'
objects core_layers "base including ivf" 'touch src/core/ivf/a.h; echo "#include \"ivf/a.h\"" >>src/core/base/error.h'
objects core_layers "the boundary including a room" 'echo "#include \"base/error.h\"" >>src/core/include/pgslab/scan.h'
objects core_layers "a room including one beside it" 'mkdir -p src/core/types src/core/kernels; touch src/core/types/a.h; echo "#include \"types/a.h\"" >src/core/kernels/b.h'
objects core_layers "a room without a layer" 'mkdir src/core/attic'
objects shims_are_c "a C++ file" 'touch src/pg/am/scan.cpp'
objects shims_are_c "a C++ header" 'echo "#include <vector>" >>src/pg/am/scan.c'
objects shims_are_c "the core's inside" 'echo "#include \"base/error.h\"" >>src/pg/am/scan.c'
objects shims_are_c "the core's inside, by a way round" 'echo "#include \"../core/base/error.h\"" >>src/pg/am/scan.c'
objects shims_are_c "C++ in a header" 'echo "template <class T> T f();" >src/pg/am/am.h'
objects shims_are_c "a folder without a README" 'rm src/pg/am/README.md'
objects shim_layers "a folder that includes one above it" 'touch src/pg/am/am.h; echo "#include \"am/am.h\"" >>src/pg/store/buffer.c'
objects shim_layers "a folder that includes one beside it" 'mkdir src/pg/types; echo "#include \"store/page.h\"" >src/pg/types/vec.c'
objects shim_layers "an include without its folder" 'sed -i "s/store.page/page/" src/pg/store/buffer.c'
objects shim_layers "a function declared where it is called" 'echo "extern int slab_insert(void);" >>src/pg/store/buffer.c'
objects shim_layers "a header that declares what is defined elsewhere" 'echo "extern int slab_insert(void);" >>src/pg/store/page.h'
objects shim_layers "a folder without a layer" 'mkdir src/pg/attic'
objects shim_layers "a file in no folder" 'touch src/pg/scan.c'
objects no_exception_leaves "an allocation outside of guard()" 'sed -i "s/guard(.*;/*new int[*slot];/;s/ });//" src/core/api/scan_api.cpp'
objects no_exception_leaves "a function that is wrongly noexcept" 'echo "int *make(int n) noexcept { return new int[n]; }" >src/core/ivf/make.cpp'
objects no_exception_leaves "a function that is not declared" 'echo "extern \"C\" void pgs_more() {}" >>src/core/api/scan_api.cpp'
objects no_exception_leaves "what does not compile" 'echo "int" >>src/core/api/scan_api.cpp'
objects out_of_memory_tested "a function without a test" 'echo "int pgs_more() { return guard([] { return 0; }); }" >>src/core/api/scan_api.cpp'
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
