# shellcheck shell=bash
# Files of vectors in the folder $data.

# print_file NAME - the file, unpacked if need be.
print_file() {
    if [[ -e $data/$1 ]]; then
        cat "$data/$1"
    else
        zstd -dcq "$data/$1.zst"
    fi
}

# dims_of NAME - of its vectors.
dims_of() {
    print_file "$1" | od -A n -t d4 -N 4 | tr -d ' ' || true
}
