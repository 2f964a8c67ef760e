/*
 * svec_value.c - making svec values, and the checks every svec passes on its way in.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "types/svec.h"

StaticAssertDecl(SVEC_SIZE(PGS_SVEC_MAX_NNZ) <= MaxAllocSize, "the largest svec can be allocated");
StaticAssertDecl(SVEC_SIZE(PGS_SVEC_MAX_NNZ + 1) > MaxAllocSize, "no larger one can be");

#define SVEC_WORDS(type_name, one_value)                                       \
    {                                                                          \
        .name = type_name, .one = one_value, .element = "4-byte float",        \
        .largest = "3.4028235e+38", .wider = "", .max_dims = PGS_SVEC_MAX_DIMS \
    }

const TypeWords svec_words = SVEC_WORDS("svec", "an svec");
const TypeWords compat_sparsevec_words = SVEC_WORDS("sparsevec", "a sparsevec");

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
