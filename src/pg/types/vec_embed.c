/*
 * vec_embed.c - vec_hash_embed(text, dims): an embedding without a model.
 */
#include "postgres.h"

#include "fmgr.h"

#include "types/dense.h"

PG_FUNCTION_INFO_V1(vec_hash_embed);
Datum vec_hash_embed(PG_FUNCTION_ARGS) {
    text *content = PG_GETARG_TEXT_PP(0);
    int32 dims = PG_GETARG_INT32(1);

    if (dims < 1 || dims > PGS_MAX_DIMS)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("dims must be between 1 and %d", PGS_MAX_DIMS),
                        errdetail("vec_hash_embed() was called with dims %d.", dims),
                        errhint("A few hundred dims serve most texts.")));

    Dense *vec = dense_new(&vec_type, dims);
    pgs_hash_embed(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content), (float *)vec->elements, dims);
    PG_RETURN_DENSE_P(vec);
}
