// pgslab/index.h: record pages; and pgslab/insert.h.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/error.h"
#include "inverted/format.h"
#include "ivf/meta.h"
#include "ivf/vector_tables.h"
#include "ivf/verify.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/inverted.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"
#include "quantize/encode.h"
#include "store/layout.h"
#include "store/row.h"

using namespace pgslab;

static_assert(sizeof(PgsRecord) == sizeof(Record));
static_assert(PGS_MAX_COLUMNS == kMaxColumns);
static_assert(PGS_CHECKSUM_OFFSET == offsetof(Page, slab) + offsetof(SlabHeader, checksum));
static_assert(PGS_TOMBSTONE == kTombstone && PGS_KILLED == kKilled);

namespace {

Record unpack(const PgsRecord &packed) noexcept {
    Record record;
    std::memcpy(&record, &packed, sizeof record);
    return record;
}

PgsChange write_change(void *page, uint32_t offset, const void *bytes, uint32_t n) noexcept {
    write_payload(as_page(page), offset, bytes, n);
    return {static_cast<uint16_t>(kPayloadOffset + offset), static_cast<uint16_t>(n)};
}

}  // namespace

bool pgs_page_verify(void *page_bytes) {
    Page &page = as_page(page_bytes);
    const bool intact = is_intact(page);
    if (!intact) {
        mark(page);
    }
    return intact;
}

bool pgs_page_damaged(const void *page) {
    return is_blank(as_page(page)) || (is_marked(as_page(page)) && !is_intact(as_page(page)));
}

PgsTid pgs_record_tid(const PgsRecord *record) {
    return tid_of(unpack(*record));
}

unsigned pgs_record_flags(const PgsRecord *record) {
    return unpack(*record).flags;
}

bool pgs_record_ends_document(const PgsRecord *record) {
    const Record unpacked = unpack(*record);
    return (inverted::document_record(unpacked).piece & inverted::kLastPiece) != 0;
}

// Calls visit(place, i) for the extent that has the i-th record page of those that `each` goes
// through, with the number of the page in the extent; whether there is one.
template <typename Each, typename Visit>
static bool find_record_page(Each each, uint32_t i, Visit visit) {
    return each([&](const ExtentPlace &place) {
        const uint32_t pages = record_pages(place);
        if (i < pages) {
            visit(place, i);
            return true;
        }
        i -= pages;
        return false;
    });
}

template <typename Each>
static uint32_t count_record_pages(Each each) {
    uint32_t pages = 0;
    each([&](const ExtentPlace &place) {
        pages += record_pages(place);
        return false;
    });
    return pages;
}

// Goes through all extents of the index, or of its open part.
static auto every_extent(const void *meta) {
    return [meta](auto visit) { return each_extent(meta_of(as_page(meta)), visit); };
}
static auto every_open_extent(const void *meta) {
    return [meta](auto visit) { return each_open_extent(meta_of(as_page(meta)), visit); };
}

uint32_t pgs_record_pages(const void *meta) {
    return count_record_pages(every_extent(meta));
}

PgsRecordPage pgs_record_page(const void *meta, uint32_t i) {
    PgsRecordPage page = {};
    find_record_page(every_extent(meta), i, [&](const ExtentPlace &place, uint32_t at) {
        page = describe_record_page(place, at);
    });
    return page;
}

PgsStatus pgs_record_page_check(const void *meta, const PgsRecordPage *where,
                                const void *page_bytes, uint32_t *count, PgsError *error) {
    const Part &part = meta_of(as_page(meta)).part[where->part];
    const Page &page = as_page(page_bytes);
    const uint32_t bytes = meta_of(as_page(meta)).columns.column[kRecordColumn].item;
    const PageIdentity identity = {where->block,    PageKind::kRecord, part.id,
                                   part.generation, where->sequence,   extra_of(bytes)};
    if (PgsStatus status = check_page(page, identity, error)) {
        return status;
    }
    const uint32_t used = used_bytes(page);
    *count = used / bytes;
    if (used % bytes != 0 || *count > where->capacity ||
        (!where->open && *count != where->capacity)) {
        return fail(error, PGS_CORRUPT, where->block, "the record page uses %u bytes for %u slots",
                    used, where->capacity);
    }
    return PGS_OK;
}

const PgsRecord *pgs_page_record(const void *page, uint32_t index) {
    return reinterpret_cast<const PgsRecord *>(&record_at(as_page(page), index));
}

void pgs_record_set_flags(void *page, uint32_t index, unsigned flags) {
    Record &record = record_at(as_page(page), index);
    record.flags = static_cast<uint16_t>(record.flags | flags);
}

uint64_t pgs_open_part(const void *meta_page) {
    const Part *part = open_part(meta_of(as_page(meta_page)));
    return part == nullptr ? 0 : part->id;
}

uint64_t pgs_open_flushed(const void *meta_page) {
    const Part *part = open_part(meta_of(as_page(meta_page)));
    return part == nullptr ? 0 : part->flushed;
}

