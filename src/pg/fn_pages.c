/*
 * fn_pages.c - slab_pages(): every block of an index, by its role and by what its page says of
 * itself.
 */
#include "postgres.h"

#include "access/genam.h"
#include "compat.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "slab.h"
#include "utils/builtins.h"

static const char *role_name(PgsRole role) {
    switch (role) {
        case PGS_ROLE_META:
            return "meta";
        case PGS_ROLE_RECORD:
            return "record";
        case PGS_ROLE_SLAB:
            return "slab";
        case PGS_ROLE_IN_PROGRESS:
            return "in progress";
        case PGS_ROLE_BEYOND:
            return "unused";
    }
    return NULL;
}

static void put_page(ReturnSetInfo *result, BlockNumber block, PgsRole role,
                     const PgsPageInfo *page) {
    enum { COLUMNS = 10 };
    Datum values[COLUMNS];
    bool nulls[COLUMNS] = {false};
    int n = 0;

    values[n++] = Int64GetDatum(block);
    values[n++] = CStringGetTextDatum(role_name(role));
    values[n++] = CStringGetTextDatum(page->kind);
    values[n++] = Int64GetDatum(page->part);
    values[n++] = Int64GetDatum((int64)page->generation);
    values[n++] = Int64GetDatum(page->sequence);
    values[n++] = Int32GetDatum(page->used_bytes);
    values[n++] = Int32GetDatum(page->records);
    values[n++] = Int32GetDatum(page->tombstones);
    values[n++] = BoolGetDatum(page->checksum_ok);
    Assert(n == COLUMNS);
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(slab_pages);
Datum slab_pages(PG_FUNCTION_ARGS) {
    Relation index = slab_open_index(PG_GETARG_OID(0));
    BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
    PGAlignedBlock meta;
    BlockNumber blocks;

    slab_require_owner(index);
    InitMaterializedSRF(fcinfo, 0);
    slab_read_meta(index, &meta);
    blocks = RelationGetNumberOfBlocks(index);
    for (BlockNumber block = 0; block < blocks; block++) {
        Buffer buffer;
        PgsPageInfo page;

        CHECK_FOR_INTERRUPTS();
        buffer = slab_read_buffer(index, block, BUFFER_LOCK_SHARE, strategy, NULL);
        pgs_page_info(BufferGetPage(buffer), &page);
        UnlockReleaseBuffer(buffer);
        put_page((ReturnSetInfo *)fcinfo->resultinfo, block, pgs_block_role(meta.data, block),
                 &page);
    }
    FreeAccessStrategy(strategy);
    index_close(index, AccessShareLock);
    return (Datum)0;
}
