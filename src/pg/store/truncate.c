/*
 * truncate.c - cutting off what is free at the end of the file, and who may.
 *
 * The lock that this takes is logged, and keeps a standby's queries waiting until the transaction
 * ends. So it is taken by VACUUM for the last of the table's indexes, unless its option TRUNCATE or
 * the table's vacuum_truncate forbids it; by a background worker, in transactions of nothing else;
 * and by a function that was called as a statement of its own outside of a transaction block, since
 * only then its transaction ends with it.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/storage.h"
#include "commands/defrem.h"
#include "commands/vacuum.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "optimizer/optimizer.h"
#include "storage/lmgr.h"
#include "tcop/pquery.h"
#include "utils/rel.h"

#include "base/compat.h"
#include "base/stop_point.h"
#include "pgslab/maintain.h"
#include "store/manifest.h"
#include "store/page.h"

/* ---- what the table and the command say ---- */

static bool table_allows(Relation index) {
    Relation table = table_open(index->rd_index->indrelid, NoLock);
    bool allows = slab_vacuum_truncate((const StdRdOptions *)table->rd_options);

    table_close(table, NoLock);
    return allows;
}

static const VacuumStmt *as_vacuum(const Node *statement) {
    return statement != NULL && IsA(statement, VacuumStmt) ? (const VacuumStmt *)statement : NULL;
}

/* The VACUUM that is being carried out, always a statement of its own; NULL for autovacuum. No
 * parallel worker comes here, as the access method takes part in none. */
static const VacuumStmt *current_vacuum(void) {
    if (ActivePortal == NULL || list_length(ActivePortal->stmts) != 1)
        return NULL;
    return as_vacuum(linitial_node(PlannedStmt, ActivePortal->stmts)->utilityStmt);
}

bool slab_vacuum_may_truncate(Relation index) {
    const VacuumStmt *vacuum = current_vacuum();
    bool allows = table_allows(index);
    ListCell *each;

    if (vacuum == NULL)
        return allows;
    foreach (each, vacuum->options) {
        DefElem *option = lfirst_node(DefElem, each);

        if (strcmp(option->defname, "truncate") == 0)
            allows = defGetBoolean(option);
    }
    return allows;
}

/* ---- calls of functions ---- */

/* Whether the plan does nothing but call the function, the result of which it may look at. */
static bool only_calls(const Plan *plan, const Node *call) {
    if (IsA(plan, Result))
        return plan->lefttree == NULL && ((const Result *)plan)->resconstantqual == NULL &&
               list_length(plan->targetlist) == 1 &&
               (const Node *)linitial_node(TargetEntry, plan->targetlist)->expr == call;
    if (IsA(plan, FunctionScan)) {
        const List *functions = ((const FunctionScan *)plan)->functions;

        return list_length(functions) == 1 &&
               linitial_node(RangeTblFunction, functions)->funcexpr == call &&
               !contain_volatile_functions((Node *)plan->targetlist) &&
               !contain_volatile_functions((Node *)plan->qual);
    }
    return false;
}

/* Portals of statements in functions have names; an executor runs the very expressions of the
 * portal's plan. */
static bool is_whole_statement(FunctionCallInfo fcinfo) {
    const PlannedStmt *statement;

    if (ActivePortal == NULL || ActivePortal->name[0] != '\0' ||
        list_length(ActivePortal->stmts) != 1)
        return false;
    statement = linitial_node(PlannedStmt, ActivePortal->stmts);
    return statement->commandType == CMD_SELECT && statement->subplans == NIL &&
           fcinfo->flinfo->fn_expr != NULL &&
           only_calls(statement->planTree, fcinfo->flinfo->fn_expr);
}

bool slab_call_may_truncate(FunctionCallInfo fcinfo, Relation index) {
    if (IsInTransactionBlock(true) || !is_whole_statement(fcinfo) || !table_allows(index))
        return false;
    /* What a client has sent behind this statement begins another transaction. */
    MyXactFlags |= XACT_FLAGS_NEEDIMMEDIATECOMMIT;
    return true;
}

/* ---- cutting ---- */

static PgsStatus cut_manifest(void *meta_page, void *arg, PgsError *error) {
    *(BlockNumber *)arg = pgs_meta_cut(meta_page);
    return PGS_OK;
}

bool slab_ends_free(Relation index) {
    PGAlignedBlock meta;

    slab_read_meta(index, &meta);
    return pgs_meta_can_cut(meta.data);
}

void slab_truncate(Relation index) {
    BlockNumber end;

    /* A standby is told of the lock by a transaction's id, which a parallel VACUUM cannot get, and
     * which is not taken where few are left. */
    if (IsInParallelMode() || slab_ids_are_scarce())
        return;
    if (!slab_ends_free(index) || !ConditionalLockRelation(index, AccessExclusiveLock))
        return;
    /* Nobody else has the index open, so nobody extends it either. */
    slab_change_meta(index, cut_manifest, &end);
    SLAB_STOP("cut");
    if (RelationGetNumberOfBlocks(index) > end)
        RelationTruncate(index, end);
    UnlockRelation(index, AccessExclusiveLock);
}
