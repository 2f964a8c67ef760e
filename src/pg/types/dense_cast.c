/*
 * dense_cast.c - casts: to a type with dimensions, from one type to another, and between them and
 * arrays of numbers. Each number is rounded once, to the nearest element.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "types/dense.h"
#include "types/dense_functions.h"

Datum dense_cast(FunctionCallInfo fcinfo, const DenseType *from, const DenseType *to) {
    Dense *value = PG_GETARG_DENSE_P(0);

    value_check_typmod(&to->words, PG_GETARG_INT32(1), value->dims, NULL);
    if (from == to)
        PG_RETURN_DENSE_P(value);
    PG_RETURN_DENSE_P(dense_rounded(to, dense_floats(from, value), value->dims));
}

/* Elements of an array that can become a value; anything else is an ERROR. */
static int check_array(const DenseType *type, ArrayType *array, int32 typmod) {
    if (ARR_NDIM(array) > 1)
        ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
                        errmsg("array must be one-dimensional to become %s", type->words.one),
                        errdetail("The array has %d dimensions.", ARR_NDIM(array)),
                        errhint("Cast one row of the array at a time.")));

    int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    bits8 *present = ARR_NULLBITMAP(array);

    for (int i = 0; present != NULL && i < count; i++)
        if (!(present[i / 8] & (1 << (i % 8))))
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            errmsg("array must not contain nulls to become %s", type->words.one),
                            errdetail("Element %d is null.", i + 1),
                            errhint("Replace nulls by numbers, or store NULL in place of the whole "
                                    "vector.")));
    dense_check_dims(type, count);
    value_check_typmod(&type->words, typmod, count, NULL);
    return count;
}

static void report_out_of_range(const DenseType *type, const char *number, int position) {
    value_report_out_of_range(&type->words, value_excerpt(number, strlen(number)),
                              psprintf("Value %d", position), NULL);
}

/* ---- arrays of fixed-width elements and without nulls, which are plain C arrays ---- */

/* ERROR for the first number that is none, or infinite. */
static Dense *from_doubles(const DenseType *type, const double *numbers, int dims) {
    int misfit;
    Dense *value;

    for (int i = 0; i < dims; i++)
        value_check_finite(&type->words, numbers[i], i + 1);
    value = dense_from_doubles(type, numbers, dims, &misfit);
    if (misfit != 0)
        report_out_of_range(type, psprintf("%.15g", numbers[misfit - 1]), misfit);
    return value;
}

Datum dense_from_int4_array(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    int dims = check_array(type, array, PG_GETARG_INT32(1));
    const int32 *elements = (const int32 *)ARR_DATA_PTR(array);
    double *numbers = (double *)palloc(sizeof(double) * dims);

    for (int i = 0; i < dims; i++)
        numbers[i] = elements[i];
    PG_RETURN_DENSE_P(from_doubles(type, numbers, dims));
}

Datum dense_from_float4_array(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    int dims = check_array(type, array, PG_GETARG_INT32(1));
    const float4 *elements = (const float4 *)ARR_DATA_PTR(array);

    for (int i = 0; i < dims; i++)
        value_check_finite(&type->words, elements[i], i + 1);
    PG_RETURN_DENSE_P(dense_rounded(type, elements, dims));
}

Datum dense_from_float8_array(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    int dims = check_array(type, array, PG_GETARG_INT32(1));

    PG_RETURN_DENSE_P(from_doubles(type, (const float8 *)ARR_DATA_PTR(array), dims));
}

/* ---- numeric[] ---- */

/* Reports a number, of that position in its array, whose text was refused. */
static void report_number(const DenseType *type, const char *number, PgsParseStatus status,
                          int position) {
    if (status == PGS_PARSE_NAN)
        value_check_finite(&type->words, NAN, position);
    if (status == PGS_PARSE_INFINITE)
        value_check_finite(&type->words, number[0] == '-' ? -INFINITY : INFINITY, position);
    report_out_of_range(type, number, position);
}

/*
 * A numeric goes through its text, which is read as that of a value: by way of float8 it would be
 * rounded twice, and numeric_float4() refuses numbers too small for a float4, which every other way
 * into a value rounds to zero.
 */
static void read_number(const DenseType *type, Datum numeric, int position, void *element) {
    char *number = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
    char *text = psprintf("[%s]", number);
    PgsParse parse = type->parse(text, strlen(text), element);

    if (parse.status != PGS_PARSE_OK)
        report_number(type, number, parse.status, position);
    pfree(text);
    pfree(number);
}

Datum dense_from_numeric_array(FunctionCallInfo fcinfo, const DenseType *type) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    Dense *value = dense_new(type, check_array(type, array, PG_GETARG_INT32(1)));
    Datum *numbers;
    int count;

    deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &numbers, NULL, &count);
    for (int i = 0; i < count; i++)
        read_number(type, numbers[i], i + 1, value->elements + type->element_size * i);
    pfree(numbers);
    PG_RETURN_DENSE_P(value);
}

/* ---- to arrays ---- */

Datum dense_to_float4_array(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    ArrayType *array = dense_new_array(FLOAT4OID, sizeof(float4), value->dims);

    memcpy(ARR_DATA_PTR(array), dense_floats(type, value), sizeof(float4) * value->dims);
    PG_RETURN_ARRAYTYPE_P(array);
}

Datum dense_to_float8_array(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *value = PG_GETARG_DENSE_P(0);
    const float *floats = dense_floats(type, value);
    ArrayType *array = dense_new_array(FLOAT8OID, sizeof(float8), value->dims);
    float8 *elements = (float8 *)ARR_DATA_PTR(array);

    for (int i = 0; i < value->dims; i++)
        elements[i] = floats[i];
    PG_RETURN_ARRAYTYPE_P(array);
}
