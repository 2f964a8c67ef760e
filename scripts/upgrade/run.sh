#!/usr/bin/env bash
# run.sh FOLDER - upgrades a server through the versions that collect.sh put there. Every step has to leave indexes that pass
# slab_check(), and the answers that there were before.
set -euo pipefail
# shellcheck source=../lib/setup.sh disable=SC1091
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"
collection=$1
here=$ROOT/scripts/upgrade
versions=(15 17 18)
passed=0
failed=0

choose_postgres
# shellcheck disable=SC2046 # one word per package
require_packages $(packages_for_demo)
new_workspace upgrade
trap 'stop_server "${running:-}" || true; remove_workspace' EXIT
mkdir "$WORK/socket"
hand_over

# Of the libraries that a version is linked to, those that this release has under the same name are used; others lie in FOLDER/MAJOR/only.
present=$(ldconfig -p)
for version in "${versions[@]}"; do
    mkdir "$collection/$version/only"
    for library in "$collection/$version/linked"/*; do
        [[ $present == *"${library##*/} "* ]] || ln -s "$library" "$collection/$version/only"
    done
done
libraries=$(printf "$collection/%s/only:" "${versions[@]}")

# program VERSION NAME - where it is.
program() {
    echo "$collection/$1/lib/postgresql/$1/bin/$2"
}

# as_version VERSION PROGRAM ARGUMENT... - runs one of its programs as the server's user.
as_version() {
    local version=$1 name=$2
    shift 2
    as_server_user env LD_LIBRARY_PATH="$libraries" "$(program "$version" "$name")" "$@"
}

create_server() {
    local options=(-D "$WORK/$1" -U postgres -A trust -E UTF8 --no-locale)
    # Since 18 pages have checksums unless told otherwise, and an upgrade keeps what there is.
    (($1 < 18)) || options+=(--no-data-checksums)
    as_version "$1" initdb "${options[@]}" >"$WORK/initdb.log" || die "initdb failed: $(tail "$WORK/initdb.log")"
}

start_server() {
    as_version "$1" pg_ctl -D "$WORK/$1" -l "$WORK/$1.log" -w -t 120 -o "-c listen_addresses='' -k $WORK/socket" start >/dev/null ||
        die "the server did not start: $(tail "$WORK/$1.log")"
    running=$1
}

stop_server() {
    [[ -n $1 ]] || return 0
    as_version "$1" pg_ctl -D "$WORK/$1" -w -t 120 -m fast stop >/dev/null
    running=
}

# ask VERSION ARGUMENT...
ask() {
    local version=$1
    shift
    as_version "$version" psql -XAtq -v ON_ERROR_STOP=1 -h "$WORK/socket" -U postgres "$@"
}

# check WHAT COMMAND... - one test.
check() {
    local what=$1
    shift
    if "$@" >"$WORK/check.log" 2>&1; then
        say "ok      $what"
        passed=$((passed + 1))
    else
        say "FAILED  $what"
        tail -n 40 "$WORK/check.log"
        failed=$((failed + 1))
        return 1
    fi
}

# make_ready OLD NEW - PostgreSQL 15.20 and 17.12 give every column of every table an option that 18.6 refuses to restore, and that
# nothing here depends on.
make_ready() {
    if grep -q pg_attver "$(program "$1" postgres)" && ! grep -q pg_attver "$(program "$2" postgres)"; then
        say "columns of PostgreSQL $1 lose an option that PostgreSQL $2 does not know"
        ask "$1" -c "UPDATE pg_attribute SET attoptions = NULL WHERE attoptions::text LIKE '{pg_attver=%}' AND attrelid >= 16384"
    fi
}

upgrade() {
    local old=$1 new=$2
    as_version "$new" pg_upgrade --old-bindir "$(dirname "$(program "$old" postgres)")" --old-datadir "$WORK/$old" \
        --new-bindir "$(dirname "$(program "$new" postgres)")" --new-datadir "$WORK/$new" --username postgres --socketdir "$WORK/socket" && return
    find "$WORK/$new/pg_upgrade_output.d" -name '*.log' -exec grep -hE -A 40 '(FATAL|PANIC):|error:' {} +
    return 1
}

# answers VERSION - what the indexes answer there.
answers() {
    ask "$1" -f "$WORK/answers.sql"
}

same_answers() {
    answers "$1" >"$WORK/answers.$1" && diff "$WORK/answers.before" "$WORK/answers.$1"
}

cp "$here"/*.sql "$WORK"
hand_over
first=${versions[0]}
step "PostgreSQL $first"
create_server "$first"
start_server "$first"
ask "$first" -f "$WORK/tables.sql" >/dev/null
check "indexes are sound" ask "$first" -f "$WORK/check.sql" || true
answers "$first" >"$WORK/answers.before"
check "there are answers" test "$(wc -l <"$WORK/answers.before")" -ge 100 || true
stop_server "$first"

old=$first
for new in "${versions[@]:1}"; do
    step "PostgreSQL $old to $new"
    start_server "$old"
    make_ready "$old" "$new"
    stop_server "$old"
    create_server "$new"
    check "pg_upgrade" upgrade "$old" "$new" || break
    start_server "$new"
    check "the server is of version $new" test "$(ask "$new" -c "SELECT current_setting('server_version_num')::int / 10000")" == "$new" || true
    check "indexes are sound" ask "$new" -f "$WORK/check.sql" || true
    check "answers are the same" same_answers "$new" || true
    check "indexes are written to, and maintained" ask "$new" -f "$WORK/changes.sql" || true
    check "indexes are sound after that" ask "$new" -f "$WORK/check.sql" || true
    answers "$new" >"$WORK/answers.before"
    stop_server "$new"
    old=$new
done

printf '\n%d s\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
((failed == 0))
