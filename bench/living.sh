#!/usr/bin/env bash
# Measures an index that takes writes: pgslab beside pgvector's HNSW in the same server and run. Single-row inserts, WAL, VACUUM, latency while others
# write, recall and size after changes, and what maintenance writes. Everything happens in the Debian of bench/compare.sh, on a private server that
# is removed at the end; the results stay. Needs root.
#
#   bench/living.sh [OPTION...]
#
# --only A,B          of inserts, wal, vacuum, latency, recall, size, amplification (all)
# --rows N            tables begin with half as many and take as many more (200000)
# --vacuum-rows N     rows of the tables that are vacuumed (a quarter of --rows: HNSW takes minutes for more)
# --grow-from N       rows of the index when amplification begins (a tenth of --rows), and
# --grow-to N         when it ends (--rows); 100000 and 1000000 is what takes long
# --quick             few rows and seconds: shows that everything works, and no figure
# --queries N         of each half of the rows, for recall (200)
# --repetitions N     of inserts, WAL, VACUUM and latency, but of VACUUM with HNSW one; medians count (3)
# --insert-rate N     rows a second of each inserting client that has a pace, while latency is measured (500)
# --shared-buffers S  of the server (a quarter of the memory, at most 6GB)
# --build-memory S    maintenance_work_mem in GB (2)
# --results DIR       where results go (build/bench-results/living)
# --doc               copy the tables into doc/bench/ as well
# --release NAME      trixie (Debian 13) or forky (Debian testing), whose PostgreSQL and pgvector are measured (forky)
# --chroot DIR        where that Debian is or is to be (build/ and its name)
# --mirror URL        where it comes from (as this machine's packages)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/options.sh"
source "$ROOT/scripts/lib/chroot.sh"

parse_options "${BASH_SOURCE[0]}" "$@"
run_in_chroot "$ROOT/bench/lib/run_living.sh"
