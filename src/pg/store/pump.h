/*
 * pump.h - how the core's machines get the pages that they ask for. Include postgres.h first.
 *
 * Every page that a machine of the core sees comes through slab_pump(), which does the following
 * for each, in this order:
 *
 *   interrupts   CHECK_FOR_INTERRUPTS(). With give_way slab_breathe(), which also ends maintenance
 *                that somebody waits for; with cost_delay VACUUM's cost-based delay after it. No
 *                page is locked then.
 *   prefetch     With prefetch, what the machine will look at soon is fetched. Only searches tell.
 *   reading      The page is pinned and locked in share mode, alone, for as long as the machine
 *                takes to take it. It is read through strategy. Its checksum is verified at the
 *                page's first sight in this backend; with verified every time, which whoever copies
 *                what it reads, or judges it, has to ask for.
 *                With kept, that goes for a page's first time; from then on it is read from there.
 *                Pages of the open part are not kept: inserts append to them, and what is read of a
 *                record has to be on the page with its vector.
 *   snapshot     If there is one, it is an error if it is too old for the page, on servers that
 *                have old_snapshot_threshold.
 *   counting     The page is counted in buffers.
 *   after        after_page(arg) is called, with no page locked: for what the page completed, and
 *                for progress. The page itself it does not see.
 *
 * Errors. What a page turns out to be, or what a machine finds out when it is asked for more, is
 * reported by slab_check_read() against meta: the copy of the manifest that the machine was made
 * with and that names its pages. After an error, that one or an interrupt, the server releases page
 * and lock; the machine is freed with the memory context that it belongs to.
 */
#ifndef PGSLAB_STORE_PUMP_H
#define PGSLAB_STORE_PUMP_H

#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "base/compat.h"
#include "pgslab/machine.h"
#include "store/kept_pages.h"

typedef struct SlabPump {
    PgsMachine *machine;
    Relation index;
    const void *meta;

    bool verified;
    bool prefetch;
    bool give_way;
    bool cost_delay;
    BufferAccessStrategy strategy; /* NULL: the server's usual one */
    SlabKeptPages *kept;           /* NULL: none */
    Snapshot snapshot;             /* NULL: none */
    void (*after_page)(void *arg); /* NULL: nothing */
    void *arg;

    uint64 buffers; /* pages read */
} SlabPump;

/* Gives the machine page after page, until it asks for something else or is done: *request is that
 * then. What it asks for is to be answered before the next call. */
extern void slab_pump(SlabPump *pump, PgsRequest *request);

/* The same for a machine that asks for pages only, until it is done. */
extern void slab_pump_pages(SlabPump *pump);

/* ERROR: who drives the machine has no answer to what it asks for. */
pg_noreturn extern void slab_refuse_request(const SlabPump *pump, const PgsRequest *request);

#endif
