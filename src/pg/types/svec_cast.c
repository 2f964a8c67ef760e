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

static Datum to_itself(FunctionCallInfo fcinfo, const TypeWords *words) {
    Svec *svec = PG_GETARG_SVEC_P(0);

    value_check_typmod(words, PG_GETARG_INT32(1), svec->dims, NULL);
    PG_RETURN_SVEC_P(svec);
}
SVEC_FUNCTION(to_svec, to_itself)

/* ERROR for an svec with more dims than what has a number for each may have. */
static void check_dims_of_all(const TypeWords *words, int32 dims, const char *name) {
    if (dims > PGS_MAX_DIMS)
        ereport(ERROR,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                 errmsg("%s cannot have more than %d dimensions", name, PGS_MAX_DIMS),
                 errdetail("The %s has %d dimensions.", words->name, dims),
                 errhint("Leave it as it is: %ss can be compared with one another.", words->name)));
}

/* Of one of the two types, whose numbers are all float32. */
static Datum from_dense(const TypeWords *words, const DenseType *type, const Dense *dense,
                        int32 typmod) {
    const float *floats = dense_floats(type, dense);
    int32 nnz = 0;

    value_check_typmod(words, typmod, dense->dims, NULL);
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
static Datum to_dense(FunctionCallInfo fcinfo, const TypeWords *words, const DenseType *type) {
    Svec *svec = PG_GETARG_SVEC_P(0);

    check_dims_of_all(words, svec->dims, type->words.name);
    value_check_typmod(&type->words, PG_GETARG_INT32(1), svec->dims, NULL);

    float *floats = (float *)palloc0(sizeof(float) * svec->dims);
    spread(svec, floats);
    PG_RETURN_DENSE_P(dense_rounded(type, floats, svec->dims));
}

/* The SQL functions sparse_from_dense() and sparse_to_dense(), of types of these names. */
#define SVEC_CASTS(sparse, words, dense, type)                                    \
    PG_FUNCTION_INFO_V1(sparse##_from_##dense);                                   \
    Datum sparse##_from_##dense(PG_FUNCTION_ARGS) {                               \
        return from_dense(words, type, PG_GETARG_DENSE_P(0), PG_GETARG_INT32(1)); \
    }                                                                             \
    PG_FUNCTION_INFO_V1(sparse##_to_##dense);                                     \
    Datum sparse##_to_##dense(PG_FUNCTION_ARGS) {                                 \
        return to_dense(fcinfo, words, type);                                     \
    }

SVEC_CASTS(svec, &svec_words, vec, &vec_type)
SVEC_CASTS(svec, &svec_words, hvec, &hvec_type)
SVEC_CASTS(compat_sparsevec, &compat_sparsevec_words, vector, &compat_vector_type)
SVEC_CASTS(compat_sparsevec, &compat_sparsevec_words, halfvec, &compat_halfvec_type)

/* ---- arrays ---- */

/*
 * An array becomes a vec first, so that the same arrays are refused and its numbers are rounded the
 * same, and then an svec. `read` is what makes the vec.
 */
static Datum from_array(FunctionCallInfo fcinfo, const TypeWords *words,
                        Datum (*read)(FunctionCallInfo fcinfo, const DenseType *type)) {
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    DenseType type = vec_type;

    type.words = *words; /* of which messages speak */
    if (count > PGS_MAX_DIMS)
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                        errmsg("array cannot have more than %d elements to become %s", PGS_MAX_DIMS,
                               words->one),
                        errdetail("The array has %d elements.", count),
                        errhint("Write what is not zero as text, as in \"{1:1.5, 3:2}/5\".")));
    return from_dense(words, &vec_type, DatumGetDenseP(read(fcinfo, &type)), PG_GETARG_INT32(1));
}

static Datum from_int4_array(FunctionCallInfo fcinfo, const TypeWords *words) {
    return from_array(fcinfo, words, dense_from_int4_array);
}
SVEC_FUNCTION(from_int4_array, from_int4_array)

static Datum from_float4_array(FunctionCallInfo fcinfo, const TypeWords *words) {
    return from_array(fcinfo, words, dense_from_float4_array);
}
SVEC_FUNCTION(from_float4_array, from_float4_array)

static Datum from_float8_array(FunctionCallInfo fcinfo, const TypeWords *words) {
    return from_array(fcinfo, words, dense_from_float8_array);
}
SVEC_FUNCTION(from_float8_array, from_float8_array)

static Datum from_numeric_array(FunctionCallInfo fcinfo, const TypeWords *words) {
    return from_array(fcinfo, words, dense_from_numeric_array);
}
SVEC_FUNCTION(from_numeric_array, from_numeric_array)

PG_FUNCTION_INFO_V1(svec_to_float4_array);
Datum svec_to_float4_array(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    ArrayType *array;

    check_dims_of_all(&svec_words, svec->dims, "an array of the values of an svec");
    array = dense_new_array(FLOAT4OID, sizeof(float4), svec->dims);
    spread(svec, (float *)ARR_DATA_PTR(array));
    PG_RETURN_ARRAYTYPE_P(array);
}
