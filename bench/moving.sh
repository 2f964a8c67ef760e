#!/usr/bin/env bash
# What moving from pgvector comes to, on the same rows: its column with its HNSW index, the same column with a slab index (pgslab_pgvector), and
# the column as vec: sizes, time to build, recall, time to search. Everything happens in the Debian of bench/compare.sh, on a private server that
# is removed at the end; the results stay. Needs root.
#
#   bench/moving.sh [OPTION...] [DIRECTORY...]
#
# DIRECTORY           holds sets of vectors, as for bench/compare.sh
# --sets A,B          sets to measure: mix768 (generated) and those of the directories (all of these)
# --queries N         that are asked of each set (500)
# --shared-buffers S  of the server (a quarter of the memory, at most 6GB)
# --build-memory S    maintenance_work_mem in GB (2)
# --results DIR       where moving_SET.csv goes (build/bench-results)
# --release NAME      trixie (Debian 13) or forky (Debian testing), whose PostgreSQL and pgvector are measured (forky)
# --chroot DIR        where that Debian is or is to be (build/ and its name)
# --mirror URL        where it comes from (as this machine's packages)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/options.sh"
source "$ROOT/scripts/lib/chroot.sh"

parse_options "${BASH_SOURCE[0]}" "$@"
: "${BENCH_QUERIES:=500}"
run_in_chroot "$ROOT/bench/lib/run_moving.sh"
