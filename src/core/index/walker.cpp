#include "index/walker.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "format/meta.h"
#include "format/sets.h"

namespace pgslab {

void Walker::open(const Meta &meta, WalkOptions options) {
    options_ = options;
    vector_bytes_ = meta.dims * element_bytes(meta.storage);
    shape_ = slot_shape(meta);
    places_.clear();
    codebook_ = meta.codebook.id;
    each_extent(meta, [&](const ExtentPlace &place) {
        if (has(options.parts, place.part_number)) {
            places_.push_back(place);
        }
        return false;
    });
    rows_.reserve(kRecordsPerPage);
    end_slot_ = std::numeric_limits<uint64_t>::max();
    rewind();
}

WalkTable Walker::table() const noexcept {
    if (options_.table != WalkTable::kUseful) {
        return options_.table;
    }
    return is_current() ? WalkTable::kRefine : WalkTable::kSlab;
}

// Slots of the extent in hand that the walk leaves out at its beginning.
uint32_t Walker::slots_before() const noexcept {
    const uint64_t coded = options_.sidecar ? place().part->coded : 0;
    const uint64_t here = coded - std::min(coded, place().part_slot);
    return static_cast<uint32_t>(std::min<uint64_t>(here, place().used));
}

void Walker::rewind() noexcept {
    extent_ = 0;
    record_page_ = 0;
    want_record_page();
}

void Walker::want_record_page() noexcept {
    for (; extent_ < places_.size(); extent_++, record_page_ = 0) {
        const uint32_t before = slots_before();
        record_page_ = std::max(record_page_, before / kRecordsPerPage);
        if (before < place().used && record_page_ < record_blocks(place().used)) {
            break;
        }
    }
    rows_.clear();
    row_ = 0;
    row_done_ = 0;
    wanted_ = {PGS_NO_BLOCK, PageKind::kRecord, 0, 0, 0};
    if (extent_ < places_.size()) {
        wanted_ = record_identity(place(), record_page_);
    }
}

void Walker::next_record_page() noexcept {
    if (last_page_) {
        extent_ = static_cast<uint32_t>(places_.size());
    }
    record_page_++;
    want_record_page();
}

// Slot, within the extent, of the row that is wanted next.
uint32_t Walker::extent_slot() const noexcept {
    return static_cast<uint32_t>(rows_[row_].slot - place().first_slot);
}

// Byte of the extent's slab stripe that is wanted next.
uint64_t Walker::wanted_offset() const noexcept {
    return uint64_t{extent_slot()} * shape_.item + row_done_;
}

void Walker::want_table_page() noexcept {
    if (row_ == rows_.size()) {
        next_record_page();
    } else if (codes()) {
        wanted_ = refine_identity(place(), extent_slot() / refines_per_page(shape_.refine));
    } else {
        wanted_ = slab_identity(place(), static_cast<uint32_t>(wanted_offset() / kPayloadBytes));
    }
}

uint32_t Walker::block_after() const noexcept {
    uint32_t end = 0;  // of the stripe
    if (wanted_.kind == PageKind::kRefine) {
        end = refine_identity(place(), refine_blocks(place().used, shape_.refine)).block;
    } else if (wanted_.kind == PageKind::kSlab) {
        end = slab_identity(place(), slab_blocks(place().used, shape_.item)).block;
    }
    return wanted_.block + 1 < end ? wanted_.block + 1 : PGS_NO_BLOCK;
}

PgsStatus Walker::page(const Page &page, RowSink &sink, PgsError *error) {
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    switch (wanted_.kind) {
        case PageKind::kRecord:
            return take_records(page, sink, error);
        case PageKind::kRefine:
            return take_codes(page, sink, error);
        default:
            return take_vectors(page, sink, error);
    }
}

// How many of the page's records the walk is to see. A page of the open part that is not full is
// its last.
PgsStatus Walker::count_records(const Page &page, uint32_t *count, PgsError *error) {
    const uint32_t before = record_page_ * kRecordsPerPage;
    const uint32_t room = std::min(kRecordsPerPage, place().used - before);
    const uint32_t present = used_bytes(page) / sizeof(Record);
    if (used_bytes(page) % sizeof(Record) != 0 || present > room ||
        (!place().open && present != room)) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the record page uses %u bytes for %u slots",
                    used_bytes(page), room);
    }
    const uint64_t first = place().first_slot + before;
    *count =
        static_cast<uint32_t>(std::min<uint64_t>(present, end_slot_ - std::min(end_slot_, first)));
    last_page_ = *count < room;
    if (last_page_) {
        end_slot_ = first + *count;
    }
    return PGS_OK;
}

PgsStatus Walker::take_records(const Page &page, RowSink &sink, PgsError *error) {
    uint32_t count = 0;
    if (PgsStatus status = count_records(page, &count, error)) {
        return status;
    }
    const auto *records = reinterpret_cast<const Record *>(page.payload);
    const uint32_t before = record_page_ * kRecordsPerPage;
    const uint64_t first = place().first_slot + before;
    const uint64_t address = make_address(place().part->id, place().part_slot + before);
    const bool by_list = options_.lists != nullptr && is_current();
    for (uint32_t i = slots_before() - std::min(slots_before(), before); i < count; i++) {
        // A list that does not exist is for slab_check() to see.
        const bool unwanted = by_list && records[i].list < options_.lists->size() &&
                              !(*options_.lists)[records[i].list];
        if ((records[i].flags & options_.skip) == 0 && !unwanted) {
            rows_.push_back({first + i, address + i, records[i]});
        }
    }
    if (options_.table != WalkTable::kNone) {
        want_table_page();
        return PGS_OK;
    }
    for (const Row &row : rows_) {
        sink.row(row);
    }
    next_record_page();
    return PGS_OK;
}

PgsStatus Walker::take_vectors(const Page &page, RowSink &sink, PgsError *error) {
    const uint64_t page_begin = wanted_offset() / kPayloadBytes * kPayloadBytes;
    while (row_ < rows_.size() && wanted_offset() < page_begin + kPayloadBytes) {
        const auto at = static_cast<uint32_t>(wanted_offset() - page_begin);
        const uint32_t n = std::min(vector_bytes_ - row_done_, kPayloadBytes - at);
        if (at + n > used_bytes(page)) {
            return fail(error, PGS_CORRUPT, wanted_.block,
                        "the slab page uses %u bytes where a slot needs %u", used_bytes(page),
                        at + n);
        }
        sink.piece(rows_[row_], row_done_, page.payload + at, n);
        row_done_ += n;
        if (row_done_ == vector_bytes_) {
            sink.row(rows_[row_]);
            row_++;
            row_done_ = 0;
        }
    }
    want_table_page();
    return PGS_OK;
}

PgsStatus Walker::take_codes(const Page &page, RowSink &sink, PgsError *error) {
    const uint32_t per_page = refines_per_page(shape_.refine);
    const uint32_t number = extent_slot() / per_page;
    for (; row_ < rows_.size() && extent_slot() / per_page == number; row_++) {
        const uint32_t at = extent_slot() % per_page * shape_.refine;
        if (at + shape_.refine > used_bytes(page)) {
            return fail(error, PGS_CORRUPT, wanted_.block,
                        "the refinement page uses %u bytes where a slot needs %u", used_bytes(page),
                        at + shape_.refine);
        }
        sink.piece(rows_[row_], 0, page.payload + at, shape_.refine);
        sink.row(rows_[row_]);
    }
    want_table_page();
    return PGS_OK;
}

}  // namespace pgslab
