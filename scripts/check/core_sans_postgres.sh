#!/usr/bin/env bash
# The core never sees PostgreSQL: what src/core includes is the standard library, the few libraries named here, or its own.
set -euo pipefail
cd "${1:?the root of the sources}"

allowed='^([a-z_]+|(assert|errno|fenv|float|inttypes|limits|malloc|math|stdarg|stdbool|stddef|stdint|stdio|stdlib|string)\.h)$'
allowed+='|^(cpuid|immintrin|arm_neon|sys/auxv|isa-l)\.h$|^(simde|isa-l|gtest|gmock|benchmark)/'

bad=0
while IFS=: read -r file line include; do
    name=$(sed -E 's/^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]*)[>"].*/\1/' <<<"$include")
    if [[ $include == *'<'*'>'* ]]; then
        [[ $name =~ $allowed ]] && continue
    else
        [[ $name != *..* ]] && [[ -e src/core/$name || -e src/core/include/$name || -e ${file%/*}/$name ]] && continue
    fi
    echo "$file:$line: the core may not include $name"
    bad=1
done < <(grep -rnE '^[ \t]*#[ \t]*include' src/core)
exit $bad
