#!/usr/bin/env bash
# How good the ranking is, by a collection of texts with queries and judgements of people, on a private server of the PostgreSQL that is installed:
# BM25 by pgslab's index, BM25 by its definition in SQL, and PostgreSQL's ts_rank_cd and ts_rank.
#
#   bench/relevance.sh DIRECTORY [SIDES]
#
# DIRECTORY holds the Cranfield collection (cran.all.1400, cran.qry, cranqrel) or NPL, which is also called Vaswani (doc-text, query-text, rlv-ass).
# SIDES are of pgslab, definition, ts_rank_cd, ts_rank (all of them).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/../scripts/lib/setup.sh"
source "$ROOT/bench/lib/local.sh"

[[ $# -ge 1 && -d $1 ]] || die "$(sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}")"
folder=$1
sides=${2:-pgslab,definition,ts_rank_cd,ts_rank}

# Each prints lines for COPY: number and text, or numbers of a query and of a document that was judged to be relevant.
# Of Cranfield, a text begins with its title. Judgements name queries by their place in the file; what was judged to be of no interest has -1.
cranfield() {
    # shellcheck disable=SC2016 # awk's
    local texts='{ sub(/\r$/, "") } /^\.I/ { if (n) print n "\t" text; n++; text = ""; on = 0; next } /^\.W/ { on = 1; next } /^\.[A-Z]/ { on = 0; next }
        on { text = text " " $0 } END { print n "\t" text }'
    case $1 in
        documents) awk "$texts" "$folder/cran.all.1400" ;;
        queries) awk "$texts" "$folder/cran.qry" ;;
        judgements) tr -d '\r' <"$folder/cranqrel" | awk '$3 > 0 { print $1 "\t" $2 }' | sort -u ;;
    esac
}
# Of NPL, a number stands in a line of its own, and what follows ends with a slash.
npl() {
    # shellcheck disable=SC2016 # awk's
    local texts='{ sub(/\r$/, "") } /^ *\/ *$/ { if (n != "") print n "\t" text; n = ""; text = ""; next } n == "" { n = $1; next } { text = text " " $0 }'
    case $1 in
        documents) awk "$texts" "$folder/doc-text" ;;
        queries) awk "$texts" "$folder/query-text" ;;
        judgements) awk "$texts" "$folder/rlv-ass" | awk '{ for (i = 2; i <= NF; i++) print $1 "\t" $i }' | sort -u ;;
    esac
}
if [[ -e $folder/cran.all.1400 ]]; then
    collection=cranfield
elif [[ -e $folder/doc-text ]]; then
    collection=npl
else
    die "$folder holds neither cran.all.1400 nor doc-text"
fi

step "Building"
choose_postgres
# shellcheck disable=SC2046 # one word a package
require_packages $(packages_for_demo)
start_local_server relevance "default_text_search_config = 'pg_catalog.english'"

step "Ranking the texts of $collection"
run_psql relevance -f "$ROOT/test/sql/bm25_reference.sql" -c "CREATE TABLE documents (id integer, body text)" \
    -c "CREATE TABLE asked (id integer, words text)" -c "CREATE TABLE judged (query integer, document integer)"
$collection documents | run_psql relevance -c "COPY documents FROM STDIN"
$collection queries | run_psql relevance -c "COPY asked FROM STDIN"
$collection judgements | run_psql relevance -c "COPY judged FROM STDIN"
run_psql relevance -v sides="{$sides}" -f "$ROOT/bench/sql/relevance.sql"
