# shellcheck shell=bash
# The sets docs256 and words128, which are made of the descriptions of Debian's packages.

# shellcheck source-path=SCRIPTDIR/../..
source "$ROOT/scripts/demo/data.sh"

# make_text_sets FOLDER - both of them in there, each with base.fvecs, query.fvecs and gt100.ivecs, unless they are.
make_text_sets() {
    local folder=$1 set
    [[ ! -e $folder/.complete ]] || return 0
    mkdir -p "$folder"
    say "fetching the descriptions of packages"
    fetch_long_descriptions "$folder/lists" || say "apt fetches none: those that it has must do, which are short"
    say "making docs256 and words128 of them"
    { print_long_descriptions "$folder/lists" && apt-cache dumpavail; } | records_to_lines | cut -f 3 | "$TOOLS/generate" texts --out "$folder"
    for set in "$folder"/{docs256,words128}; do
        "$TOOLS/generate" truth --metric l2 --base "$set/base.fvecs" --query "$set/query.fvecs" --out "$set/gt100.ivecs"
    done
    rm -rf "$folder"/lists{,.log}
    touch "$folder/.complete"
}

# fetch_long_descriptions FOLDER - into lists of their own: what apt keeps for itself often goes without them, in containers above all. Those of a
# mirror that is not kept up to date will do.
fetch_long_descriptions() {
    mkdir -p "$1/partial"
    run_logged "$1.log" apt-get -q -o Dir::State::Lists="$1" -o Dir::Cache="$1" -o Acquire::Languages=en -o Acquire::GzipIndexes=false \
        -o Acquire::Check-Valid-Until=false -o Acquire::IndexTargets::deb::Packages::DefaultEnabled=false update && compgen -G "$1/*_Translation-en" >/dev/null
}

# print_long_descriptions FOLDER - apt's records, or nothing.
print_long_descriptions() {
    find "$1" -name '*_Translation-en' -exec cat {} +
}
