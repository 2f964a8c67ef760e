/*
 * vec_value.c - making vec values, and the checks every vec passes on its way in.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"

#include "base/compat.h"
#include "types/vec.h"

/* Most bytes of the user's text that a message quotes: the text of a vector may be long. */
#define EXCERPT_BYTES 60

Vec *vec_new(int dims) {
    Vec *vec = (Vec *)palloc0(VEC_SIZE(dims));

    SET_VARSIZE(vec, VEC_SIZE(dims));
    vec->dims = (int16)dims;
    return vec;
}

ArrayType *vec_new_array(Oid element_type, Size element_size, int count) {
    Size size = ARR_OVERHEAD_NONULLS(1) + element_size * (Size)count;
    ArrayType *array = (ArrayType *)palloc0(size);

    SET_VARSIZE(array, size);
    array->ndim = 1;
    array->elemtype = element_type;
    ARR_DIMS(array)[0] = count;
    ARR_LBOUND(array)[0] = 1;
    return array;
}

void vec_check_dims(int dims) {
    if (dims < 1)
        ereport(ERROR,
                (errcode(ERRCODE_DATA_EXCEPTION), errmsg("vec must have at least 1 dimension"),
                 errdetail("The value would have %d dimensions.", dims),
                 errhint("Use NULL where there is no vector.")));
    if (dims > PGS_MAX_DIMS)
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                        errmsg("vec cannot have more than %d dimensions", PGS_MAX_DIMS),
                        errdetail("The value would have %d dimensions.", dims),
                        errhint("Reduce the dimensions, for example with subvector().")));
}

char *vec_excerpt(const char *text, Size length) {
    int kept = pg_mbcliplen(text, (int)length, EXCERPT_BYTES);

    return psprintf("%.*s%s", kept, text, (Size)kept < length ? "..." : "");
}

bool vec_check_typmod(int32 typmod, int dims, Node *context) {
    if (typmod == -1 || typmod == dims)
        return true;
    errsave(context, (errcode(ERRCODE_DATA_EXCEPTION),
                      errmsg("expected %d dimensions, not %d", typmod, dims),
                      errdetail("The type is vec(%d), the value has %d dimensions.", typmod, dims),
                      errhint("Use a vector of the declared dimensions, or declare the type as "
                              "vec(%d), or as vec for any dimensions.",
                              dims)));
    return false;
}

void vec_check_finite(float value, int position) {
    if (isnan(value))
        ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("NaN is not allowed in a vec"),
                        errdetail("Value %d is NaN.", position),
                        errhint("Use a finite number, or NULL in place of the whole vector.")));
    if (isinf(value))
        ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("infinity is not allowed in a vec"),
                        errdetail("Value %d is %sInfinity.", position, value < 0 ? "-" : ""),
                        errhint("Use a finite number, or NULL in place of the whole vector.")));
}

void vec_report_different_dims(int left, int right) {
    ereport(
        ERROR,
        (errcode(ERRCODE_DATA_EXCEPTION), errmsg("different vec dimensions %d and %d", left, right),
         errdetail("One vector has %d dimensions, the other %d.", left, right),
         errhint("Only vectors of the same dimensions can be combined or compared; declare the "
                 "column as vec(n) to have them checked when they are stored.")));
}
