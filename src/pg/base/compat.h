/*
 * compat.h - what differs between the PostgreSQL versions we build on (15 to 18). Include
 * postgres.h first.
 */
#ifndef PGSLAB_BASE_COMPAT_H
#define PGSLAB_BASE_COMPAT_H

#include "nodes/nodes.h"
#include "postmaster/autovacuum.h"
#include "storage/bufmgr.h"
#include "storage/smgr.h"
#include "utils/rel.h"

/* The varlena macros left postgres.h in 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * Soft errors, which pg_input_is_valid() and COPY ... ON_ERROR catch without an exception, came
 * with 16; before it every error is a hard one.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define errsave(context, ...)        \
    do {                             \
        (void)(context);             \
        ereport(ERROR, __VA_ARGS__); \
    } while (0)
#endif

#if PG_VERSION_NUM >= 170000
#define slab_is_autovacuum() AmAutoVacuumWorkerProcess()
#else
#define slab_is_autovacuum() IsAutoVacuumWorkerProcess()
#endif

/* Where a relation's file is, and the file's number. */
#if PG_VERSION_NUM >= 160000
typedef RelFileNumber SlabRelNumber;
#define slab_rel_locator(rel) ((rel)->rd_locator)
#define slab_rel_number(rel) ((rel)->rd_locator.relNumber)
#else
typedef Oid SlabRelNumber;
#define slab_rel_locator(rel) ((rel)->rd_node)
#define slab_rel_number(rel) ((rel)->rd_node.relNode)
#endif

/*
 * Adds a block to a relation whose extension lock is held, or that nobody else sees; returns its
 * buffer, zeroed and locked.
 */
static inline Buffer slab_extend(Relation rel, ForkNumber fork) {
#if PG_VERSION_NUM >= 160000
    return ExtendBufferedRel(BMR_REL(rel), fork, NULL, EB_SKIP_EXTENSION_LOCK | EB_LOCK_FIRST);
#else
    Buffer buffer = ReadBufferExtended(rel, fork, P_NEW, RBM_NORMAL, NULL);

    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    return buffer;
#endif
}

/*
 * Adds n blocks of zeros at end, the end of a relation as in slab_extend(). They do not go through
 * shared buffers: whoever reads them finds what is in the file.
 */
static inline void slab_extend_by(Relation rel, BlockNumber end, BlockNumber n) {
#if PG_VERSION_NUM >= 160000
    smgrzeroextend(RelationGetSmgr(rel), MAIN_FORKNUM, end, (int)n, false);
#else
    PGAlignedBlock zeros = {{0}};

    for (BlockNumber i = 0; i < n; i++)
        smgrextend(RelationGetSmgr(rel), MAIN_FORKNUM, end + i, zeros.data, false);
#endif
}

/* Sleeps when VACUUM's cost limit asks for it; lets a cancel through. Needs commands/vacuum.h. */
#if PG_VERSION_NUM >= 180000
#define slab_vacuum_delay_point() vacuum_delay_point(false)
#else
#define slab_vacuum_delay_point() vacuum_delay_point()
#endif

/* What slab_vacuum_delay_point() goes by. To 15 it reads the settings themselves. Needs
 * commands/vacuum.h, miscadmin.h. */
#if PG_VERSION_NUM >= 160000
#define slab_vacuum_cost_delay vacuum_cost_delay
#define slab_vacuum_cost_limit vacuum_cost_limit
#else
#define slab_vacuum_cost_delay VacuumCostDelay
#define slab_vacuum_cost_limit VacuumCostLimit
#endif

/* Whether this process holds a lock in just that mode. Needs storage/lock.h. */
#if PG_VERSION_NUM >= 170000
#define slab_holds_lock(tag, mode) LockHeldByMe(tag, mode, false)
#else
#define slab_holds_lock(tag, mode) LockHeldByMe(tag, mode)
#endif

/* Counts a scan for pg_stat_user_indexes and, from 18 on, EXPLAIN. Needs pgstat.h,
 * access/relscan.h. */
#if PG_VERSION_NUM >= 180000
#define slab_count_scan(scan)                           \
    do {                                                \
        pgstat_count_index_scan((scan)->indexRelation); \
        if ((scan)->instrument)                         \
            (scan)->instrument->nsearches++;            \
    } while (0)
#else
#define slab_count_scan(scan) pgstat_count_index_scan((scan)->indexRelation)
#endif

/* Whether a role owns a relation. Needs utils/acl.h, catalog/pg_class.h. */
#if PG_VERSION_NUM >= 160000
#define slab_owns_relation(relation, role) object_ownercheck(RelationRelationId, relation, role)
#else
#define slab_owns_relation(relation, role) pg_class_ownercheck(relation, role)
#endif

