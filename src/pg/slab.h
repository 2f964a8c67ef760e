/*
 * slab.h - what the files of the access method share. Include postgres.h first.
 *
 * Locks on one index are taken in this order: the maintenance lock, the extension lock, then page
 * locks: an open record page, then the page of its refinement codes, then slab pages in ascending
 * order, or instead of both the metapage.
 */
#ifndef PGSLAB_SLAB_H
#define PGSLAB_SLAB_H

#include "access/amapi.h"
#include "access/genam.h"
#include "compat.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"
#include "storage/bufmgr.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#define SLAB_META_BLOCK 0

/* The ordering operator's strategy number, and the support function that names the metric. */
#define SLAB_DISTANCE_STRATEGY 1
#define SLAB_METRIC_PROC 1

/* Phases of pg_stat_progress_create_index. */
#define SLAB_PHASE_SAMPLE 2
#define SLAB_PHASE_TRAIN 3
#define SLAB_PHASE_ENCODE 4
#define SLAB_PHASE_WRITE 5
#define SLAB_PHASE_CALIBRATE 6
#define SLAB_PHASE_LOG 7

/* What one scan did. */
typedef struct SlabScanWork {
    Oid index;
    bool exact;
    uint32 expected_rows; /* 0: unknown */
    uint64 buffers;       /* accesses to pages of the index */
    PgsWork core;
} SlabScanWork;

/* Of several scans, sums. */
typedef struct SlabScanTotals {
    uint64 scans;
    uint64 buffers;
    PgsWork core;
} SlabScanTotals;

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
    int lists;               /* 0: automatic */
    int bits;                /* of refinement codes; SLAB_AUTO_BITS: automatic */
    int sample;              /* rows, 0: automatic */
    int seal_threshold;      /* rows, 0: automatic */
    double vacuum_threshold; /* share of a part's slots */
} SlabOptions;

#define SLAB_AUTO_BITS (-1)

/* Kept in the relation cache between statements: a copy of the metapage and where inserts last
 * found room. Good for as long as the metapage has that generation, and for the transaction that
 * found it so: what is replaced meanwhile is not reused before its end. */
typedef struct SlabCache {
    PGAlignedBlock meta;
    PgsMetaInfo info;
    uint32 tail; /* record page of the open part: those before it are full */
    bool tail_known;
    uint64 before_tail; /* slots of the open part before that page */
    uint64 seal_at;     /* of its slots: when as many are in use the sidecar is to be sealed */
} SlabCache;

/* am_options.c */
extern void slab_init_options(void);
extern bytea *slab_options(Datum reloptions, bool validate);
/* The options that a build of index writes to its metapage; ERROR when the column has no
 * dimensions or an option does not suit it. */
extern PgsOptions slab_build_options(Relation index);
/* What the options ask for, 0 where they leave it to pgs_plan(). */
extern PgsPlan slab_requested_plan(Relation index);
/* Rows of the sidecar that are made a segment; 0 when the index is to choose. */
extern int slab_seal_threshold(Relation index);
/* The share of tombstones from which on a part is written anew. */
extern double slab_vacuum_threshold(Relation index);
/* ERROR when the options name another embedder than the one the index was built for. */
extern void slab_check_embedder(Relation index, const PgsMetaInfo *info);

/* am_page.c */
extern Buffer slab_read_buffer(Relation index, BlockNumber block, int lock,
                               BufferAccessStrategy strategy);
/* The same for who makes others believe what it reads, such as by copying it: the page is verified
 * whoever has seen it before. */
extern Buffer slab_read_verified(Relation index, BlockNumber block, int lock,
                                 BufferAccessStrategy strategy);
/* Fetches what the machine has found out that it will need. */
extern void slab_prefetch_upcoming(Relation index, const PgsMachine *machine);
extern void slab_read_meta(Relation index, PGAlignedBlock *meta);
extern bool slab_try_meta(Relation index, PGAlignedBlock *meta);
extern SlabCache *slab_cache(Relation index);
/* Reads the metapage into it again. */
extern void slab_refresh_cache(Relation index, SlabCache *cache);
/* Checks a page that was read from where the manifest in meta says that this record page is;
 * returns how many records it has. */
extern uint32 slab_check_records(Relation index, const void *meta, const PgsRecordPage *where,
                                 Page page);
extern uint32 slab_record_count(Relation index, const void *meta, const PgsRecordPage *where,
                                BufferAccessStrategy strategy);
extern uint32 slab_find_tail(Relation index, const void *meta);
extern uint64 slab_count_slots(Relation index, const void *meta);
extern PgsTid slab_tid(ItemPointer tid);

/* am_error.c */
extern const PgsError slab_out_of_memory; /* for calls that say no more than their status */
pg_noreturn extern void slab_report(Relation index, PgsStatus status, const PgsError *error);
static inline void slab_check_status(Relation index, PgsStatus status, const PgsError *error) {
    if (unlikely(status != PGS_OK))
        slab_report(index, status, error);
}

/* The same for what was read from pages that the manifest in meta named, which on a standby may
 * have been replaced since. */
pg_noreturn extern void slab_report_read(Relation index, const void *meta, PgsStatus status,
                                         const PgsError *error);
static inline void slab_check_read(Relation index, const void *meta, PgsStatus status,
                                   const PgsError *error) {
    if (unlikely(status != PGS_OK))
        slab_report_read(index, meta, status, error);
}

/* Says in a WARNING that queries go on without the index, with whose metapage that is wrong. */
extern void slab_warn_unreadable(Relation index, const PgsError *error);

/* module.c */
/* What the settings ask of a scan; rows is 0. */
extern PgsEffort slab_effort(void);
/* Whether inserts may start a worker. */
extern bool slab_auto_compact(void);

