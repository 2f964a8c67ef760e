/*
 * neighbour_svec.c - casts between svec and the sparsevec of another library, which has the same
 * bytes but neither the same limits nor quite the same rules.
 *
 * It reads no value of more non-zeros than SPARSEVEC_MAX_NNZ. And it may have an element that is
 * zero, where it has rounded one, which would make two equal svecs differ.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/svec.h"
#include "types/value.h"

#define SPARSEVEC_MAX_NNZ 16000

PG_FUNCTION_INFO_V1(slab_svec_to_sparsevec);
Datum slab_svec_to_sparsevec(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);

    value_check_typmod(&svec_words, PG_GETARG_INT32(1), svec->dims, NULL);
    if (svec->nnz > SPARSEVEC_MAX_NNZ)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("sparsevec cannot have more than %d non-zero elements", SPARSEVEC_MAX_NNZ),
                errdetail("The svec has %d.", svec->nnz),
                errhint("Leave it as it is: svecs can be compared with one another."));
    PG_RETURN_SVEC_P(svec);
}

static int32 count_zeros(const Svec *svec) {
    const float *values = SVEC_VALUES(svec);
    int32 zeros = 0;

    for (int32 i = 0; i < svec->nnz; i++)
        zeros += values[i] == 0;
    return zeros;
}

static Svec *without_zeros(const Svec *svec, int32 zeros) {
    Svec *result = svec_new(svec->dims, svec->nnz - zeros);
    const float *from = SVEC_VALUES(svec);
    float *to = SVEC_VALUES(result);
    int32 n = 0;

    for (int32 i = 0; i < svec->nnz; i++) {
        if (from[i] == 0)
            continue;
        result->indices[n] = svec->indices[i];
        to[n++] = from[i];
    }
    return result;
}

PG_FUNCTION_INFO_V1(slab_sparsevec_to_svec);
Datum slab_sparsevec_to_svec(PG_FUNCTION_ARGS) {
    Svec *svec = PG_GETARG_SVEC_P(0);
    int32 zeros = count_zeros(svec);

    value_check_typmod(&svec_words, PG_GETARG_INT32(1), svec->dims, NULL);
    PG_RETURN_SVEC_P(zeros == 0 ? svec : without_zeros(svec, zeros));
}
