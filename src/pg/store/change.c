/*
 * change.c - logs changes whose place on the page is known.
 *
 * GenericXLogFinish() finds them by comparing the pages byte for byte with copies it made. For an
 * insert that costs more than all else it does to the pages (doc/adr/0014), under the lock that
 * every other insert waits for. So here the same record is put together from what is known. Its
 * format is that of generic_xlog.c, which replays it; a test has each page compared after that.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/rmgr.h"
#include "access/xloginsert.h"
#include "miscadmin.h"

#include "store/write.h"

/* What a fragment begins with: bytes of the page, of which as many follow. */
typedef struct Fragment {
    OffsetNumber offset;
    OffsetNumber bytes;
} Fragment;

/* The fragments of a page: pd_lower, checksum, and the beginning of the one that changed in its
 * payload. */
#define HEAD_BYTES (3 * sizeof(Fragment) + sizeof(LocationIndex) + sizeof(uint32))

static char *put(char *to, const void *from, size_t bytes) {
    memcpy(to, from, bytes);
    return to + bytes;
}

static char *put_fragment(char *to, Page page, Fragment fragment) {
    return put(put(to, &fragment, sizeof fragment), page + fragment.offset, fragment.bytes);
}

static void fill_head(char *to, Page page, PgsChange change) {
    Fragment payload = {change.offset, change.bytes};

    to = put_fragment(to, page,
                      (Fragment){offsetof(PageHeaderData, pd_lower), sizeof(LocationIndex)});
    to = put_fragment(to, page, (Fragment){PGS_CHECKSUM_OFFSET, sizeof(uint32)});
    (void)put(to, &payload, sizeof payload);
}

void slab_log_changes(const SlabChange *changes, int n) {
    char heads[MAX_GENERIC_XLOG_PAGES][HEAD_BYTES];
    XLogRecPtr lsn;

    Assert(CritSectionCount > 0 && n <= MAX_GENERIC_XLOG_PAGES);
    XLogBeginInsert();
    for (int i = 0; i < n; i++) {
        Page page = BufferGetPage(changes[i].buffer);
        PgsChange bytes = changes[i].bytes;

        fill_head(heads[i], page, bytes);
        XLogRegisterBuffer((uint8)i, changes[i].buffer, REGBUF_STANDARD);
        XLogRegisterBufData((uint8)i, heads[i], HEAD_BYTES);
        XLogRegisterBufData((uint8)i, page + bytes.offset, bytes.bytes);
    }
    lsn = XLogInsert(RM_GENERIC_ID, 0);
    for (int i = 0; i < n; i++)
        PageSetLSN(BufferGetPage(changes[i].buffer), lsn);
}
