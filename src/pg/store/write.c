/*
 * write.c - writing pages to runs that were reserved, some at a time.
 *
 * The blocks may have been in use until a moment ago, and what retired them may not have reached
 * the disk. So a new page carries the position of the WAL record that has it from the moment on
 * that it is in shared buffers: the server writes it out only after that record, and with it all
 * that went before. A crash then never finds the new page under the old manifest, and pg_rewind,
 * which goes by what the WAL names, brings the old page back.
 *
 * Pages are collected in private memory, since none may stay locked while the next one is made.
 */
#include "postgres.h"

#include "access/xloginsert.h"
#include "access/xlogrecord.h"
#include "catalog/pg_control.h"
#include "miscadmin.h"

#include "base/compat.h"
#include "base/stop_point.h"
#include "store/write.h"

/* As many as one WAL record can have. Whoever reads one of them waits for all. */
#define BATCH_PAGES XLR_MAX_BLOCK_ID

void slab_extend_to(Relation index, BlockNumber blocks) {
    BlockNumber end = RelationGetNumberOfBlocks(index);

    while (end < blocks) {
        BlockNumber n = Min(blocks - end, 1024);

        CHECK_FOR_INTERRUPTS();
        slab_extend_by(index, end, n);
        end += n;
    }
}

typedef struct PendingPage {
    BlockNumber block;
    int place; /* among pages */
} PendingPage;

struct SlabWriter {
    Relation index;
    int n;
    PendingPage pending[BATCH_PAGES];
    Buffer buffers[BATCH_PAGES];
    PGAlignedBlock pages[BATCH_PAGES];
};

SlabWriter *slab_open_writer(Relation index) {
    SlabWriter *writer = palloc(sizeof *writer);

    writer->index = index;
    writer->n = 0;
    return writer;
}

static int compare_blocks(const void *a, const void *b) {
    BlockNumber left = ((const PendingPage *)a)->block;
    BlockNumber right = ((const PendingPage *)b)->block;

    return left < right ? -1 : left > right;
}

static void log_batch(const SlabWriter *writer) {
    XLogRecPtr lsn;

    XLogBeginInsert();
    for (int i = 0; i < writer->n; i++)
        XLogRegisterBuffer((uint8)i, writer->buffers[i], REGBUF_FORCE_IMAGE | REGBUF_STANDARD);
    lsn = XLogInsert(RM_XLOG_ID, XLOG_FPI);
    for (int i = 0; i < writer->n; i++)
        PageSetLSN(BufferGetPage(writer->buffers[i]), lsn);
}

/* Everything that can fail comes before the first change. */
static void write_batch(SlabWriter *writer) {
    const bool logged = RelationNeedsWAL(writer->index);

    if (logged)
        XLogEnsureRecordSpace(writer->n - 1, 0);
    qsort(writer->pending, (size_t)writer->n, sizeof(PendingPage), compare_blocks);
    for (int i = 0; i < writer->n; i++)
        writer->buffers[i] = ReadBufferExtended(writer->index, MAIN_FORKNUM,
                                                writer->pending[i].block, RBM_ZERO_AND_LOCK, NULL);

    START_CRIT_SECTION();
    for (int i = 0; i < writer->n; i++) {
        memcpy(BufferGetPage(writer->buffers[i]), writer->pages[writer->pending[i].place].data,
               BLCKSZ);
        MarkBufferDirty(writer->buffers[i]);
    }
    if (logged)
        log_batch(writer);
    END_CRIT_SECTION();

    for (int i = 0; i < writer->n; i++)
        UnlockReleaseBuffer(writer->buffers[i]);
}

void slab_write_pending(SlabWriter *writer) {
    if (writer->n == 0)
        return;
    CHECK_FOR_INTERRUPTS();
    write_batch(writer);
    writer->n = 0;
    SLAB_STOP("writing");
}

void *slab_add_page(SlabWriter *writer, BlockNumber block) {
    if (writer->n == BATCH_PAGES)
        slab_write_pending(writer);
    writer->pending[writer->n] = (PendingPage){block, writer->n};
    return writer->pages[writer->n++].data;
}
