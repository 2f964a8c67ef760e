#!/usr/bin/env bash
# Measures Hamming search over bits: pgslab beside pgvector's HNSW and sequential scans on the same rows, with the recall of each, and the rate
# of the exact search beside that of a loop that only reads as many bytes. Everything happens in the Debian of bench/compare.sh, on a private
# server that is removed at the end; the results stay. Needs root.
#
#   bench/bits.sh [OPTION...]
#
# --rows N            of 768 bits (1000000)
# --queries N         that are not among the rows (200)
# --sides A,B         of pgslab, pgvector, scan (all)
# --repetitions N     of each measurement; medians count (3)
# --shared-buffers S  of the server (a quarter of the memory, at most 6GB)
# --build-memory S    maintenance_work_mem in GB (2)
# --results DIR       where bits.csv goes (build/bench-results)
# --release NAME      trixie (Debian 13) or forky (Debian testing), whose PostgreSQL and pgvector are measured (forky)
# --chroot DIR        where that Debian is or is to be (build/ and its name)
# --mirror URL        where it comes from (as this machine's packages)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/options.sh"
source "$ROOT/scripts/lib/chroot.sh"

parse_options "${BASH_SOURCE[0]}" "$@"
((${#directories[@]} == 0)) || die "the rows are generated: there is no DIRECTORY to take (see --help)"
: "${BENCH_ROWS:=1000000}" "${BENCH_QUERIES:=200}" "${BENCH_SIDES:=pgslab,pgvector,scan}"
run_in_chroot "$ROOT/bench/lib/run_bits.sh"
