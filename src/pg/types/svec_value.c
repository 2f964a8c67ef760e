/*
 * svec_value.c - making svec values, and the checks every svec passes on its way in.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/memutils.h"

#include "base/compat.h"
#include "types/svec.h"

StaticAssertDecl(SVEC_SIZE(PGS_SVEC_MAX_NNZ) <= MaxAllocSize, "the largest svec can be allocated");
StaticAssertDecl(SVEC_SIZE(PGS_SVEC_MAX_NNZ + 1) > MaxAllocSize, "no larger one can be");

Svec *svec_new(int32 dims, int64 nnz) {
    if (nnz > PGS_SVEC_MAX_NNZ)
        ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                        errmsg("svec cannot have more than %d non-zeros", PGS_SVEC_MAX_NNZ),
                        errdetail("The value may have up to %lld.", (long long)nnz),
                        errhint("Keep only the largest values of each vector.")));

    Svec *svec = (Svec *)palloc(SVEC_SIZE(nnz));
    SET_VARSIZE(svec, SVEC_SIZE(nnz));
    svec->dims = dims;
    svec->nnz = (int32)nnz;
    svec->unused = 0;
    return svec;
}

Svec *svec_from_elements(int32 dims, const PgsSvecElement *elements, int32 nnz) {
    Svec *svec = svec_new(dims, nnz);
    float *values = SVEC_VALUES(svec);

    for (int32 i = 0; i < nnz; i++) {
        svec->indices[i] = elements[i].index;
        values[i] = elements[i].value;
    }
    return svec;
}

void svec_shrink(Svec *svec, int32 nnz) {
    const float *values = SVEC_VALUES(svec);

    svec->nnz = nnz;
    memmove(SVEC_VALUES(svec), values, sizeof(float) * (Size)nnz);
    SET_VARSIZE(svec, SVEC_SIZE(nnz));
}

bool svec_check_typmod(int32 typmod, int32 dims, Node *context) {
    if (typmod == -1 || typmod == dims)
        return true;
    errsave(context, (errcode(ERRCODE_DATA_EXCEPTION),
                      errmsg("expected %d dimensions, not %d", typmod, dims),
                      errdetail("The type is svec(%d), the value has %d dimensions.", typmod, dims),
                      errhint("Use a vector of the declared dimensions, or declare the type as "
                              "svec(%d), or as svec for any dimensions.",
                              dims)));
    return false;
}

void svec_check_finite(float value, int32 position) {
    if (isnan(value))
        ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("NaN is not allowed in an svec"),
                        errdetail("Value %d is NaN.", position),
                        errhint("Use a finite number, or NULL in place of the whole vector.")));
    if (isinf(value))
        ereport(ERROR,
                (errcode(ERRCODE_DATA_EXCEPTION), errmsg("infinity is not allowed in an svec"),
                 errdetail("Value %d is %sInfinity.", position, value < 0 ? "-" : ""),
                 errhint("Use a finite number, or NULL in place of the whole vector.")));
}

void svec_report_different_dims(int32 left, int32 right) {
    ereport(ERROR,
            (errcode(ERRCODE_DATA_EXCEPTION),
             errmsg("different svec dimensions %d and %d", left, right),
             errdetail("One vector has %d dimensions, the other %d.", left, right),
             errhint("Only vectors of the same dimensions can be combined or compared; declare the "
                     "column as svec(n) to have them checked when they are stored.")));
}
