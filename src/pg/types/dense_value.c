/*
 * dense_value.c - making values, and the checks that each passes on its way in.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"

#include "types/dense.h"

/* Most bytes of the user's text that a message quotes: the text of a vector may be long. */
#define EXCERPT_BYTES 60

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
        dense_report_out_of_range(type, psprintf("%.8g", numbers[misfit - 1]),
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
                        errmsg("%s must have at least 1 dimension", type->name),
                        errdetail("The value would have %d dimensions.", dims),
                        errhint("Use NULL where there is no vector.")));
    if (dims > PGS_MAX_DIMS)
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                        errmsg("%s cannot have more than %d dimensions", type->name, PGS_MAX_DIMS),
                        errdetail("The value would have %d dimensions.", dims),
                        errhint("Reduce the dimensions, for example with subvector().")));
}

char *dense_excerpt(const char *text, Size length) {
    int kept = pg_mbcliplen(text, (int)length, EXCERPT_BYTES);

    return psprintf("%.*s%s", kept, text, (Size)kept < length ? "..." : "");
}

bool dense_check_typmod(const DenseType *type, int32 typmod, int dims, Node *context) {
    if (typmod == -1 || typmod == dims)
        return true;
    errsave(
        context,
        (errcode(ERRCODE_DATA_EXCEPTION), errmsg("expected %d dimensions, not %d", typmod, dims),
         errdetail("The type is %s(%d), the value has %d dimensions.", type->name, typmod, dims),
         errhint("Use a vector of the declared dimensions, or declare the type as "
                 "%s(%d), or as %s for any dimensions.",
                 type->name, dims, type->name)));
    return false;
}

void dense_check_finite(const DenseType *type, double number, int position) {
    if (isnan(number))
        ereport(ERROR,
                (errcode(ERRCODE_DATA_EXCEPTION), errmsg("NaN is not allowed in %s", type->one),
                 errdetail("Value %d is NaN.", position),
                 errhint("Use a finite number, or NULL in place of the whole vector.")));
    if (isinf(number))
        ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
                        errmsg("infinity is not allowed in %s", type->one),
                        errdetail("Value %d is %sInfinity.", position, number < 0 ? "-" : ""),
                        errhint("Use a finite number, or NULL in place of the whole vector.")));
}

void dense_report_out_of_range(const DenseType *type, const char *number, const char *where,
                               Node *context) {
    errsave(context, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                      errmsg("\"%s\" is out of range for type %s", number, type->name),
                      errdetail("%s does not fit a %s.", where, type->element),
                      errhint("Scale the vector so that no value is beyond %s%s.", type->largest,
                              type->wider)));
}

void dense_report_different_dims(const DenseType *type, int left, int right) {
    ereport(ERROR,
            (errcode(ERRCODE_DATA_EXCEPTION),
             errmsg("different %s dimensions %d and %d", type->name, left, right),
             errdetail("One vector has %d dimensions, the other %d.", left, right),
             errhint("Only vectors of the same dimensions can be combined or compared; declare the "
                     "column as %s(n) to have them checked when they are stored.",
                     type->name)));
}
