/*
 * svec_measure.c - functions of one svec: dimensions, non-zeros, norm and the unit vector.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/svec.h"

/* Detoasts no more than what comes before the indices. */
static const Svec *header_of_argument(FunctionCallInfo fcinfo) {
    return (const Svec *)PG_DETOAST_DATUM_SLICE(PG_GETARG_DATUM(0), 0,
                                                offsetof(Svec, indices) - VARHDRSZ);
}

PG_FUNCTION_INFO_V1(svec_dims);
Datum svec_dims(PG_FUNCTION_ARGS) {
    PG_RETURN_INT32(header_of_argument(fcinfo)->dims);
}

PG_FUNCTION_INFO_V1(svec_nnz);
Datum svec_nnz(PG_FUNCTION_ARGS) {
    PG_RETURN_INT32(header_of_argument(fcinfo)->nnz);
}

PG_FUNCTION_INFO_V1(svec_norm);
Datum svec_norm(PG_FUNCTION_ARGS) {
    PgsSvec svec = svec_view(PG_GETARG_SVEC_P(0));

    PG_RETURN_FLOAT8(pgs_svec_norm(&svec));
}

/* The zero vector stays what it is. */
PG_FUNCTION_INFO_V1(svec_l2_normalize);
Datum svec_l2_normalize(PG_FUNCTION_ARGS) {
    PgsSvec svec = svec_view(PG_GETARG_SVEC_P(0));
    Svec *result = svec_new(svec.dims, svec.nnz);

    svec_shrink(result, pgs_svec_normalize(&svec, result->indices, SVEC_VALUES(result)));
    PG_RETURN_SVEC_P(result);
}
