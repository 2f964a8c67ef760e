/*
 * metapage.c - reading the metapage and changing it.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/xact.h"

#include "base/attempt.h"
#include "pgslab/index.h"
#include "store/error.h"
#include "store/page.h"

/* Copies the metapage, or raises the error that it deserves. */
void slab_read_meta(Relation index, PGAlignedBlock *meta) {
    Buffer buffer = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_SHARE, NULL);
    PgsError error;

    memcpy(meta->data, BufferGetPage(buffer), BLCKSZ);
    UnlockReleaseBuffer(buffer);
    slab_check_status(index, pgs_meta_check(meta->data, &error), &error);
}

typedef struct MetaRead {
    Relation index;
    PGAlignedBlock *meta;
} MetaRead;

/* Copies it from its buffer, which is locked, and unlocks that. */
static void copy_meta(const MetaRead *read, Buffer buffer) {
    memcpy(read->meta->data, BufferGetPage(buffer), BLCKSZ);
    UnlockReleaseBuffer(buffer);
}

static void load_meta(void *arg) {
    const MetaRead *read = arg;

    copy_meta(read, slab_read_buffer(read->index, SLAB_META_BLOCK, BUFFER_LOCK_SHARE, NULL));
}

/* Whether the metapage could be read, whatever it says; if not, what the server says of it. */
static bool try_load_meta(Relation index, PGAlignedBlock *meta, PgsError *problem) {
    MetaRead read = {index, meta};
    Buffer buffer = slab_find_buffer(index, SLAB_META_BLOCK);
    ErrorData *error = NULL;

    if (BufferIsValid(buffer)) {
        LockBuffer(buffer, BUFFER_LOCK_SHARE);
        copy_meta(&read, buffer);
    } else if (IsInParallelMode())
        load_meta(&read);
    else
        error = slab_attempt(load_meta, &read);
    if (error == NULL)
        return true;
    if (ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_INTERNAL_ERROR &&
        ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_SYSTEM_ERROR)
        ReThrowError(error);
    strlcpy(problem->detail, error->message, sizeof problem->detail);
    FreeErrorData(error);
    return false;
}

bool slab_try_meta(Relation index, PGAlignedBlock *meta) {
    PgsError error = {PGS_CORRUPT, SLAB_META_BLOCK, "the index has no metapage"};

    if (RelationGetNumberOfBlocks(index) > SLAB_META_BLOCK && try_load_meta(index, meta, &error) &&
        pgs_meta_check(meta->data, &error) == PGS_OK)
        return true;
    slab_warn_unreadable(index, &error);
    return false;
}

void slab_change_meta(Relation index, SlabMetaChange change, void *arg) {
    Buffer buffer = slab_read_buffer(index, SLAB_META_BLOCK, BUFFER_LOCK_EXCLUSIVE, NULL);
    GenericXLogState *xlog = GenericXLogStart(index);
    Page page = GenericXLogRegisterBuffer(xlog, buffer, 0);
    PgsError error;

    slab_check_status(index, pgs_meta_check(page, &error), &error);
    slab_check_status(index, change(page, arg, &error), &error);
    GenericXLogFinish(xlog);
    UnlockReleaseBuffer(buffer);
}
