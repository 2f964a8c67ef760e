/*
 * dense_index.c - values as indexes read them: see base/type_info.h.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/dense.h"
#include "types/dense_functions.h"

void dense_read(const DenseType *type, Datum datum, SlabVector *vector) {
    Dense *value = DatumGetDenseP(datum);
    bool is_copy = (Pointer)value != DatumGetPointer(datum);

    vector->dims = value->dims;
    vector->values = dense_floats(type, value);
    if ((const char *)vector->values == value->elements) {
        vector->memory = is_copy ? value : NULL;
        return;
    }
    vector->memory = (void *)vector->values;
    if (is_copy)
        pfree(value);
}
