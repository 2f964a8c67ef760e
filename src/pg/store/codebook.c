/*
 * codebook.c - codebooks that this backend has read, kept between statements.
 *
 * A codebook never changes, and its random identity on the metapage tells it from all others; so a
 * copy cannot be out of date, and no invalidation is needed. What is not in use goes, the longest
 * unused first, where all together would take too much memory. Codebooks are freed here only when
 * another one comes in, never when one is given back: whatever a memory context frees after its pin
 * may still look at the codebook.
 */
#include "postgres.h"

#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "store/codebook.h"
#include "store/error.h"
#include "store/pump.h"

/* Bytes that codebooks may take together, unless those in use take more. */
#define MOST_BYTES ((size_t)64 * 1024 * 1024)

typedef struct Entry {
    dlist_node node;
    uint64 identity;
    PgsCodebook *codebook;
    PgsEncoder *encoder; /* NULL until an insert wants one */
    dlist_head pins;
} Entry;

/* Lives in the memory context that holds the entry, and goes with it. */
typedef struct Pin {
    dlist_node node; /* in the entry's pins */
    MemoryContext context;
    MemoryContextCallback callback;
} Pin;

/* The most recently used first. */
static dlist_head entries = DLIST_STATIC_INIT(entries);

typedef struct Load {
    PgsCodebookLoad *load;
    PgsCodebook *codebook;
    MemoryContextCallback callback;
} Load;

static void destroy_load(void *arg) {
    Load *load = arg;

    pgs_codebook_load_destroy(load->load);
    pgs_codebook_destroy(load->codebook);
}

/* In CurrentMemoryContext, which frees the codebook. */
static Load *load_codebook(Relation index, const void *meta) {
    Load *load = palloc0(sizeof *load);
    SlabPump pump = {.index = index, .meta = meta};
    PgsError error;

    load->callback.func = destroy_load;
    load->callback.arg = load;
    MemoryContextRegisterResetCallback(CurrentMemoryContext, &load->callback);
    slab_check_status(index, pgs_codebook_load_create(meta, &load->load), &slab_out_of_memory);
    pump.machine = pgs_codebook_load_machine(load->load);
    slab_pump_pages(&pump);
    slab_check_read(index, meta, pgs_codebook_load_finish(load->load, &load->codebook, &error),
                    &error);
    return load;
}

static void destroy_entry(Entry *entry) {
    dlist_delete(&entry->node);
    pgs_encoder_destroy(entry->encoder);
    pgs_codebook_destroy(entry->codebook);
    pfree(entry);
}

/* Frees codebooks that are not in use until so many bytes fit in. */
static void make_room(size_t bytes) {
    size_t total = bytes;
    dlist_iter each;
    dlist_node *node;

    dlist_foreach(each, &entries) total +=
        pgs_codebook_memory(dlist_container(Entry, node, each.cur)->codebook);
    node = dlist_is_empty(&entries) ? NULL : dlist_tail_node(&entries);
    while (node != NULL && total > MOST_BYTES) {
        Entry *entry = dlist_container(Entry, node, node);

        node = dlist_has_prev(&entries, node) ? dlist_prev_node(&entries, node) : NULL;
        if (dlist_is_empty(&entry->pins)) {
            total -= pgs_codebook_memory(entry->codebook);
            destroy_entry(entry);
        }
    }
}

static Entry *add_entry(Relation index, const void *meta, uint64 identity) {
    MemoryContext context =
        AllocSetContextCreate(CurrentMemoryContext, "slab codebook load", ALLOCSET_SMALL_SIZES);
    MemoryContext caller = MemoryContextSwitchTo(context);
    Load *load = load_codebook(index, meta);
    Entry *entry;

    MemoryContextSwitchTo(caller);
    make_room(pgs_codebook_memory(load->codebook));
    entry = MemoryContextAllocZero(TopMemoryContext, sizeof *entry);
    entry->identity = identity;
    entry->codebook = load->codebook;
    load->codebook = NULL;
    dlist_init(&entry->pins);
    dlist_push_head(&entries, &entry->node);
    MemoryContextDelete(context);
    return entry;
}

static Entry *find_entry(Relation index, const void *meta) {
    uint64 identity = pgs_meta_codebook(meta);
    dlist_iter each;

    dlist_foreach(each, &entries) {
        Entry *entry = dlist_container(Entry, node, each.cur);

        if (entry->identity == identity) {
            dlist_move_head(&entries, &entry->node);
            return entry;
        }
    }
    return add_entry(index, meta, identity);
}

static void release_pin(void *arg) {
    Pin *pin = arg;

    dlist_delete(&pin->node);
}

static bool has_pin(Entry *entry, MemoryContext context) {
    dlist_iter each;

    dlist_foreach(each, &entry->pins) {
        if (dlist_container(Pin, node, each.cur)->context == context)
            return true;
    }
    return false;
}

const PgsCodebook *slab_pin_codebook(Relation index, const void *meta) {
    Entry *entry = find_entry(index, meta);

    if (!has_pin(entry, CurrentMemoryContext)) {
        Pin *pin = palloc0(sizeof *pin);

        pin->context = CurrentMemoryContext;
        pin->callback.func = release_pin;
        pin->callback.arg = pin;
        MemoryContextRegisterResetCallback(CurrentMemoryContext, &pin->callback);
        dlist_push_head(&entry->pins, &pin->node);
    }
    return entry->codebook;
}

PgsEncoder *slab_encoder(Relation index, const void *meta, size_t *row_bytes) {
    Entry *entry = find_entry(index, meta);

    if (entry->encoder == NULL)
        slab_check_status(index, pgs_encoder_create(entry->codebook, &entry->encoder),
                          &slab_out_of_memory);
    *row_bytes = pgs_row_bytes(entry->codebook);
    return entry->encoder;
}
