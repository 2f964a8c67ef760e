/*
 * dense_value.c - making values, and the checks that each passes on its way in.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/dense.h"

Dense *dense_new(const DenseType *type, int dims) {
    Size size = DENSE_SIZE(type, dims);
    Dense *value = (Dense *)palloc0(size);

    SET_VARSIZE(value, size);
    value->dims = (int16)dims;
    return value;
}

Dense *dense_from_floats(const DenseType *type, const float *numbers, int dims, int *misfit) {
    Dense *value = dense_new(type, dims);

    *misfit = type->from_floats(numbers, dims, value->elements);
    return value;
}

Dense *dense_from_doubles(const DenseType *type, const double *numbers, int dims, int *misfit) {
    Dense *value = dense_new(type, dims);

    *misfit = type->from_doubles(numbers, dims, value->elements);
    return value;
}

Dense *dense_rounded(const DenseType *type, const float *numbers, int dims) {
    int misfit;
    Dense *value = dense_from_floats(type, numbers, dims, &misfit);

    if (misfit != 0)
        value_report_out_of_range(&type->words, psprintf("%.8g", numbers[misfit - 1]),
                                  psprintf("Value %d", misfit), NULL);
    return value;
}

const float *dense_floats(const DenseType *type, const Dense *value) {
    return type->floats(value->elements, value->dims);
}

void dense_free_floats(const Dense *value, const float *floats) {
    if ((const char *)floats != value->elements)
        pfree((void *)floats);
}

ArrayType *dense_new_array(Oid element_type, Size element_size, int count) {
    Size size = ARR_OVERHEAD_NONULLS(1) + element_size * (Size)count;
    ArrayType *array = (ArrayType *)palloc0(size);

    SET_VARSIZE(array, size);
    array->ndim = 1;
    array->elemtype = element_type;
    ARR_DIMS(array)[0] = count;
    ARR_LBOUND(array)[0] = 1;
    return array;
}

void dense_check_dims(const DenseType *type, int dims) {
    if (dims < 1)
        ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                        errmsg("%s must have at least 1 dimension", type->words.name),
                        errdetail("The value would have %d dimensions.", dims),
                        errhint("Use NULL where there is no vector.")));
    if (dims > PGS_MAX_DIMS)
        ereport(ERROR,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                 errmsg("%s cannot have more than %d dimensions", type->words.name, PGS_MAX_DIMS),
                 errdetail("The value would have %d dimensions.", dims),
                 errhint("Reduce the dimensions, for example with subvector().")));
}
