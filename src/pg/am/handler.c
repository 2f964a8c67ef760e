/*
 * handler.c - what the access method slab can do, and what does the same under the names hnsw and
 * ivfflat, which pgslab_compat gives it.
 */
#include "postgres.h"

#include "access/amapi.h"
#include "commands/progress.h"
#include "commands/vacuum.h"
#include "fmgr.h"
#include "utils/fmgrprotos.h"

#include "am/am.h"
#include "base/progress.h"
#include "build/build.h"
#include "learn/samples.h"
#include "plan/plan.h"
#include "store/options.h"

static bool slab_property(Oid index, int column, IndexAMProperty property, const char *name,
                          bool *result, bool *isnull) {
    *result = false;
    return property == AMPROP_CAN_INCLUDE;
}

/* Nothing was learnt of what is built anew, so its first lessons are large again. */
static IndexBuildResult *build_anew(Relation heap, Relation index, IndexInfo *info) {
    slab_forget_audits(RelationGetRelid(index));
    return slab_build(heap, index, info);
}

static IndexAmRoutine *make_routine(amoptions_function options) {
    IndexAmRoutine *am = makeNode(IndexAmRoutine);

    am->amstrategies = 0;
    am->amsupport = 2;
    am->amcanorderbyop = true;
    am->amcanmulticol = true;
    am->amoptionalkey = true;
    am->amcaninclude = true; /* is refused where an index is defined, with a hint */
    am->amsearcharray = true;
    am->amsearchnulls = true;
    /* There is little to read; and a parallel worker may not take the transaction ids that giving
     * space back needs (vacuum.c). */
    am->amparallelvacuumoptions = VACUUM_OPTION_NO_PARALLEL;
    am->amkeytype = InvalidOid;

    am->ambuild = build_anew;
    am->ambuildempty = slab_build_empty;
    am->aminsert = slab_insert;
    am->ambulkdelete = slab_bulk_delete;
    am->amvacuumcleanup = slab_vacuum_cleanup;
    am->amcostestimate = slab_cost_estimate;
    am->amoptions = options;
    am->amproperty = slab_property;
    am->ambuildphasename = slab_phase_name;
    am->amvalidate = slab_validate;
    am->ambeginscan = slab_begin_scan;
    am->amrescan = slab_rescan;
    am->amgettuple = slab_get_tuple;
    am->amendscan = slab_end_scan;
    return am;
}

PG_FUNCTION_INFO_V1(slab_handler);
Datum slab_handler(PG_FUNCTION_ARGS) {
    PG_RETURN_POINTER(make_routine(slab_options));
}

/* What is said with these names is to be understood by pgvector, which has one column in an index.
 */
static IndexAmRoutine *make_guest_routine(amoptions_function options) {
    IndexAmRoutine *am = make_routine(options);

    am->amcanmulticol = false;
    am->amcaninclude = false;
    return am;
}

PG_FUNCTION_INFO_V1(slab_hnsw_handler);
Datum slab_hnsw_handler(PG_FUNCTION_ARGS) {
    PG_RETURN_POINTER(make_guest_routine(slab_hnsw_options));
}

PG_FUNCTION_INFO_V1(slab_ivfflat_handler);
Datum slab_ivfflat_handler(PG_FUNCTION_ARGS) {
    PG_RETURN_POINTER(make_guest_routine(slab_ivfflat_options));
}

/* A condition on filter columns, which the planner hands over as one on the vector (keys/term.h).
 * Whether a row satisfies it is looked at where the condition itself stands. */
PG_FUNCTION_INFO_V1(slab_satisfies);
Datum slab_satisfies(PG_FUNCTION_ARGS) {
    PG_RETURN_BOOL(true);
}
