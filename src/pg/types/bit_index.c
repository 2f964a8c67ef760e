/*
 * bit_index.c - bit strings as indexes read them: see base/type_info.h. As vectors they have the
 * elements 0 and 1; and a vector that is to be a bit string has a bit for each element above 0.
 */
#include "postgres.h"

#include "fmgr.h"

#include "base/type_info.h"
#include "types/bit.h"
#include "types/value.h"

void bit_to_floats(const VarBit *bits, float *elements) {
    const bits8 *bytes = VARBITS(bits);

    for (int i = 0; i < VARBITLEN(bits); i++)
        elements[i] = (bytes[i / BITS_PER_BYTE] & (HIGHBIT >> (i % BITS_PER_BYTE))) != 0;
}

static void read_bits(Datum datum, SlabVector *vector) {
    VarBit *bits = DatumGetVarBitP(datum);
    float *values = (float *)palloc(sizeof(float) * Max(VARBITLEN(bits), 1));

    bit_to_floats(bits, values);
    vector->values = values;
    vector->dims = VARBITLEN(bits);
    vector->memory = values;
    if ((Pointer)bits != DatumGetPointer(datum))
        pfree(bits);
}

VarBit *bit_from_floats(const float *elements, int dims) {
    Size size = VARBITTOTALLEN(dims);
    VarBit *bits = (VarBit *)palloc0(size);

    SET_VARSIZE(bits, size);
    VARBITLEN(bits) = dims;
    for (int i = 0; i < dims; i++)
        if (elements[i] > 0)
            VARBITS(bits)[i / BITS_PER_BYTE] |= HIGHBIT >> (i % BITS_PER_BYTE);
    return bits;
}

static Datum make_bits(const float *values, int dims) {
    return VarBitPGetDatum(bit_from_floats(values, dims));
}

PG_FUNCTION_INFO_V1(slab_bit_hamming);
Datum slab_bit_hamming(PG_FUNCTION_ARGS) {
    static const SlabTypeInfo info = {
        "bit", PGS_HAMMING, PGS_BITS, false, read_bits, value_report_different_lengths, make_bits};

    PG_RETURN_POINTER(&info);
}

PG_FUNCTION_INFO_V1(slab_bit_jaccard);
Datum slab_bit_jaccard(PG_FUNCTION_ARGS) {
    static const SlabTypeInfo info = {
        "bit", PGS_JACCARD, PGS_BITS, false, read_bits, value_report_different_lengths, make_bits};

    PG_RETURN_POINTER(&info);
}
