#!/usr/bin/env bash
# Measures searches that have a WHERE: pgslab's filter columns beside pgvector's iterative scans, partial indexes, and a btree with a sort, on
# the same rows in one run, with the recall of each; and what filter columns cost. Everything happens in the Debian of bench/compare.sh, on a
# private server that is removed at the end; the results stay. Needs root.
#
#   bench/filters.sh [OPTION...] [DIRECTORY...]
#
# DIRECTORY           holds a set of real vectors and is called as the set: base.fvecs, query.fvecs, gt100.ivecs, each as it is or
#                     compressed (.zst). Or holds such directories.
# --sets A,B          sets to measure: mix768 (generated) and those of the directories (all of these), docs256 and words128 (of texts)
# --rows N            only the first N rows of each set
# --million           mix768 with 100 000 and 1 000 000 rows of which a hundred satisfy the condition, for growth, instead of other sets
# --engines A,B       of pgvector, pgslab (both); pgslab is always one of them
# --repetitions N     of each measurement; medians count (3)
# --queries N         of each condition (100)
# --shared-buffers S  of the server (a quarter of the memory, at most 6GB)
# --build-memory S    maintenance_work_mem in GB (2; with --million 6)
# --results DIR       where results go (build/bench-results/filters, with --million its folder million)
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
[[ $BENCH_ENGINES == *pgslab* ]] || die "the truth is found by pgslab, which has to be among the engines"
: "${BENCH_QUERIES:=100}"
run_in_chroot "$ROOT/bench/lib/run_filters.sh"
