#!/usr/bin/env bash
# src/pg is C, and knows of the core only what src/core/include says. Each of its folders says in a README what is there.
set -euo pipefail
cd "${1:?the root of the sources}"

bad=0
while read -r folder; do
    [[ -e $folder/README.md ]] && continue
    echo "$folder: has no README.md"
    bad=1
done < <(find src/pg -type d)
while read -r file; do
    echo "$file: src/pg holds C sources and headers only, and a README in each folder"
    bad=1
done < <(find src/pg -type f ! -name '*.c' ! -name '*.h' ! -name README.md)

# Includes are of C headers (the C++ standard library's have no suffix), by name, and of the core only those.
while IFS=: read -r file line include; do
    name=$(sed -E 's/.*[<"]([^>"]*)[>"].*/\1/' <<<"$include")
    if [[ $name != *.h || $name == *..* || $name == core/* ]] ||
        [[ -e src/core/$name && ! -e src/pg/$name ]]; then
        echo "$file:$line: src/pg may not include $name"
        bad=1
    fi
done < <(grep -rnE '^[ \t]*#[ \t]*include' src/pg --include='*.[ch]')

if grep -rnE '\b(std|pgslab)::|^[ \t]*(namespace|class|template)\b|\b(nullptr|static_cast|reinterpret_cast)\b' src/pg --include='*.[ch]'; then
    echo "src/pg may not contain C++"
    bad=1
fi
exit $bad
