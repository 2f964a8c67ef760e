/*
 * pump.c - gives the core's machines the pages that they ask for: see store/pump.h.
 */
#include "postgres.h"

#include "commands/vacuum.h"
#include "miscadmin.h"

#include "base/compat.h"
#include "pgslab/insert.h"
#include "pgslab/machine.h"
#include "store/error.h"
#include "store/give_way.h"
#include "store/page.h"
#include "store/pump.h"

static void breathe(const SlabPump *pump) {
    if (pump->give_way)
        slab_breathe();
    else
        CHECK_FOR_INTERRUPTS();
    if (pump->cost_delay)
        slab_vacuum_delay_point();
}

static void give_from_buffer(SlabPump *pump, BlockNumber block) {
    Buffer buffer;
    PgsError error;

    if (pump->prefetch)
        slab_prefetch_upcoming(pump->index, pump->machine);
    buffer = pump->verified
                 ? slab_read_verified(pump->index, block, BUFFER_LOCK_SHARE, pump->strategy)
                 : slab_read_buffer(pump->index, block, BUFFER_LOCK_SHARE, pump->strategy);
    if (pump->snapshot != NULL)
        slab_test_old_snapshot(pump->snapshot, pump->index, BufferGetPage(buffer));
    slab_check_read(pump->index, pump->meta, pgs_page(pump->machine, BufferGetPage(buffer), &error),
                    &error);
    /* A row's pages of the open part are right together as they are now, not as one of them was. */
    if (pump->kept != NULL && !pgs_is_open_block(pump->meta, block))
        slab_keep_page(pump->kept, block, BufferGetPage(buffer));
    UnlockReleaseBuffer(buffer);
}

static bool give_kept(SlabPump *pump, BlockNumber block) {
    Page page = slab_kept_page(pump->kept, block);
    PgsError error;

    if (page == NULL)
        return false;
    slab_check_read(pump->index, pump->meta, pgs_page(pump->machine, page, &error), &error);
    return true;
}

static void give_page(SlabPump *pump, BlockNumber block) {
    breathe(pump);
    if (pump->kept == NULL || !give_kept(pump, block))
        give_from_buffer(pump, block);
    pump->buffers++;
    if (pump->after_page != NULL)
        pump->after_page(pump->arg);
}

void slab_pump(SlabPump *pump, PgsRequest *request) {
    PgsError error;

    for (;;) {
        slab_check_read(pump->index, pump->meta, pgs_next(pump->machine, request, &error), &error);
        if (request->kind != PGS_REQUEST_PAGE)
            return;
        give_page(pump, request->block);
    }
}

void slab_pump_pages(SlabPump *pump) {
    PgsRequest request;

    slab_pump(pump, &request);
    if (request.kind != PGS_REQUEST_DONE)
        slab_refuse_request(pump, &request);
}

void slab_refuse_request(const SlabPump *pump, const PgsRequest *request) {
    PgsError error = {PGS_INTERNAL, PGS_NO_BLOCK, ""};

    snprintf(error.detail, sizeof error.detail, "nobody answers a request of kind %d",
             (int)request->kind);
    slab_raise(pump->index, error.status, &error);
}
