#!/usr/bin/env bash
# Measures searches in memory, outside of PostgreSQL: pgslab's core, hnswlib and Faiss on the same vectors as bench/compare.sh. One thread, one query at
# a time. Needs root, as it works in the same Debian.
#
#   bench/core.sh [OPTION...] [DIRECTORY...]
#
# DIRECTORY           holds a set of real vectors and is called as the set: base.fvecs, query.fvecs, gt100.ivecs, each as it is or
#                     compressed (.zst). Or holds such directories.
# --sets A,B          sets to measure: mix768 (generated) and those of the directories (all of these), docs256 and words128 (of texts)
# --rows N            only the first N rows of each set
# --repetitions N     of each measurement; medians count (3)
# --results DIR       where results go (build/bench-results)
# --release NAME      trixie (Debian 13) or forky (Debian testing), whose PostgreSQL and pgvector are measured (forky)
# --chroot DIR        where that Debian is or is to be (build/ and its name)
# --mirror URL        where it comes from (as this machine's packages)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/options.sh"
source "$ROOT/scripts/lib/chroot.sh"

parse_options "${BASH_SOURCE[0]}" "$@"
run_in_chroot "$ROOT/bench/lib/run_core.sh"
