#!/usr/bin/env bash
# No test lies about unused: each file that looks like a test is one that scripts/test.sh runs, with what it expects.
set -euo pipefail
cd "${1:?the root of the sources}"

bad=0
complain() {
    echo "$*"
    bad=1
}

# Names without folder and suffix: names FOLDER SUFFIX.
names() {
    find "$1" -mindepth 1 -maxdepth 1 -name "*$2" -printf '%f\n' 2>/dev/null | sed "s/$2\$//" | sort
}

scheduled=$(sed -nE 's/^test:[ \t]*//p' sql/schedule | tr -s ' \t' '\n' | sort)
while read -r name; do
    complain "sql/schedule: $name stands there twice"
done < <(uniq -d <<<"$scheduled")
for name in $scheduled; do
    [[ -e sql/$name.sql ]] || complain "sql/schedule: there is no sql/$name.sql"
done
for name in $(names sql .sql); do
    [[ -e expected/$name.out ]] || complain "sql/$name.sql: there is no expected/$name.out"
    grep -qxF "$name" <<<"$scheduled" || complain "sql/$name.sql: not in sql/schedule"
done
# pg_regress also takes expected/name_1.out and so on.
for name in $(names expected .out); do
    [[ -e sql/$name.sql || -e sql/${name%_[0-9]}.sql ]] || complain "expected/$name.out: there is no test of that name"
done

for name in $(names test/isolation/specs .spec); do
    [[ -e test/isolation/expected/$name.out ]] || complain "test/isolation/specs/$name.spec: nothing expected"
done
for name in $(names test/isolation/expected .out); do
    [[ -e test/isolation/specs/$name.spec || -e test/isolation/specs/${name%_[0-9]}.spec ]] ||
        complain "test/isolation/expected/$name.out: there is no spec of that name"
done

# What a suite picks up by its place and suffix must have both: picked_up FOLDER PATTERN, where the pattern is extended.
picked_up() {
    local path
    while read -r path; do
        complain "$path: no suite runs a file of this name here"
    done < <(find "$1" -type f 2>/dev/null | grep -vE "^$1/$2\$")
}
picked_up sql '([^/]+\.sql|schedule)'
picked_up expected '[^/]+\.out'
picked_up test/isolation '(specs/[^/]+\.spec|expected/[^/]+\.out)'
picked_up test/pgtap '[^/]+\.sql'
picked_up test/t '([0-9]{3}_[^/]+\.pl|[^/]+\.pm)'
while read -r path; do
    complain "$path: CMakeLists.txt finds tests as src/core/<room>/<name>.cpp"
done < <(find src test -name '*_test.c*' -o -name '*_fuzz.c*' -o -name '*_bench.c*' |
    grep -vE '^src/core/[^/]+/[^/]+\.cpp$|^test/(isolation|pgtap|t|fuzz)/')
while read -r target; do
    compgen -G "src/core/*/$target.cpp" >/dev/null || complain "test/fuzz/$target: there is no fuzzer of that name"
done < <(find test/fuzz -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null)
exit $bad
