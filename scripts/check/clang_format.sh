#!/usr/bin/env bash
# The sources look as clang-format writes them.
set -euo pipefail
cd "${1:?the root of the sources}"
find src -name '*.cpp' -o -name '*.c' -o -name '*.h' | sort | xargs clang-format --dry-run -Werror
