#!/usr/bin/env bash
# Looks for what the compiler lets pass: layout, clang-tidy on the core, shellcheck (where installed) on the scripts.
# scripts/lint.sh [FILE...] - clang-tidy on these files only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source-path=SCRIPTDIR/..
source scripts/lib/setup.sh
source scripts/suite/core.sh

LOGS=$ROOT/build/log
mkdir -p "$LOGS"
choose_postgres
# shellcheck disable=SC2046 # one word per package
require_packages $(packages_for_tests)

failed=0
step "clang-format"
bash scripts/check/clang_format.sh "$ROOT" || failed=1

step "clang-tidy"
run_logged "$LOGS/cmake-release.log" cmake --preset release
files=("$@")
if ((${#files[@]} == 0)); then
    # Not the kernels, whose header of intrinsics clang-tidy takes minutes over, and not what only tests them.
    mapfile -t files < <(find src/core -name '*.cpp' ! -name 'kernels_*' ! -name '*_test.cpp' ! -name '*_bench.cpp' \
        ! -name '*_fuzz.cpp' | sort)
fi
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$JOBS" clang-tidy -p build/release --quiet || failed=1

step "shellcheck"
if command -v shellcheck >/dev/null; then
    shellcheck -x -a scripts/*.sh scripts/check/*.sh .ci/run || failed=1
else
    say "not installed, so the scripts were not looked at"
fi
exit $failed
