/*
 * svec_cast.c - casts: svec to svec(n), and between svec and the types that have a number for each
 * dimension.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/dense.h"
#include "types/svec.h"

PG_FUNCTION_INFO_V1(svec_to_svec);
Datum svec_to_svec(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);

    value_check_typmod(&svec_words, PG_GETARG_INT32(1), svec->dims, NULL);
    PG_RETURN_SVEC_P(svec);
}

/* Of one of those types, which have no more elements than float32 has. */
static Datum from_dense(FunctionCallInfo fcinfo, const DenseType *type) {
    Dense *dense = PG_GETARG_DENSE_P(0);
    const float *floats = dense_floats(type, dense);
    int32 nnz = 0;

    value_check_typmod(&svec_words, PG_GETARG_INT32(1), dense->dims, NULL);
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

/* To one of those types, each value rounded once. */
static Datum to_dense(FunctionCallInfo fcinfo, const DenseType *type) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    const float *values = SVEC_VALUES(svec);

    if (svec->dims > PGS_MAX_DIMS)
        ereport(ERROR,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                 errmsg("%s cannot have more than %d dimensions", type->words.name, PGS_MAX_DIMS),
                 errdetail("The svec has %d dimensions.", svec->dims),
                 errhint("Compare it with other svecs as it is.")));
    value_check_typmod(&type->words, PG_GETARG_INT32(1), svec->dims, NULL);

    float *floats = (float *)palloc0(sizeof(float) * svec->dims);
    for (int32 i = 0; i < svec->nnz; i++)
        floats[svec->indices[i]] = values[i];
    PG_RETURN_DENSE_P(dense_rounded(type, floats, svec->dims));
}

PG_FUNCTION_INFO_V1(svec_from_vec);
Datum svec_from_vec(PG_FUNCTION_ARGS) {
    return from_dense(fcinfo, &vec_type);
}

PG_FUNCTION_INFO_V1(svec_to_vec);
Datum svec_to_vec(PG_FUNCTION_ARGS) {
    return to_dense(fcinfo, &vec_type);
}

PG_FUNCTION_INFO_V1(svec_from_hvec);
Datum svec_from_hvec(PG_FUNCTION_ARGS) {
    return from_dense(fcinfo, &hvec_type);
}

PG_FUNCTION_INFO_V1(svec_to_hvec);
Datum svec_to_hvec(PG_FUNCTION_ARGS) {
    return to_dense(fcinfo, &hvec_type);
}