/* Begins an index scan; from 18 on the caller may hand it counters for EXPLAIN. */
#if PG_VERSION_NUM >= 180000
#define slab_index_beginscan(table, index, snapshot, keys, orderbys) \
    index_beginscan(table, index, snapshot, NULL, keys, orderbys)
#else
#define slab_index_beginscan(table, index, snapshot, keys, orderbys) \
    index_beginscan(table, index, snapshot, keys, orderbys)
#endif

/* Has the planner take any other path, also one that a setting like enable_seqscan discourages,
 * once for each partition. To 17 a huge cost does that; from 18 on how often a path was
 * discouraged counts first. */
#if PG_VERSION_NUM >= 180000
#define slab_disable_path(path) ((path)->disabled_nodes = 10000)
#else
#define slab_disable_path(path) ((void)(path))
#endif

/* The next datum of a finished sort, which is not copied where the version lets us say so. */
#if PG_VERSION_NUM >= 160000
#define slab_sort_next(sort, datum, isnull) \
    tuplesort_getdatum(sort, true, false, datum, isnull, NULL)
#else
#define slab_sort_next(sort, datum, isnull) tuplesort_getdatum(sort, true, datum, isnull, NULL)
#endif

/* ERROR unless the user may do what a plan does, as when it starts to run. Needs
 * executor/executor.h. */
#if PG_VERSION_NUM >= 160000
#define slab_check_permissions(plan) \
    ((void)ExecCheckPermissions((plan)->rtable, (plan)->permInfos, true))
#else
#define slab_check_permissions(plan) ((void)ExecCheckRTPerms((plan)->rtable, true))
#endif

/* An expression over a table as one over a partition or a table that inherits from it, whose rels
 * these are. Needs optimizer/appendinfo.h. */
#if PG_VERSION_NUM >= 160000
#define slab_translate_to_child(root, expression, child, parent) \
    adjust_appendrel_attrs_multilevel(root, expression, child, parent)
#else
#define slab_translate_to_child(root, expression, child, parent) \
    adjust_appendrel_attrs_multilevel(root, expression, (child)->relids, (parent)->relids)
#endif

/* What running an executor takes: to 17 also whether it is the only time. */
#if PG_VERSION_NUM >= 180000
#define SLAB_RUN_PARAMETERS QueryDesc *query, ScanDirection direction, uint64 count
#define SLAB_RUN_ARGUMENTS query, direction, count
#else
#define SLAB_RUN_PARAMETERS QueryDesc *query, ScanDirection direction, uint64 count, bool once
#define SLAB_RUN_ARGUMENTS query, direction, count, once
#endif

/* How a function that does not return is declared, from 18 on. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* Where the next transaction id is, and the limits of ids. Needs access/transam.h. */
#if PG_VERSION_NUM >= 170000
#define slab_transam TransamVariables
#else
#define slab_transam ShmemVariableCache
#endif

/* Whether VACUUM may cut files of a table with these options, NULL for none, unless it is told.
 * From 18 on a setting says what holds where the option was not set. */
#if PG_VERSION_NUM >= 180000
#include "commands/vacuum.h"
#endif
static inline bool slab_vacuum_truncate(const StdRdOptions *options) {
#if PG_VERSION_NUM >= 180000
    return options != NULL && options->vacuum_truncate_set ? options->vacuum_truncate
                                                           : vacuum_truncate;
#else
    return options == NULL || options->vacuum_truncate;
#endif
}

/* Index expressions see a safe search_path, from 17 on. Needs utils/guc.h. */
#if PG_VERSION_NUM >= 170000
#define slab_restrict_search_path() RestrictSearchPath()
#else
#define slab_restrict_search_path() ((void)0)
#endif

/* Memory that the server frees with the value of a setting which it was given with, its extra.
 * Needs utils/guc.h. */
#if PG_VERSION_NUM >= 160000
#define slab_guc_malloc(level, size) guc_malloc(level, size)
#else
#define slab_guc_malloc(level, size) malloc(size)
#endif

/* ERROR when a snapshot is too old for a page, where old_snapshot_threshold exists. */
#if PG_VERSION_NUM >= 170000
#define slab_test_old_snapshot(snapshot, relation, page) ((void)0)
#else
#include "utils/snapmgr.h"
#define slab_test_old_snapshot(snapshot, relation, page) \
    TestForOldSnapshot(snapshot, relation, page)
#endif

#endif
