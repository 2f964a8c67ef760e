#!/usr/bin/env bash
# Measures search by terms: text by BM25 beside GIN with ts_rank_cd and RUM, and sparse vectors beside a sequential scan and pgvector's HNSW, on
# the same rows in one run, with what each of them finds. Everything happens in the Debian of bench/compare.sh, on a private server that is
# removed at the end; the results stay. Needs root, and RUM of that Debian, which is installed there.
#
#   bench/text.sh [OPTION...]
#
# --only A,B          measurements of size, bm25, filter, growth, inserts, sparse (all)
# --sides A,B         of pgslab, gin, rum, pgvector, scan (all)
# --rows N            documents, and sparse vectors (200000)
# --grow-from N       documents of the growth that is measured (100000)
# --grow-to N         and at its end (1000000)
# --queries N         of each kind (120)
# --repetitions N     of each measurement; medians count (3)
# --shared-buffers S  of the server (a quarter of the memory, at most 6GB)
# --build-memory S    maintenance_work_mem in GB (2)
# --results DIR       where CSV files go (build/bench-results/text)
# --release NAME      trixie (Debian 13) or forky (Debian testing), whose PostgreSQL, RUM and pgvector are measured (forky)
# --chroot DIR        where that Debian is or is to be (build/ and its name)
# --mirror URL        where it comes from (as this machine's packages)
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/options.sh"
source "$ROOT/scripts/lib/chroot.sh"

measurements='size|bm25|filter|growth|inserts|sparse'
sides='pgslab|gin|rum|pgvector|scan'
parse_options "${BASH_SOURCE[0]}" "$@"
((${#directories[@]} == 0)) || die "documents and vectors are made: there is no DIRECTORY to take (see --help)"
: "${BENCH_ROWS:=200000}" "${BENCH_QUERIES:=120}" "${BENCH_GROW_FROM:=100000}" "${BENCH_GROW_TO:=1000000}"
: "${BENCH_SIDES:=pgslab,gin,rum,pgvector,scan}" "${BENCH_ONLY:=size,bm25,filter,growth,inserts,sparse}"
[[ -n $BENCH_RESULTS ]] || BENCH_RESULTS=$ROOT/build/bench-results/text
run_in_chroot "$ROOT/bench/lib/run_text.sh"
