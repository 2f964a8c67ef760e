/*
 * am_error.c - the core's failures as PostgreSQL errors.
 */
#include "postgres.h"

#include "slab.h"

const PgsError slab_out_of_memory = {PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "out of memory"};

void slab_report(Relation index, const PgsError *error) {
    const char *name = RelationGetRelationName(index);

    switch (error->status) {
        case PGS_OUT_OF_MEMORY:
            ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
                    errdetail("Failed while working on index \"%s\".", name));
            break;
        case PGS_UNSUPPORTED:
            ereport(
                ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("index \"%s\" has a format that this version of pgslab does not read", name),
                errdetail("Block %u: %s.", error->block, error->detail),
                errhint("Install the version of pgslab that wrote it, or REINDEX the index."));
            break;
        case PGS_FULL:
            ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("index \"%s\" cannot grow any further", name),
                    errdetail("Its metapage is full: %s.", error->detail),
                    errhint("REINDEX the index, which gathers its rows into one extent."));
            break;
        case PGS_OK:
        case PGS_CORRUPT:
            break;
    }
    if (error->block == PGS_NO_BLOCK)
        ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED), errmsg("index \"%s\" is corrupted", name),
                errdetail("%s.", error->detail),
                errhint("Check the storage it lies on, then REINDEX it."));
    ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
            errmsg("index \"%s\" is corrupted at block %u", name, error->block),
            errdetail("Block %u: %s.", error->block, error->detail),
            errhint("Check the storage it lies on, then REINDEX it."));
}
