/*
 * vec_cast.c - casts: vec to vec(n), and between vec and arrays of numbers.
 */
#include "postgres.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "types/vec.h"

/* Elements of an array that can become a vec; anything else is an ERROR. */
static int check_array(ArrayType *array, int32 typmod) {
    if (ARR_NDIM(array) > 1)
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("array must be one-dimensional to become a vec"),
                        errdetail("The array has %d dimensions.", ARR_NDIM(array)),
                        errhint("Cast one row of the array at a time.")));

    int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    bits8 *present = ARR_NULLBITMAP(array);

    for (int i = 0; present != NULL && i < count; i++)
        if (!(present[i / 8] & (1 << (i % 8))))
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            errmsg("array must not contain nulls to become a vec"),
                            errdetail("Element %d is null.", i + 1),
                            errhint("Replace nulls by numbers, or store NULL in place of the whole "
                                    "vector.")));
    vec_check_dims(count);
    vec_check_typmod(typmod, count, NULL);
    return count;
}

static void report_out_of_range(const char *value, int position) {
    ereport(ERROR,
            (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
             errmsg("\"%s\" is out of range for type vec", vec_excerpt(value, strlen(value))),
             errdetail("Value %d does not fit a 4-byte float.", position),
             errhint("Scale the vector so that no value is beyond 3.4028235e+38.")));
}

PG_FUNCTION_INFO_V1(vec_to_vec);
Datum vec_to_vec(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);

    vec_check_typmod(PG_GETARG_INT32(1), vec->dims, NULL);
    PG_RETURN_VEC_P(vec);
}

/* An array of fixed-width elements and without nulls is a plain C array, which the next three read.
 */

PG_FUNCTION_INFO_V1(vec_from_int4_array);
Datum vec_from_int4_array(PG_FUNCTION_ARGS) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    Vec *vec = vec_new(check_array(array, PG_GETARG_INT32(1)));
    const int32 *elements = (const int32 *)ARR_DATA_PTR(array);

    for (int i = 0; i < vec->dims; i++)
        vec->values[i] = (float)elements[i];
    PG_RETURN_VEC_P(vec);
}

PG_FUNCTION_INFO_V1(vec_from_float4_array);
Datum vec_from_float4_array(PG_FUNCTION_ARGS) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    Vec *vec = vec_new(check_array(array, PG_GETARG_INT32(1)));
    const float4 *elements = (const float4 *)ARR_DATA_PTR(array);

    for (int i = 0; i < vec->dims; i++) {
        vec_check_finite(elements[i], i + 1);
        vec->values[i] = elements[i];
    }
    PG_RETURN_VEC_P(vec);
}

PG_FUNCTION_INFO_V1(vec_from_float8_array);
Datum vec_from_float8_array(PG_FUNCTION_ARGS) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    Vec *vec = vec_new(check_array(array, PG_GETARG_INT32(1)));
    const float8 *elements = (const float8 *)ARR_DATA_PTR(array);

    for (int i = 0; i < vec->dims; i++) {
        vec->values[i] = (float)elements[i];
        if (isinf(vec->values[i]) && !isinf(elements[i]))
            report_out_of_range(psprintf("%.15g", elements[i]), i + 1);
        vec_check_finite(vec->values[i], i + 1);
    }
    PG_RETURN_VEC_P(vec);
}

/*
 * A numeric goes through its text: by way of float8 it would be rounded twice, and numeric_float4()
 * refuses values too small for a float4, which every other way into a vec rounds to zero.
 */
PG_FUNCTION_INFO_V1(vec_from_numeric_array);
Datum vec_from_numeric_array(PG_FUNCTION_ARGS) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    Vec *vec = vec_new(check_array(array, PG_GETARG_INT32(1)));
    Datum *elements;
    int count;

    deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &elements, NULL, &count);
    for (int i = 0; i < count; i++) {
        char *text = DatumGetCString(DirectFunctionCall1(numeric_out, elements[i]));

        errno = 0;
        vec->values[i] = strtof(text, NULL);
        if (errno == ERANGE && isinf(vec->values[i]))
            report_out_of_range(text, i + 1);
        vec_check_finite(vec->values[i], i + 1);
        pfree(text);
    }
    pfree(elements);
    PG_RETURN_VEC_P(vec);
}

PG_FUNCTION_INFO_V1(vec_to_float4_array);
Datum vec_to_float4_array(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    ArrayType *array = vec_new_array(FLOAT4OID, sizeof(float4), vec->dims);

    memcpy(ARR_DATA_PTR(array), vec->values, sizeof(float4) * vec->dims);
    PG_RETURN_ARRAYTYPE_P(array);
}

PG_FUNCTION_INFO_V1(vec_to_float8_array);
Datum vec_to_float8_array(PG_FUNCTION_ARGS) {
    Vec *vec = PG_GETARG_VEC_P(0);
    ArrayType *array = vec_new_array(FLOAT8OID, sizeof(float8), vec->dims);
    float8 *elements = (float8 *)ARR_DATA_PTR(array);

    for (int i = 0; i < vec->dims; i++)
        elements[i] = vec->values[i];
    PG_RETURN_ARRAYTYPE_P(array);
}
