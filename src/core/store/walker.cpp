#include "store/walker.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>

#include "base/error.h"
#include "store/meta.h"
#include "store/sets.h"

namespace pgslab {

void Walker::open(const Meta &meta, WalkOptions options) {
    options_ = options;
    columns_ = meta.columns;
    places_.clear();
    dictionary_ = meta.dictionary.id;
    each_extent(meta, [&](const ExtentPlace &place) {
        if (has(options.parts, place.part_number)) {
            places_.push_back(place);
        }
        return false;
    });
    rows_.reserve(records_per_page(columns_));
    end_slot_ = std::numeric_limits<uint64_t>::max();
    rewind();
}

// Slots in use at the beginning of an extent, or a stride, that the walk leaves out.
uint64_t Walker::left_out(const ExtentPlace &place) const noexcept {
    const uint64_t flushed = options_.sidecar ? place.part->flushed : 0;
    return std::min(flushed - std::min(flushed, place.part_slot), place.used);
}

void Walker::rewind() noexcept {
    extent_ = 0;
    stride_number_ = 0;
    record_page_ = 0;
    want_record_page();
}

// From the record page in hand on, whether there is one that the walk does not leave out.
bool Walker::find_record_page() noexcept {
    for (; extent_ < places_.size(); extent_++, stride_number_ = 0, record_page_ = 0) {
        const ExtentPlace &extent = places_[extent_];
        uint32_t within = 0;
        const uint32_t first = stride_number(extent, left_out(extent), &within);
        if (stride_number_ < first) {
            stride_number_ = first;
            record_page_ = 0;
        }
        for (; stride_number_ < extent.extent.strides; stride_number_++, record_page_ = 0) {
            stride_ = stride_of(extent, stride_number_);
            const uint64_t before = left_out(stride_);
            record_page_ =
                std::max(record_page_, static_cast<uint32_t>(before / records_per_page(columns_)));
            if (before < stride_.used && record_page_ < record_blocks(columns_, stride_.used)) {
                return true;
            }
            if (stride_.used < stride_.capacity()) {
                break;  // what follows is not in use
            }
        }
    }
    return false;
}

void Walker::want_record_page() noexcept {
    rows_.clear();
    row_ = 0;
    row_done_ = 0;
    wanted_ = {PGS_NO_BLOCK, PageKind::kRecord, 0, 0, 0};
    if (find_record_page()) {
        wanted_ = table_page(place(), 0, kRecordColumn, record_page_);
    }
}

void Walker::next_record_page() noexcept {
    if (last_page_) {
        extent_ = places_.size();
    }
    record_page_++;
    want_record_page();
}

// Slot, within the stride, of the row that is wanted next.
uint32_t Walker::stride_slot() const noexcept {
    return static_cast<uint32_t>(rows_[row_].slot - place().first_slot);
}

ItemPlace Walker::item_wanted() const noexcept {
    return item_place(columns_.column[column()], stride_slot(), row_done_, table().bytes);
}

void Walker::want_item_page() noexcept {
    if (row_ == rows_.size()) {
        next_record_page();
        return;
    }
    item_page_ = item_wanted().page;
    wanted_ = table_page(place(), 0, column(), item_page_);
}

uint32_t Walker::block_after() const noexcept {
    const bool is_record = wanted_.kind == PageKind::kRecord;
    if (wanted_.block == PGS_NO_BLOCK || (is_record && table().bytes > 0)) {
        return PGS_NO_BLOCK;
    }
    const uint64_t pages = is_record ? record_blocks(columns_, place().used)
                                     : column_blocks(columns_.column[column()], place().used);
    return (is_record ? record_page_ : item_page_) + 1 < pages ? wanted_.block + 1 : PGS_NO_BLOCK;
}

PgsStatus Walker::page(const Page &page, RowSink &sink, PgsError *error) {
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    return wanted_.kind == PageKind::kRecord ? take_records(page, sink, error)
                                             : take_items(page, sink, error);
}

// How many of the page's records the walk is to see. A page of the open part that is not full is
// its last.
PgsStatus Walker::count_records(const Page &page, uint32_t *count, PgsError *error) {
    const uint32_t per_page = records_per_page(columns_);
    const uint32_t bytes = columns_.column[kRecordColumn].item;
    const uint32_t before = record_page_ * per_page;
    const auto room = static_cast<uint32_t>(std::min<uint64_t>(per_page, place().used - before));
    const uint32_t present = used_bytes(page) / bytes;
    if (used_bytes(page) % bytes != 0 || present > room || (!place().open && present != room)) {
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
    const uint32_t bytes = columns_.column[kRecordColumn].item;
    const uint8_t *records = page.payload;
    if (bytes > sizeof(Record) && table().bytes > 0) {
        // Items of another column are read before the rows are handed out.
        records_.assign(page.payload, page.payload + used_bytes(page));
        records = records_.data();
    }
    add_rows(records, count);
    if (table().bytes > 0) {
        want_item_page();
        return PGS_OK;
    }
    for (const Row &row : rows_) {
        sink.row(row);
    }
    next_record_page();
    return PGS_OK;
}

// Of the page's first so many records those that are wanted.
void Walker::add_rows(const uint8_t *records, uint32_t count) {
    const uint32_t bytes = columns_.column[kRecordColumn].item;
    const uint32_t before = record_page_ * records_per_page(columns_);
    const uint64_t slot = place().first_slot + before;
    const uint64_t address = make_address(place().part->handle, place().part_slot + before);
    const auto left = static_cast<uint32_t>(left_out(place()));
    const uint32_t from = std::min(count, left - std::min(left, before));
    const RowFilter *filter = is_current() ? options_.filter : options_.stale_filter;
    const auto add = [&](uint32_t i) {
        const uint8_t *at = records + size_t{i} * bytes;
        const auto &record = *reinterpret_cast<const Record *>(at);
        if ((record.flags & options_.skip) == 0) {
            rows_.push_back({slot + i, address + i, record, at + sizeof(Record)});
        }
    };
    if (filter == nullptr) {
        for (uint32_t i = from; i < count; i++) {
            add(i);
        }
        return;
    }
    const RecordSet wanted = filter->wanted(records + size_t{from} * bytes, bytes, count - from);
    for (uint32_t w = 0; w < std::size(wanted.word); w++) {
        for (uint64_t bits = wanted.word[w]; bits != 0; bits &= bits - 1) {
            add(from + w * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
        }
    }
}

// How many of the rows from the one that is wanted on have their slots one after the other, and
// their items whole on the page.
uint32_t Walker::whole_items(const Page &page, const ItemPlace &at) const noexcept {
    if (row_done_ > 0 || at.bytes < table().bytes) {
        return 0;
    }
    const uint32_t behind = used_bytes(page) - at.offset - at.bytes;
    const auto most = static_cast<uint32_t>(
        std::min<size_t>(behind / columns_.column[column()].item + 1, rows_.size() - row_));
    uint32_t n = 1;
    while (n < most && rows_[row_ + n].slot == rows_[row_].slot + n) {
        n++;
    }
    return n;
}

PgsStatus Walker::take_items(const Page &page, RowSink &sink, PgsError *error) {
    while (row_ < rows_.size()) {
        const ItemPlace at = item_wanted();
        if (at.page != item_page_) {
            break;
        }
        if (at.offset + at.bytes > used_bytes(page)) {
            return fail(error, PGS_CORRUPT, wanted_.block,
                        "the page uses %u bytes where a slot needs %u", used_bytes(page),
                        at.offset + at.bytes);
        }
        if (const uint32_t whole = whole_items(page, at); whole > 1) {
            sink.items(&rows_[row_], whole, page.payload + at.offset,
                       columns_.column[column()].item, at.bytes);
            row_ += whole;
            continue;
        }
        sink.piece(rows_[row_], row_done_, page.payload + at.offset, at.bytes);
        row_done_ += at.bytes;
        if (row_done_ == table().bytes) {
            sink.row(rows_[row_]);
            row_++;
            row_done_ = 0;
        }
    }
    want_item_page();
    return PGS_OK;
}

}  // namespace pgslab
