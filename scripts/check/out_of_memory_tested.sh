#!/usr/bin/env bash
# Every function of the boundary that goes through guard(), since it may allocate, is driven through failing allocations by
# src/core/api/out_of_memory_test.cpp or, of documents, out_of_memory_documents_test.cpp.
set -euo pipefail
cd "${1:?the root of the sources}"

tests=(src/core/api/out_of_memory*_test.cpp)
mapfile -t sources < <(find src/core/api -name '*.cpp' ! -name '*_test.cpp')
bad=0
while read -r function; do
    grep -q "\"$function\"" "${tests[@]}" || {
        echo "$function allocates, and none of ${tests[*]} calls it"
        bad=1
    }
done < <(awk '
    match($0, /^[a-zA-Z][^(]*[ *]pgs_[a-z0-9_]+\(/) {
        function_name = substr($0, RSTART, RLENGTH - 1)
        sub(/.*[ *]/, "", function_name)
    }
    /[^a-z_]guard\(/ { print function_name }
    /^}/ { function_name = "a helper" }' "${sources[@]}")
exit $bad
