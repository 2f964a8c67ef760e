#!/usr/bin/env bash
# Makes two sets of real vectors of texts, docs256 and words128. See bench/README.md.
#
#   bench/texts.sh [DIRECTORY]     they are folders of it (of build/bench-data/texts)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/tools.sh"
source "$ROOT/bench/lib/texts.sh"

folder=$(realpath -m "${1:-$ROOT/build/bench-data/texts}")
# What the chroot of other benchmarks has built may need newer libraries than there are here.
TOOLS=$ROOT/build/texts

step "Building"
require_packages g++ libeigen3-dev
build_generator

step "Vectors"
make_text_sets "$folder"
say "docs256 and words128 are in $folder"
