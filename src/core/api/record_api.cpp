// pgslab/index.h: record pages; and pgslab/insert.h.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/error.h"
#include "format/layout.h"
#include "format/meta.h"
#include "index/encoder.h"
#include "index/verify.h"
#include "index/walker.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"
#include "quantize/encode.h"

using namespace pgslab;

static_assert(sizeof(PgsRecord) == sizeof(Record));
static_assert(PGS_CHECKSUM_OFFSET == offsetof(Page, slab) + offsetof(SlabHeader, checksum));
static_assert(PGS_TOMBSTONE == kTombstone && PGS_KILLED == kKilled);

namespace {

Record unpack(const PgsRecord &packed) noexcept {
    Record record;
    std::memcpy(&record, &packed, sizeof record);
    return record;
}

PgsStatus check_target(const void *meta_page, const PgsPlacement &placement, uint32_t i,
                       PageKind kind, const void *page_bytes, PgsError *error) {
    const Part &part = meta_of(as_page(meta_page)).part[placement.part];
    const Page &page = as_page(page_bytes);
    const PageIdentity identity = {placement.first_block + i, kind, part.id, part.generation,
                                   placement.sequence + i};
    if (PgsStatus status = check_page(page, identity, error)) {
        return status;
    }
    const uint32_t offset = i == 0 ? placement.offset : 0;
    if (offset > used_bytes(page)) {
        return fail(error, PGS_CORRUPT, identity.block,
                    "the %s page uses %u bytes where slots before need %u",
                    kind == PageKind::kSlab ? "slab" : "refinement", used_bytes(page), offset);
    }
    return PGS_OK;
}

PgsChange write_change(void *page, uint32_t offset, const void *bytes, uint32_t n) noexcept {
    write_payload(as_page(page), offset, bytes, n);
    return {static_cast<uint16_t>(kPayloadOffset + offset), static_cast<uint16_t>(n)};
}

}  // namespace

PgsTid pgs_record_tid(const PgsRecord *record) {
    return tid_of(unpack(*record));
}

unsigned pgs_record_flags(const PgsRecord *record) {
    return unpack(*record).flags;
}

uint32_t pgs_record_pages(const void *meta) {
    uint32_t pages = 0;
    each_extent(meta_of(as_page(meta)), [&](const ExtentPlace &place) {
        pages += record_blocks(place.used);
        return false;
    });
    return pages;
}

PgsRecordPage pgs_record_page(const void *meta, uint32_t i) {
    PgsRecordPage page = {};
    uint32_t before = 0;
    each_extent(meta_of(as_page(meta)), [&](const ExtentPlace &place) {
        const uint32_t pages = record_blocks(place.used);
        if (i - before < pages) {
            page = describe_record_page(place, i - before);
            return true;
        }
        before += pages;
        return false;
    });
    return page;
}

PgsStatus pgs_record_page_check(const void *meta, const PgsRecordPage *where,
                                const void *page_bytes, uint32_t *count, PgsError *error) {
    const Part &part = meta_of(as_page(meta)).part[where->part];
    const Page &page = as_page(page_bytes);
    const PageIdentity identity = {where->block, PageKind::kRecord, part.id, part.generation,
                                   where->sequence};
    if (PgsStatus status = check_page(page, identity, error)) {
        return status;
    }
    const uint32_t used = used_bytes(page);
    *count = used / sizeof(Record);
    if (used % sizeof(Record) != 0 || *count > where->capacity ||
        (!where->open && *count != where->capacity)) {
        return fail(error, PGS_CORRUPT, where->block, "the record page uses %u bytes for %u slots",
                    used, where->capacity);
    }
    return PGS_OK;
}

const PgsRecord *pgs_page_records(const void *page) {
    return reinterpret_cast<const PgsRecord *>(as_page(page).payload);
}

void pgs_record_set_flags(void *page, uint32_t index, unsigned flags) {
    auto *records = reinterpret_cast<Record *>(as_page(page).payload);
    records[index].flags = static_cast<uint16_t>(records[index].flags | flags);
}

