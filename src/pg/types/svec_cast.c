/*
 * svec_cast.c - casts: svec to svec(n), and between svec and what has a number for each dimension:
 * vec, hvec and arrays.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "types/dense.h"
#include "types/dense_functions.h"
#include "types/svec.h"

PG_FUNCTION_INFO_V1(svec_to_svec);
Datum svec_to_svec(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);

    value_check_typmod(&svec_words, PG_GETARG_INT32(1), svec->dims, NULL);
    PG_RETURN_SVEC_P(svec);
}

/* ERROR for an svec with more dims than what has a number for each may have. */
static void check_dims_of_all(int32 dims, const char *name) {
    if (dims > PGS_MAX_DIMS)
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                        errmsg("%s cannot have more than %d dimensions", name, PGS_MAX_DIMS),
                        errdetail("The svec has %d dimensions.", dims),
                        errhint("Leave it as it is: svecs can be compared with one another.")));
}

/* Of one of the two types, whose numbers are all float32. */
static Datum from_dense(const DenseType *type, const Dense *dense, int32 typmod) {
    const float *floats = dense_floats(type, dense);
    int32 nnz = 0;

    value_check_typmod(&svec_words, typmod, dense->dims, NULL);
    for (int i = 0; i < dense->dims; i++)
        nnz += floats[i] != 0;

    Svec *svec = svec_new(dense->dims, nnz);
    float *values = SVEC_VALUES(svec);
    int32 written = 0;
    for (int i = 0; i < dense->dims; i++) {
        if (floats[i] == 0)
            continue;
        svec->indices[written] = i;
        values[written++] = floats[i];
    }
    PG_RETURN_SVEC_P(svec);
}

/* Writes all values, zeros included, to floats[dims], which are zero. */
static void spread(const Svec *svec, float *floats) {
    const float *values = SVEC_VALUES(svec);

    for (int32 i = 0; i < svec->nnz; i++)
        floats[svec->indices[i]] = values[i];
}

/* To one of the two types, each value rounded once. */
static Datum to_dense(FunctionCallInfo fcinfo, const DenseType *type) {
    Svec *svec = PG_GETARG_SVEC_P(0);

    check_dims_of_all(svec->dims, type->words.name);
    value_check_typmod(&type->words, PG_GETARG_INT32(1), svec->dims, NULL);

    float *floats = (float *)palloc0(sizeof(float) * svec->dims);
    spread(svec, floats);
    PG_RETURN_DENSE_P(dense_rounded(type, floats, svec->dims));
}

PG_FUNCTION_INFO_V1(svec_from_vec);
Datum svec_from_vec(PG_FUNCTION_ARGS) {
    return from_dense(&vec_type, PG_GETARG_DENSE_P(0), PG_GETARG_INT32(1));
}

PG_FUNCTION_INFO_V1(svec_to_vec);
Datum svec_to_vec(PG_FUNCTION_ARGS) {
    return to_dense(fcinfo, &vec_type);
}

PG_FUNCTION_INFO_V1(svec_from_hvec);
Datum svec_from_hvec(PG_FUNCTION_ARGS) {
    return from_dense(&hvec_type, PG_GETARG_DENSE_P(0), PG_GETARG_INT32(1));
}

PG_FUNCTION_INFO_V1(svec_to_hvec);
Datum svec_to_hvec(PG_FUNCTION_ARGS) {
    return to_dense(fcinfo, &hvec_type);
}

/* ---- arrays ---- */

/*
 * An array becomes a vec first, so that the same arrays are refused and its numbers are rounded the
 * same, and then an svec. `read` is what makes the vec.
 */
static Datum from_array(FunctionCallInfo fcinfo,
                        Datum (*read)(FunctionCallInfo fcinfo, const DenseType *type)) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    DenseType type = vec_type;

    type.words = svec_words; /* of which messages speak */
    if (count > PGS_MAX_DIMS)
        ereport(ERROR,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                 errmsg("array cannot have more than %d elements to become an svec", PGS_MAX_DIMS),
                 errdetail("The array has %d elements.", count),
                 errhint("Write what is not zero as text, as in \"{1:1.5, 3:2}/5\".")));
    return from_dense(&vec_type, DatumGetDenseP(read(fcinfo, &type)), PG_GETARG_INT32(1));
}

PG_FUNCTION_INFO_V1(svec_from_int4_array);
Datum svec_from_int4_array(PG_FUNCTION_ARGS) {
    return from_array(fcinfo, dense_from_int4_array);
}

PG_FUNCTION_INFO_V1(svec_from_float4_array);
Datum svec_from_float4_array(PG_FUNCTION_ARGS) {
    return from_array(fcinfo, dense_from_float4_array);
}

PG_FUNCTION_INFO_V1(svec_from_float8_array);
Datum svec_from_float8_array(PG_FUNCTION_ARGS) {
    return from_array(fcinfo, dense_from_float8_array);
}

PG_FUNCTION_INFO_V1(svec_from_numeric_array);
Datum svec_from_numeric_array(PG_FUNCTION_ARGS) {
    return from_array(fcinfo, dense_from_numeric_array);
}

PG_FUNCTION_INFO_V1(svec_to_float4_array);
Datum svec_to_float4_array(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    ArrayType *array;

    check_dims_of_all(svec->dims, "an array of the values of an svec");
    array = dense_new_array(FLOAT4OID, sizeof(float4), svec->dims);
    spread(svec, (float *)ARR_DATA_PTR(array));
    PG_RETURN_ARRAYTYPE_P(array);
}
