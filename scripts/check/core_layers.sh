#!/usr/bin/env bash
# The rooms of the core lie in layers, and a file includes only from its own layer and those below. A test may make what it tests
# with whatever there is.
set -euo pipefail
cd "${1:?the root of the sources}"

# The boundary is below all of them, so that every room may speak in its words.
declare -A layer=([include]=-1 [pgslab]=-1 [base]=0 [kernels]=1 [store]=1 [types]=1 [filter]=2 [quantize]=2 [cluster]=2 [ivf]=3 [inverted]=3 [search]=4 [api]=5)

bad=0
for room in src/core/*/; do
    room=$(basename "$room")
    if [[ -z ${layer[$room]:-} ]]; then
        echo "src/core/$room has no layer: give it one in ${BASH_SOURCE[0]##*/}"
        bad=1
    fi
done
while IFS=: read -r file line include; do
    from=$(cut -d/ -f3 <<<"$file")
    to=$(sed -E 's/.*"([^"/]+)\/.*/\1/' <<<"$include")
    if [[ $to != "$from" && $to != pgslab ]] && ((${layer[$to]:-0} >= ${layer[$from]:-0})); then
        echo "$file:$line: $from does not lie above $to and may not include it"
        bad=1
    fi
done < <(grep -rnE '^[ \t]*#[ \t]*include[ \t]*"[^"/]+/' src/core --exclude='*_test.cpp' --exclude='*_fuzz.cpp' --exclude-dir=testing)
exit $bad
