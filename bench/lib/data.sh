# shellcheck shell=bash
# The sets of vectors. A set is a folder in $DATA with base.fvecs, query.fvecs and truth.ivecs; what is unpacked or generated stays there
# for the next time.

# shellcheck source-path=SCRIPTDIR/../..
source "$ROOT/bench/lib/texts.sh"

DATA=$ROOT/build/bench-data

mapfile -t directories <<<"${BENCH_DIRECTORIES:-}"

# Sets sets[], the names.
choose_sets() {
    if [[ $BENCH_MILLION == yes ]]; then
        sets=(mix768_100k mix768_1m)
    elif [[ -n ${BENCH_SETS:-} ]]; then
        IFS=, read -ra sets <<<"$BENCH_SETS"
    else
        mapfile -t sets < <(
            local directory
            for directory in "${directories[@]}"; do
                list_sets "$directory"
            done
            echo mix768
        )
    fi
}

# Chooses the sets, and has each in $DATA.
prepare_sets() {
    local name
    choose_sets
    for name in "${sets[@]}"; do
        prepare_set "$name"
    done
}

# list_sets DIRECTORY - names of the sets in there: itself, or its folders.
list_sets() {
    local base
    for base in "$1"/{,*/}base.fvecs{,.zst}; do
        [[ ! -e $base ]] || basename "$(dirname "$base")"
    done
}

# prepare_set NAME - generates or unpacks.
prepare_set() {
    local name=$1
    mkdir -p "$DATA/$name"
    case $name in
        mix768*) generate_mixture "$name" ;;
        *) unpack_set "$name" ;;
    esac
    [[ -z ${BENCH_ROWS:-} ]] || find_truth "$name" "$BENCH_ROWS"
    say "$name is in $DATA/$name"
}

# metric NAME
metric() {
    case $1 in
        mix768*) echo cosine ;;
        *) echo l2 ;;
    esac
}

generate_mixture() {
    local name=$1 rows folder=$DATA/$1
    case $name in
        mix768) rows=200000 ;;
        mix768_100k) rows=100000 ;;
        mix768_1m) rows=1000000 ;;
        *) die "there is no set '$name'" ;;
    esac
    if [[ ! -e $folder/.complete ]]; then
        generate_rows "$name" "$rows"
        say "finding the true nearest rows of its queries"
        "$TOOLS/generate" truth --metric cosine --base "$folder/base.fvecs" --query "$folder/query.fvecs" --out "$folder/truth.ivecs"
        touch "$folder/.complete"
    fi
}

# generate_rows NAME ROWS - rows and queries without truth, unless as many are there. What is called shifted comes from other clusters.
generate_rows() {
    local name=$1 rows=$2 folder=$DATA/$1 seed=42
    [[ $name != *_shifted ]] || seed=43
    mkdir -p "$folder"
    if [[ -e $folder/query.fvecs ]] && (($(stat -c %s "$folder/base.fvecs") >= rows * 4 * (768 + 1))); then
        return
    fi
    say "generating $name: $rows rows"
    rm -f "$folder/query.fvecs"
    "$TOOLS/generate" mix --rows "$rows" --queries 1000 --dims 768 --seed "$seed" --out "$folder"
}

unpack_set() {
    local name=$1 folder=$DATA/$1 source pair
    [[ ! -e $folder/.complete ]] || return 0
    if [[ $name == @(docs256|words128) && -z $(find_set "$name") ]]; then
        make_text_sets "$DATA/texts"
        directories+=("$DATA/texts")
    fi
    source=$(find_set "$name")
    [[ -n $source ]] || die "no DIRECTORY given holds the set '$name'"
    for pair in base.fvecs:base.fvecs query.fvecs:query.fvecs gt100.ivecs:truth.ivecs; do
        if [[ -e $source/${pair%:*} ]]; then
            cp "$source/${pair%:*}" "$folder/${pair#*:}"
        else
            zstd -dqf "$source/${pair%:*}.zst" -o "$folder/${pair#*:}"
        fi
    done
    touch "$folder/.complete"
}

# find_set NAME - the folder it is in.
find_set() {
    local directory
    for directory in "${directories[@]}"; do
        if [[ ${directory##*/} == "$1" ]]; then
            echo "$directory"
            return
        elif [[ -d $directory/$1 ]]; then
            echo "$directory/$1"
            return
        fi
    done
}

# find_truth NAME ROWS - what is nearest among the first rows only.
find_truth() {
    local folder=$DATA/$1
    [[ ! -e $folder/truth-$2.ivecs ]] || return 0
    say "finding the true nearest among the first $2 rows of $1"
    "$TOOLS/generate" truth --metric "$(metric "$1")" --rows "$2" --base "$folder/base.fvecs" --query "$folder/query.fvecs" \
        --out "$folder/truth.partial"
    mv "$folder/truth.partial" "$folder/truth-$2.ivecs"
}

# truth_file NAME
truth_file() {
    echo "$DATA/$1/truth${BENCH_ROWS:+-$BENCH_ROWS}.ivecs"
}
