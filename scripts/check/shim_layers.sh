#!/usr/bin/env bash
# The folders of src/pg lie in layers: a file includes headers of its own folder and of those below, never of one beside it. What a
# header declares, a file of its own folder defines; so who includes nothing of a folder calls nothing of it.
set -euo pipefail
cd "${1:?the root of the sources}/src/pg"

# module.c, which lies in no folder, is above all of them.
declare -A layer=([base]=0 [types]=1 [store]=1 [keys]=2 [text]=2 [plan]=3 [hooks]=4 [build]=3 [learn]=3 [maintain]=4 [am]=5 [sql]=6 [why]=6 [.]=9)

bad=0
complain() {
    echo "$*"
    bad=1
}

for folder in */; do
    folder=${folder%/}
    [[ -n ${layer[$folder]:-} ]] || complain "src/pg/$folder has no layer: give it one in ${BASH_SOURCE[0]##*/}"
done

while read -r file; do
    complain "src/pg/$file: only module.c lies in no folder"
done < <(find . -maxdepth 1 -name '*.[ch]' ! -name module.c -printf '%f\n')

while IFS=: read -r file line include; do
    name=$(sed -E 's/.*[<"]([^>"]*)[>"].*/\1/' <<<"$include")
    from=$(cut -d/ -f2 <<<"$file")
    [[ -d $from ]] || from=.
    if [[ $name != */* && (-e $from/$name || -e $name) ]]; then
        complain "src/pg/${file#./}:$line: $name is to be included with its folder"
    elif [[ -e $name ]]; then
        to=${name%%/*}
        [[ $to == "$from" ]] || ((${layer[$to]:-0} < ${layer[$from]:-0})) ||
            complain "src/pg/${file#./}:$line: $from does not lie above $to and may not include it"
    fi
done < <(grep -rnE '^[ \t]*#[ \t]*include' . --include='*.[ch]')

# What the server looks up by name is declared where it is defined.
while IFS=: read -r file line _; do
    complain "src/pg/${file#./}:$line: a function of another file is declared in that file's header"
done < <(grep -rnE '^(pg_noreturn )?extern ' . --include='*.c' | grep -v PGDLLEXPORT)

while IFS=: read -r header name; do
    folder=$(cut -d/ -f2 <<<"$header")
    grep -qE "^[A-Za-z][^;]*[ *]$name\([^;]*\$" "$folder"/*.c ||
        complain "src/pg/${header#./} declares $name(), which no file beside it defines"
done < <(grep -rE '^(pg_noreturn )?extern [^(]*\(' . --include='*.h' | sed -nE 's/^([^:]*):[^(]*[ *]([a-z_0-9]+)\(.*/\1:\2/p')
exit $bad