/* scan_limit.c */
extern void slab_init_limit(void);
typedef struct SlabLimit {
    uint32 rows; /* that the query at hand wants of a scan; 0 when nobody knows */
    bool all;    /* it wants every row */
} SlabLimit;
extern SlabLimit slab_limit(IndexScanDesc scan);

/* am_lookup.c */
typedef struct SlabLookup SlabLookup;
/* To look rows of a scan up in its table; lives in CurrentMemoryContext, until it is ended. */
extern SlabLookup *slab_begin_lookup(IndexScanDesc scan);
/* The vector that the index has of a row, float[dims], until the row is released. NULL when the
 * scan's snapshot sees none there, with all_dead when no other would. ERROR when it has other dims.
 */
extern const float *slab_look_up(SlabLookup *lookup, const PgsTid *tid, int dims, bool *all_dead);
extern void slab_release_row(SlabLookup *lookup);
/* Lets go of the table until the next row is looked up. */
extern void slab_reset_lookup(SlabLookup *lookup);
extern void slab_end_lookup(SlabLookup *lookup);

/* plan_distance.c */
extern void slab_init_plan(void);

/* am_definition.c */
extern void slab_init_definition(void);

/* explain.c */
extern void slab_init_explain(void);

/* fn_last_scan.c */
/* Adds what was done from then to then. */
extern void slab_add_work(SlabScanTotals *sum, const SlabScanTotals *from,
                          const SlabScanTotals *to);
/* Of a scan under way: what it has told so far, all zeros at first, and what it has done by now. */
extern void slab_note_progress(SlabScanTotals *told, const SlabScanTotals *now);
/* Of a scan that ends. */
extern void slab_note_scan(const SlabScanWork *work);
/* All that this session's scans have told. */
extern SlabScanTotals slab_scan_totals(void);

/* am_codebook.c */
/* The codebook of the index that meta is of, from this backend's cache. It stays until
 * CurrentMemoryContext is reset or deleted; for the same context asking again costs next to
 * nothing. */
extern const PgsCodebook *slab_pin_codebook(Relation index, const void *meta);
/* An encoder for it, until this backend needs another codebook: to be used at once. */
extern PgsEncoder *slab_encoder(Relation index, const void *meta, size_t *row_bytes);

/* am_calibrate.c */
/* Whose progress to report. */
typedef enum SlabReport { SLAB_REPORT_BUILD, SLAB_REPORT_MAINTENANCE } SlabReport;
/* Has the index measure itself, for pgs_meta_calibrate(). NULL when it has no codes or too few
 * rows. Lives in CurrentMemoryContext. Progress is that of what the backend reports. */
extern const PgsCalibration *slab_measure(Relation index, const void *meta,
                                          const PgsCodebook *codebook, SlabReport report);

/* am_manifest.c */
/* Changes the metapage in one WAL record. */
typedef PgsStatus (*SlabMetaChange)(void *meta_page, void *arg, PgsError *error);
extern void slab_change_meta(Relation index, SlabMetaChange change, void *arg);
/* Gives the file so many blocks, of zeros where it has none, for who holds the extension lock or is
 * alone. */
extern void slab_extend_to(Relation index, BlockNumber blocks);

/* am_change.c */
typedef struct SlabChange {
    Buffer buffer; /* locked, changed and dirty */
    PgsChange bytes;
} SlabChange;
/* Logs changes of at most MAX_GENERIC_XLOG_PAGES pages as one WAL record, in the critical section
 * that they were made in. */
extern void slab_log_changes(const SlabChange *changes, int n);

/*
 * am_write.c: pages of reserved runs, each lot of them written and logged in one step. Nothing is
 * in its block before slab_write_pending(), which is due before anything reads or publishes what
 * was added.
 */
typedef struct SlabWriter SlabWriter;
/* In CurrentMemoryContext. */
extern SlabWriter *slab_open_writer(Relation index);
/* A page to fill, to be written to a block that the file has and no other added page is for. */
extern void *slab_add_page(SlabWriter *writer, BlockNumber block);
extern void slab_write_pending(SlabWriter *writer);

/* am_growth.c */
extern void slab_grow(Relation index, SlabCache *cache);
/* A locked buffer to write the block's page to, for who holds the extension lock or is alone. The
 * block may lie past the end of the fork by at most one. */
extern Buffer slab_new_buffer(Relation index, ForkNumber fork, BlockNumber block);

/* Rows from which on some are held out of the sample, for the index to measure itself with. */
#define SLAB_HOLD_OUT_ROWS 4096

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
/* Tells a scan that has not started how many rows will be taken. */
extern void slab_expect_rows(IndexScanDesc scan, uint32 rows);
extern IndexBulkDeleteResult *slab_bulk_delete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
                                               IndexBulkDeleteCallback callback,
                                               void *callback_state);
extern IndexBulkDeleteResult *slab_vacuum_cleanup(IndexVacuumInfo *info,
                                                  IndexBulkDeleteResult *stats);
extern void slab_cost_estimate(PlannerInfo *root, IndexPath *path, double loop_count,
                               Cost *startup_cost, Cost *total_cost, Selectivity *selectivity,
                               double *correlation, double *pages);
extern bool slab_validate(Oid opclass);

/* am_handler.c */
/* Whether an index of that access method is one of ours. */
extern bool slab_is_access_method(Oid am);

/* fn_index.c */
/* Opens the slab index with AccessShareLock; ERROR when it is something else, or another session's
 * temporary one. */
extern Relation slab_open_index(Oid index_oid);
/* ERROR unless the user owns the index's table or is superuser. */
extern void slab_require_owner(Relation index);
/* ERROR unless the user may read the index's table. */
extern void slab_require_select(Relation index);
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