bool pgs_is_open_block(const void *meta, uint32_t block) {
    return each_open_extent(meta_of(as_page(meta)), [=](const ExtentPlace &place) {
        return block >= place.extent.block && block - place.extent.block < place.blocks();
    });
}

uint32_t pgs_open_record_pages(const void *meta) {
    return count_record_pages(every_open_extent(meta));
}

PgsRecordPage pgs_open_record_page(const void *meta, uint32_t i) {
    PgsRecordPage page = {};
    find_record_page(every_open_extent(meta), i, [&](const ExtentPlace &place, uint32_t at) {
        page = describe_record_page(place, at);
    });
    return page;
}

uint64_t pgs_open_slots_before(const void *meta, uint32_t i) {
    uint64_t slots = 0;
    const bool exists =
        find_record_page(every_open_extent(meta), i, [&](const ExtentPlace &place, uint32_t at) {
            const uint32_t per_stride = record_blocks(*place.columns, place.extent.slots);
            slots = place.part_slot + uint64_t{at / per_stride} * place.extent.slots +
                    uint64_t{at % per_stride} * records_per_page(*place.columns);
        });
    return exists ? slots : open_capacity(meta_of(as_page(meta)));
}

uint32_t pgs_columns(const void *meta) {
    return meta_of(as_page(meta)).columns.count;
}

// The items of so many slots, one behind the other in the stride of the first.
static PgsPlacement place_items(const Meta &meta, const PgsRecordPage &where, uint32_t index,
                                uint32_t n, uint32_t column) {
    ExtentPlace stride = extent_place(meta.part[where.part], meta.columns,
                                      {where.stride_block, where.stride_slots, 1});
    stride.sequence = where.stride_sequence;
    const uint32_t item = meta.columns.column[column].item;
    const ItemPlace begin = item_place(meta.columns.column[column], where.slot + index, 0, item);
    const PageIdentity first = table_page(stride, 0, column, begin.page);
    const uint64_t bytes = uint64_t{n} * item;
    const uint64_t on_first = std::min<uint64_t>(bytes, kPayloadBytes - begin.offset);
    const uint32_t blocks = 1 + static_cast<uint32_t>(divide_up(bytes - on_first, kPayloadBytes));
    return {where.part, column, first.block, blocks, begin.offset, first.sequence};
}

PgsPlacement pgs_place(const void *meta, const PgsRecordPage *where, uint32_t index,
                       uint32_t column) {
    return place_items(meta_of(as_page(meta)), *where, index, 1, column);
}

PgsPlacement pgs_place_pieces(const void *meta, const PgsRecordPage *where, uint32_t index,
                              uint32_t n) {
    return place_items(meta_of(as_page(meta)), *where, index, n, inverted::kPieceColumn);
}

PgsStatus pgs_item_page_check(const void *meta_page, const PgsPlacement *placement, uint32_t i,
                              const void *page_bytes, PgsError *error) {
    const Meta &meta = meta_of(as_page(meta_page));
    const Part &part = meta.part[placement->part];
    const Page &page = as_page(page_bytes);
    const PageIdentity identity = {placement->first_block + i,
                                   meta.columns.column[placement->column].kind, part.id,
                                   part.generation, placement->sequence + i};
    if (PgsStatus status = check_page(page, identity, error)) {
        return status;
    }
    const uint32_t offset = i == 0 ? placement->offset : 0;
    if (offset > used_bytes(page)) {
        return fail(error, PGS_CORRUPT, identity.block,
                    "the page uses %u bytes where slots before need %u", used_bytes(page), offset);
    }
    return PGS_OK;
}

PgsChange pgs_item_write(const void *meta_page, const PgsPlacement *placement, uint32_t i,
                         const void *row, void *page) {
    const Columns &columns = meta_of(as_page(meta_page)).columns;
    const uint32_t offset = i == 0 ? placement->offset : 0;
    const uint32_t done = i == 0 ? 0 : i * kPayloadBytes - placement->offset;
    const uint32_t left = columns.column[placement->column].item - done;
    const uint8_t *item =
        static_cast<const uint8_t *>(row) + row_layout(columns).item[placement->column];
    return write_change(page, offset, item + done, std::min(left, kPayloadBytes - offset));
}

PgsChange pgs_record_append(void *page, const void *row) {
    return write_change(page, used_bytes(as_page(page)), row, record_bytes(as_page(page)));
}

uint32_t pgs_content(const void *meta_page, const void *item, const PgsRecord *record) {
    const Meta &meta = meta_of(as_page(meta_page));
    const uint32_t content =
        content_of_values(static_cast<const uint8_t *>(item), slab_table(meta).bytes, 0);
    return content_with_record(vector_record(unpack(*record)).scale, record->bytes + sizeof *record,
                               key_bytes(vectors_of(meta).keys), content);
}
