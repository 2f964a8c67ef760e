/*
 * pages.c - slab_pages(): every block of an index, by its role and by what its page says of
 * itself.
 */
#include "postgres.h"

#include "access/genam.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "pgslab/index.h"
#include "pgslab/verify.h"
#include "sql/index.h"
#include "store/page.h"

static const char *role_name(PgsRole role) {
    switch (role) {
        case PGS_ROLE_META:
            return "meta";
        case PGS_ROLE_RECORD:
            return "record";
        case PGS_ROLE_SLAB:
            return "slab";
        case PGS_ROLE_REFINE:
            return "refine";
        case PGS_ROLE_CODEBOOK:
            return "codebook";
        case PGS_ROLE_DIRECTORY:
            return "directory";
        case PGS_ROLE_LIST:
            return "list";
        case PGS_ROLE_PIECE:
            return "piece";
        case PGS_ROLE_SEGMENT:
            return "segment";
        case PGS_ROLE_POSTING:
            return "posting";
        case PGS_ROLE_SPARE:
            return "spare";
        case PGS_ROLE_IN_PROGRESS:
            return "in progress";
        case PGS_ROLE_BEYOND:
            return "unused";
    }
    return NULL;
}

/* manifest is NULL where the metapage cannot be believed: then nobody knows a block's role. */
static void put_page(ReturnSetInfo *result, const void *manifest, BlockNumber block,
                     const PgsPageInfo *page) {
    enum { COLUMNS = 10 };
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    values[n++] = Int64GetDatum(block);
    nulls[n] = manifest == NULL;
    values[n] = manifest == NULL ? (Datum)0
                                 : CStringGetTextDatum(role_name(pgs_block_role(manifest, block)));
    n++;
    values[n++] = CStringGetTextDatum(page->kind);
    values[n++] = Int64GetDatum((int64)page->part);
    values[n++] = Int64GetDatum((int64)page->generation);
    values[n++] = Int64GetDatum(page->sequence);
    values[n++] = Int32GetDatum(page->used_bytes);
    values[n++] = Int32GetDatum(page->records);
    values[n++] = Int32GetDatum(page->tombstones);
    values[n++] = BoolGetDatum(page->checksum_ok);
    Assert(n == COLUMNS);
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void describe_block(Relation index, BlockNumber block, BufferAccessStrategy strategy,
                           PgsPageInfo *info) {
    Buffer buffer = slab_read_buffer(index, block, BUFFER_LOCK_SHARE, strategy);

    pgs_page_info(BufferGetPage(buffer), info);
    UnlockReleaseBuffer(buffer);
}

/* Copies the metapage as it is; NULL if it is damaged. */
static const void *read_manifest(Relation index, PGAlignedBlock *meta) {
    Buffer buffer = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_SHARE, NULL);

    memcpy(meta->data, BufferGetPage(buffer), BLCKSZ);
    UnlockReleaseBuffer(buffer);
    return pgs_meta_check(meta->data, NULL) == PGS_OK ? meta->data : NULL;
}

PG_FUNCTION_INFO_V1(slab_pages);
Datum slab_pages(PG_FUNCTION_ARGS) {
    Relation index = slab_open_index(PG_GETARG_OID(0));
    BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
    MemoryContext row_context;
    PGAlignedBlock meta;
    const void *manifest;
    BlockNumber blocks;

    slab_require_owner(index);
    InitMaterializedSRF(fcinfo, 0);
    manifest = read_manifest(index, &meta);
    blocks = RelationGetNumberOfBlocks(index);
    row_context =
        AllocSetContextCreate(CurrentMemoryContext, "slab_pages row", ALLOCSET_SMALL_SIZES);
    for (BlockNumber block = 0; block < blocks; block++) {
        MemoryContext caller;
        PgsPageInfo page;

        CHECK_FOR_INTERRUPTS();
        describe_block(index, block, strategy, &page);
        caller = MemoryContextSwitchTo(row_context);
        put_page((ReturnSetInfo *)fcinfo->resultinfo, manifest, block, &page);
        MemoryContextSwitchTo(caller);
        MemoryContextReset(row_context);
    }
    MemoryContextDelete(row_context);
    FreeAccessStrategy(strategy);
    index_close(index, AccessShareLock);
    return (Datum)0;
}
