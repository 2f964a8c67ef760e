/*
 * slab.h - what the files of the access method share. Include postgres.h first.
 *
 * Locks on one index are taken in this order: the extension lock, then page locks: an open record
 * page, then slab pages in ascending order; or the metapage alone.
 */
#ifndef PGSLAB_SLAB_H
#define PGSLAB_SLAB_H

#include "access/amapi.h"
#include "access/genam.h"
#include "compat.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "pgslab_core.h"
#include "storage/bufmgr.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#define SLAB_META_BLOCK 0

/* The ordering operator's strategy number, and the support function that names the metric. */
#define SLAB_DISTANCE_STRATEGY 1
#define SLAB_METRIC_PROC 1

/* Phases of pg_stat_progress_create_index. */
#define SLAB_PHASE_VECTORS 2
#define SLAB_PHASE_RECORDS 3
#define SLAB_PHASE_LOG 4

/* What the support function of an operator class returns. */
typedef struct SlabOpclass {
    PgsMetric metric;
} SlabOpclass;

/* Parsed WITH (...) options. */
typedef struct SlabOptions {
    int32 vl_len_; /* varlena header */
    int storage;   /* PgsStorage */
    int embedder;  /* offset of the string, 0 when not given */
    int revision;
} SlabOptions;

/* Kept in the relation cache between statements; a copy of the metapage and where inserts last
 * found room. */
typedef struct SlabCache {
    PGAlignedBlock meta;
    PgsMetaInfo info; /* only for what never changes: dims, metric, item_bytes, embedder */
    uint32 tail;      /* record page of the open part: those before it are full */
    bool tail_known;
} SlabCache;

/* am_options.c */
extern void slab_init_options(void);
extern bytea *slab_options(Datum reloptions, bool validate);
/* The options that a build of index writes to its metapage; ERROR when the column has no
 * dimensions. */
extern PgsOptions slab_build_options(Relation index);
/* ERROR when the options name another embedder than the one the index was built for. */
extern void slab_check_embedder(Relation index, const PgsMetaInfo *info);

/* am_page.c */
extern Buffer slab_read_buffer(Relation index, BlockNumber block, int lock,
                               BufferAccessStrategy strategy, bool *fresh);
extern void slab_read_meta(Relation index, PGAlignedBlock *meta);
extern SlabCache *slab_cache(Relation index);
extern uint32 slab_record_count(Relation index, const void *meta, const PgsRecordPage *where,
                                BufferAccessStrategy strategy);
extern uint32 slab_find_tail(Relation index, const void *meta);
extern uint64 slab_count_slots(Relation index, const void *meta);
extern PgsTid slab_tid(ItemPointer tid);

/* am_error.c */
extern const PgsError slab_out_of_memory; /* for calls that can fail in no other way */
pg_noreturn extern void slab_report(Relation index, const PgsError *error);
static inline void slab_check_status(Relation index, PgsStatus status, const PgsError *error) {
    if (unlikely(status != PGS_OK))
        slab_report(index, error);
}

/* am_growth.c */
extern void slab_grow(Relation index, SlabCache *cache);

/* am_build.c, am_insert.c, am_scan.c, am_vacuum.c, am_cost.c, am_validate.c */
extern IndexBuildResult *slab_build(Relation heap, Relation index, IndexInfo *info);
extern void slab_build_empty(Relation index);
extern char *slab_build_phase_name(int64 phase);
extern bool slab_insert(Relation index, Datum *values, bool *isnull, ItemPointer tid, Relation heap,
                        IndexUniqueCheck check_unique, bool index_unchanged, IndexInfo *info);
extern IndexScanDesc slab_begin_scan(Relation index, int keys, int orderbys);
extern void slab_rescan(IndexScanDesc scan, ScanKey keys, int nkeys, ScanKey orderbys,
                        int norderbys);
extern bool slab_get_tuple(IndexScanDesc scan, ScanDirection direction);
extern void slab_end_scan(IndexScanDesc scan);
extern IndexBulkDeleteResult *slab_bulk_delete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
                                               IndexBulkDeleteCallback callback,
                                               void *callback_state);
extern IndexBulkDeleteResult *slab_vacuum_cleanup(IndexVacuumInfo *info,
                                                  IndexBulkDeleteResult *stats);
extern void slab_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count,
                               Cost *startup_cost, Cost *total_cost, Selectivity *selectivity,
                               double *correlation, double *pages);
extern bool slab_validate(Oid opclass);

/* fn_index.c */
/* Opens the slab index with AccessShareLock; ERROR when it is something else, or another session's
 * temporary one. */
extern Relation slab_open_index(Oid index_oid);
/* ERROR unless the user owns the index's table or is superuser. */
extern void slab_require_owner(Relation index);
/* Runs what follows as the table's owner until slab_leave_owner(). */
typedef struct SlabSecurity {
    Oid user;
    int context;
    int guc_level;
} SlabSecurity;
extern void slab_enter_owner(Relation table, SlabSecurity *outside);
extern void slab_leave_owner(const SlabSecurity *outside);
/* ERROR when the index may lack rows that the snapshot sees. */
extern void slab_require_usable(Relation index, Snapshot snapshot);

#endif
