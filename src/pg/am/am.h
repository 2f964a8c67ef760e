/*
 * am.h - the verbs of the access method, and what SQL functions ask of its scans. Include
 * postgres.h first.
 *
 * The contracts of the verbs are the server's, in its chapter "Index Access Method Interface".
 */
#ifndef PGSLAB_AM_AM_H
#define PGSLAB_AM_AM_H

#include "access/amapi.h"
#include "access/genam.h"
#include "nodes/execnodes.h"

/* insert.c */
extern bool slab_insert(Relation index, Datum *values, bool *isnull, ItemPointer tid, Relation heap,
                        IndexUniqueCheck check_unique, bool index_unchanged, IndexInfo *info);

/* insert_document.c: the same for a row, whose document is not NULL, of an index by terms. */
extern void slab_insert_document(Relation index, const Datum *values, const bool *isnull,
                                 ItemPointer tid);

/* scan.c */
extern IndexScanDesc slab_begin_scan(Relation index, int keys, int orderbys);
extern void slab_rescan(IndexScanDesc scan, ScanKey keys, int nkeys, ScanKey orderbys,
                        int norderbys);
extern bool slab_get_tuple(IndexScanDesc scan, ScanDirection direction);
extern void slab_end_scan(IndexScanDesc scan);
/* Tells a scan that has not started how many rows will be taken, where no plan says it. */
extern void slab_expect_rows(IndexScanDesc scan, uint32 rows);

/* document_scan.c: the same for scans of an index of documents. A scan that begins has been made
 * for its keys; one that finishes is at its end, or starts anew. */
extern void slab_begin_document_scan(IndexScanDesc scan);
extern void slab_expect_documents(IndexScanDesc scan, uint32 rows);
extern bool slab_next_document(IndexScanDesc scan);
extern void slab_finish_document_scan(IndexScanDesc scan);
extern void slab_end_document_scan(IndexScanDesc scan);

/* vacuum.c */
extern IndexBulkDeleteResult *slab_bulk_delete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
                                               IndexBulkDeleteCallback callback,
                                               void *callback_state);
extern IndexBulkDeleteResult *slab_vacuum_cleanup(IndexVacuumInfo *info,
                                                  IndexBulkDeleteResult *stats);

/* validate.c */
extern bool slab_validate(Oid opclass);

#endif
