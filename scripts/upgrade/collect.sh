#!/usr/bin/env bash
# collect.sh FOLDER - builds the extension for this release's PostgreSQL, and copies both to FOLDER/MAJOR, with the libraries that they
# are linked to in FOLDER/MAJOR/linked.
set -euo pipefail
# shellcheck source=../lib/setup.sh disable=SC1091
source "$(dirname "${BASH_SOURCE[0]}")/../lib/setup.sh"
choose_postgres
# shellcheck disable=SC2046 # one word per package
require_packages $(packages_for_demo)
say "$("$PG_CONFIG" --version)"
build_extension plain

there=$1/$PG_MAJOR
plan_prefix "$there"
mkdir -p "$PREFIX_BIN" "$PREFIX_LIB" "$PREFIX_SHARE" "$there/linked"
cp -rL "$SYSTEM_BIN/." "$PREFIX_BIN"
# Neither what extensions are built with nor what compiles expressions: without its library, the server does not.
find "$SYSTEM_LIB" -mindepth 1 -maxdepth 1 ! -name bitcode ! -name pgxs ! -name 'llvmjit*' -exec cp -rL -t "$PREFIX_LIB" {} +
cp -rL "$SYSTEM_SHARE/." "$PREFIX_SHARE"
cp "$BUILD/pgslab.so" "$PREFIX_LIB"
cp "$BUILD"/pgslab.control "$BUILD"/extension/*.{control,sql} "$PREFIX_SHARE/extension"
ldd "$PREFIX_BIN"/{postgres,psql,pg_dump,pg_upgrade} "$PREFIX_LIB/pgslab.so" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
    xargs -r cp -Lt "$there/linked"
