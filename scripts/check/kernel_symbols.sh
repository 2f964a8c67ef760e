#!/bin/sh
# kernel_symbols.sh DIR - fails when a kernel object under DIR defines a symbol the linker may share.
#
# Of several definitions of one weak symbol the linker keeps any one, for all callers. If a unit that
# is compiled for AVX-512 defined one, code outside it could end up running AVX-512 instructions on
# a CPU that has none. So the kernels_<isa> objects define no weak (W, V) or unique (u) symbol.
#
# DIR holds objects of an optimised build without sanitizers, by the Makefile or by CMake.
# DW.ref.__gxx_personality_v0 passes: GCC's name for a pointer to the exception personality routine,
# which is data and the same in every unit.
set -eu

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: $0 DIR_WITH_OBJECTS" >&2
    exit 2
fi

objects=$(find "$1" -name 'kernels_*.o' ! -name '*_test*' ! -name '*_bench*' ! -name '*_fuzz*' | sort)
if [ -z "$objects" ]; then
    echo "$0: no kernels_*.o under $1" >&2
    exit 2
fi

status=0
for object in $objects; do
    symbols=$(nm --defined-only --demangle "$object" |
        awk '$2 ~ /^[WVu]$/ && $3 != "DW.ref.__gxx_personality_v0"')
    if [ -n "$symbols" ]; then
        echo "$object defines symbols the linker may share with other units:" >&2
        echo "$symbols" | sed 's/^/    /' >&2
        status=1
    fi
done
exit $status
