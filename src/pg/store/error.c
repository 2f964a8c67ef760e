/*
 * error.c - the core's failures as PostgreSQL errors.
 */
#include "postgres.h"

#include "access/xact.h"

#include "base/compat.h"
#include "pgslab/index.h"
#include "store/error.h"
#include "store/page.h"

#define UNKNOWN_FORMAT_HINT "Install the version of pgslab that wrote it, or REINDEX the index."
#define DAMAGE_HINT "Check the storage it lies on, then REINDEX it."

const PgsError slab_out_of_memory = {PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "out of memory"};

pg_noreturn static void report_damage(const char *name, const PgsError *error) {
    if (error->block == PGS_NO_BLOCK)
        ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED), errmsg("index \"%s\" is corrupted", name),
                errdetail("%s.", error->detail), errhint(DAMAGE_HINT));
    ereport(ERROR, errcode(ERRCODE_INDEX_CORRUPTED),
            errmsg("index \"%s\" is corrupted at block %u", name, error->block),
            errdetail("Block %u: %s.", error->block, error->detail), errhint(DAMAGE_HINT));
}

/* Damage is only what pages say; whatever else is not foreseen is an error of ours. */
pg_noreturn static void report(const char *name, const PgsError *error) {
    switch (error->status) {
        case PGS_OUT_OF_MEMORY:
            ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
                    errdetail("Failed while working on index \"%s\".", name));
            break;
        case PGS_CORRUPT:
            report_damage(name, error);
            break;
        case PGS_UNSUPPORTED:
            ereport(
                ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("index \"%s\" has a format that this version of pgslab does not read", name),
                errdetail("Block %u: %s.", error->block, error->detail),
                errhint(UNKNOWN_FORMAT_HINT));
            break;
        case PGS_FULL:
            ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("index \"%s\" cannot grow any further", name),
                    errdetail("Its metapage is full: %s.", error->detail),
                    errhint("REINDEX the index, which gathers its rows into few extents."));
            break;
        case PGS_TOO_LARGE:
            ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("index \"%s\" is too large", name),
                    errdetail("One relation cannot hold it: %s.", error->detail),
                    errhint("Partition the table."));
            break;
        case PGS_MISUSE:
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("index \"%s\" was asked for what it cannot do", name),
                    errdetail("The request was refused: %s.", error->detail),
                    errhint("If no argument or setting of yours explains it, this is an error of "
                            "pgslab: please report it, with what led to it."));
            break;
        case PGS_OK:
        case PGS_INTERNAL:
            break;
    }
    ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR),
            errmsg("pgslab contradicts itself at index \"%s\"", name),
            errdetail("%s.", error->detail),
            errhint("This is an error of pgslab: please report it, with what led to it."));
}

/* What is known of a failure, if that is more than its status. */
static const PgsError *find_details(PgsStatus status, const PgsError *error, PgsError *bare) {
    if (error->status == status)
        return error;
    *bare = (PgsError){status, PGS_NO_BLOCK, "nothing more is known of it"};
    return bare;
}

void slab_raise(Relation index, PgsStatus status, const PgsError *error) {
    PgsError bare;

    report(RelationGetRelationName(index), find_details(status, error, &bare));
}

void slab_warn_unreadable(Relation index, const PgsError *error) {
    bool unknown = error->status == PGS_UNSUPPORTED;

    ereport(WARNING, errcode(unknown ? ERRCODE_FEATURE_NOT_SUPPORTED : ERRCODE_INDEX_CORRUPTED),
            errmsg("index \"%s\" cannot be read and is not used", RelationGetRelationName(index)),
            errdetail("Block %u: %s.", error->block, error->detail),
            unknown ? errhint(UNKNOWN_FORMAT_HINT) : errhint(DAMAGE_HINT));
}

/*
 * What maintenance replaces is used again once no snapshot on the primary can need it. A standby's
 * snapshots do not count, unless they are fed back; so there a scan may find that a page it is led
 * to belongs to somebody else by now. Then it is a conflict with recovery like any other.
 */
void slab_raise_read(Relation index, const void *meta, PgsStatus status, const PgsError *error) {
    PGAlignedBlock now;

    if (status == PGS_CORRUPT && TransactionStartedDuringRecovery()) {
        slab_read_meta(index, &now);
        if (pgs_meta_generation(now.data) != pgs_meta_generation(meta))
            ereport(ERROR, errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("canceling statement due to conflict with recovery"),
                    errdetail("Pages of index \"%s\" that the statement was to read have been "
                              "replaced on the primary.",
                              RelationGetRelationName(index)),
                    errhint("Repeat the statement; hot_standby_feedback = on keeps such pages for "
                            "as long as the standby's snapshots need them."));
    }
    slab_raise(index, status, error);
}
