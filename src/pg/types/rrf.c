/*
 * rrf.c - reciprocal rank fusion: one score of a row's ranks in several searches.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "base/compat.h"

/* What is added to ranks, where nobody says. */
#define USUAL_K0 60

/* A row that a search has not found has no rank there, and nothing of it. */
static double sum_of_shares(ArrayType *ranks, double k0) {
    Datum *values;
    bool *nulls;
    int n;
    double sum = 0;

    deconstruct_array(ranks, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &values,
                      &nulls, &n);
    for (int i = 0; i < n; i++) {
        if (nulls[i])
            continue;
        if (DatumGetInt64(values[i]) < 1)
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("ranks must be at least 1"),
                    errdetail("Rank %d is %lld.", i + 1, (long long)DatumGetInt64(values[i])),
                    errhint("Use row_number() or rank(), and NULL where there is no rank."));
        sum += 1 / (k0 + (double)DatumGetInt64(values[i]));
    }
    return sum;
}

PG_FUNCTION_INFO_V1(rrf);
Datum rrf(PG_FUNCTION_ARGS) {
    PG_RETURN_FLOAT8(sum_of_shares(PG_GETARG_ARRAYTYPE_P(0), USUAL_K0));
}

PG_FUNCTION_INFO_V1(rrf_with_k0);
Datum rrf_with_k0(PG_FUNCTION_ARGS) {
    double k0 = PG_GETARG_FLOAT8(1);

    if (!(k0 >= 0) || isinf(k0))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("k0 must be a number that is not negative"), errdetail("It is %g.", k0),
                errhint("60 is usual."));
    PG_RETURN_FLOAT8(sum_of_shares(PG_GETARG_ARRAYTYPE_P(0), k0));
}