bool pgs_encode_value(const void *meta_page, const float *vector, PgsTid tid, void *item,
                      PgsRecord *record) {
    const Meta &meta = meta_of(as_page(meta_page));
    Record unpacked;
    if (!encode(meta.metric, meta.storage, vector, meta.dims, item, &unpacked)) {
        return false;
    }
    set_tid(unpacked, tid);
    std::memcpy(record, &unpacked, sizeof unpacked);
    return true;
}

uint32_t pgs_open_record_pages(const void *meta) {
    uint32_t pages = 0;
    each_open_extent(meta_of(as_page(meta)), [&](const ExtentPlace &place) {
        pages += record_blocks(place.extent.slots);
        return false;
    });
    return pages;
}

PgsRecordPage pgs_open_record_page(const void *meta, uint32_t sequence) {
    PgsRecordPage page = {};
    each_open_extent(meta_of(as_page(meta)), [&](const ExtentPlace &place) {
        const uint32_t i = sequence - place.record_sequence;
        if (i < record_blocks(place.extent.slots)) {
            page = describe_record_page(place, i);
            return true;
        }
        return false;
    });
    return page;
}

PgsPlacement pgs_place(const void *meta, const PgsRecordPage *where, uint32_t index) {
    const uint32_t bytes = item_bytes(meta_of(as_page(meta)));
    const uint64_t begin = uint64_t{where->slot + index} * bytes;
    const uint64_t first = begin / kPayloadBytes;
    const uint64_t last = (begin + bytes - 1) / kPayloadBytes;
    return {where->part, static_cast<uint32_t>(where->slab_block + first),
            static_cast<uint32_t>(last - first + 1), static_cast<uint32_t>(begin % kPayloadBytes),
            static_cast<uint32_t>(where->slab_sequence + first)};
}

PgsPlacement pgs_place_refine(const void *meta, const PgsRecordPage *where, uint32_t index) {
    const uint32_t refine = slot_shape(meta_of(as_page(meta))).refine;
    if (refine == 0) {
        return {where->part, PGS_NO_BLOCK, 0, 0, 0};
    }
    const uint32_t slot = where->slot + index;
    const uint32_t page = slot / refines_per_page(refine);
    return {where->part, where->refine_block + page, 1, slot % refines_per_page(refine) * refine,
            where->refine_sequence + page};
}

PgsStatus pgs_refine_page_check(const void *meta_page, const PgsPlacement *placement,
                                const void *page, PgsError *error) {
    return check_target(meta_page, *placement, 0, PageKind::kRefine, page, error);
}

PgsStatus pgs_slab_page_check(const void *meta_page, const PgsPlacement *placement, uint32_t i,
                              const void *page, PgsError *error) {
    return check_target(meta_page, *placement, i, PageKind::kSlab, page, error);
}

PgsChange pgs_refine_write(const void *meta_page, const PgsPlacement *placement, const void *row,
                           void *page) {
    const Meta &meta = meta_of(as_page(meta_page));
    return write_change(page, placement->offset,
                        static_cast<const uint8_t *>(row) + row_layout(shape_of(meta)).refine,
                        slot_shape(meta).refine);
}

PgsChange pgs_slab_write(const void *meta_page, const PgsPlacement *placement, uint32_t i,
                         const void *row, void *page) {
    const uint32_t offset = i == 0 ? placement->offset : 0;
    const uint32_t done = i == 0 ? 0 : i * kPayloadBytes - placement->offset;
    const uint32_t left = item_bytes(meta_of(as_page(meta_page))) - done;
    const uint8_t *item =
        static_cast<const uint8_t *>(row) + row_layout(shape_of(meta_of(as_page(meta_page)))).item;
    return write_change(page, offset, item + done, std::min(left, kPayloadBytes - offset));
}

PgsChange pgs_record_append(void *page, const PgsRecord *record) {
    return write_change(page, used_bytes(as_page(page)), record, sizeof *record);
}

uint32_t pgs_content(const void *meta_page, const void *item, const PgsRecord *record) {
    const Meta &meta = meta_of(as_page(meta_page));
    const uint32_t bytes = meta.dims * element_bytes(meta.storage);
    return content_with_scale(unpack(*record).scale,
                              content_of_values(static_cast<const uint8_t *>(item), bytes, 0));
}
