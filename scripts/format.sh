#!/usr/bin/env bash
# Rewrites all C and C++ sources as .clang-format asks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
find src \( -name '*.cpp' -o -name '*.c' -o -name '*.h' \) -print0 | xargs -0 clang-format -i
