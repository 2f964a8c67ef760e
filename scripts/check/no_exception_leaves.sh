#!/usr/bin/env bash
# No exception leaves the core, and none ends the server: GCC proves it.
#
# Every function that src/core/include declares is called from one that is noexcept, and GCC lists what may throw where nothing
# may: in such a caller, and in whatever else in the core is noexcept. There an exception would be std::terminate(), the end
# of every session. What runs inside guard() has a handler, and is not listed.
#
# A function counts as one that never throws if it is noexcept, which is proved in its turn, or if its body is in sight and
# proves it. Functions of C are named below, so that one more of them is a decision.
set -euo pipefail
c_functions='crc32_iscsi|fprintf'

# Names of the functions for the boundary that files declare or define.
boundary_functions() {
    sed -nE 's/^(extern "C" )?[a-zA-Z][^(]*[ *](pgs_[a-z0-9_]+)\(.*/\2/p' "$@"
}

# One file of the core, to which those callers are added.
translation_unit() {
    printf '#include "%s"\n' "$1"
    cat <<'SOURCE'
template <auto Function> struct NeverThrows;
template <typename Result, typename... Arguments, Result (*function)(Arguments...)>
struct NeverThrows<function> {
    static Result call(Arguments... arguments) noexcept { return function(arguments...); }
};
SOURCE
    boundary_functions "$1" | sed 's/.*/template struct NeverThrows<\&&>;/'
}

# GCC marks a statement [MNT n] that may throw where it must not. Builtins never throw; nor does the end of a handler, for
# what it destroys is an exception of the standard library's.
objections() {
    awk -v source="$1" -v c_functions="(^|[ =])($c_functions) \\\\(" '
        /^;; Function / {
            where = $0
            sub(/^;; Function /, "", where)
            sub(/ \(.*/, "", where)
        }
        /\[MNT [0-9]+\]/ && !/ (__builtin_|__cxa_end_catch )/ && $0 !~ c_functions {
            sub(/^.*\[MNT [0-9]+\] */, "")
            print source ": " where " must not throw, but this may: " $0
            bad = 1
        }
        END { exit bad }'
}

# Compiled, not run: so the kernels may have all instruction sets.
prove() {
    local code wide=()
    [[ $(uname -m) != x86_64 ]] ||
        wide=(-mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx2 -mfma -mf16c)
    code=$(mktemp)
    translation_unit "$1" | g++ -x c++ -std=c++20 -O1 -fno-math-errno "${wide[@]}" -I. -Isrc/core -Isrc/core/include -S -o /dev/null \
        -fdump-tree-optimized-eh="$code" - && objections "$1" <"$code"
    local status=$?
    rm "$code"
    return $status
}

if [[ $1 == --one ]]; then
    set +e
    prove "$2"
    exit
fi

script=$(realpath "${BASH_SOURCE[0]}")
cd "${1:?the root of the sources}"
mapfile -t sources < <(find src/core -name '*.cpp' ! -name '*_test.cpp' ! -name '*_bench.cpp' ! -name '*_fuzz.cpp' | sort)
bad=0
missing=$(comm -3 <(boundary_functions src/core/include/pgslab/*.h | sort) \
    <(for source in "${sources[@]}"; do boundary_functions "$source"; done | sort))
if [[ -n $missing ]]; then
    echo "declared and not defined, or defined and not declared in src/core/include, as far as this script sees:"
    echo "$missing"
    bad=1
fi
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 1 bash "$script" --one || bad=1
exit $bad
