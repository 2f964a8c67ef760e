// A kind of index that is as small as a kind can be: integers of 64 bits, each within the bounds
// that the index was made with, and a scan for those between two others. It has no dictionary and
// no segments; what else a kind has to write is here, over nothing but store/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/layout.h"
#include "store/meta.h"
#include "store/output.h"
#include "store/row.h"
#include "store/sets.h"
#include "store/task.h"
#include "store/walker.h"

namespace pgslab {

// ---- format: the tables of a part, and what the metapage keeps besides where they are

constexpr IndexKind kIntegers{0x7FFF};
constexpr PageKind kIntegerPage{0x4953};  // "SI"
constexpr uint32_t kIntegerColumn = 1;

constexpr Columns integer_columns() noexcept {
    Columns columns = {};
    columns.column[kRecordColumn] = {PageKind::kRecord, kWhole, sizeof(Record) + sizeof(int64_t)};
    columns.column[kIntegerColumn] = {kIntegerPage, kValues, sizeof(int64_t)};
    columns.count = kIntegerColumn + 1;
    return columns;
}

// Of all integers of an index, or of those that a scan looks for.
struct Bounds {
    int64_t low;
    int64_t high;
    bool contain(int64_t value) const noexcept { return low <= value && value <= high; }
};
static_assert(sizeof(Bounds) <= kContentBytes);

inline const Bounds &bounds_of(const Meta &meta) noexcept {
    return *reinterpret_cast<const Bounds *>(meta.content);
}

// A row as row_layout() has it. Behind its record there is the integer once more.
struct IntegerRow {
    Record record;
    int64_t again;
    int64_t value;
};
constexpr uint32_t kRecordItem = integer_columns().column[kRecordColumn].item;
static_assert(row_layout(integer_columns()).bytes == sizeof(IntegerRow) &&
              row_layout(integer_columns()).item[kIntegerColumn] == offsetof(IntegerRow, value));

inline IntegerRow integer_row(PgsTid tid, int64_t value) noexcept {
    IntegerRow row = {{}, value, value};
    set_tid(row.record, tid);
    return row;
}

// Formats the page as the metapage of an index without rows.
inline void init_integers(Page &page, const Bounds &bounds) noexcept {
    init_manifest(page, kIntegers, integer_columns(), {}, "", "");
    std::memcpy(meta_of(page).content, &bounds, sizeof bounds);
    finish_meta(page);
}

// PGS_CORRUPT or PGS_UNSUPPORTED unless the page is the metapage of an index of integers that can
// be believed.
inline PgsStatus check_integers(const Page &page, PgsError *error) noexcept {
    if (PgsStatus status = check_manifest(page, kIntegers, error)) {
        return status;
    }
    const Meta &meta = meta_of(page);
    const Columns columns = integer_columns();
    if (has_dictionary(meta) || meta.segments > 0 ||
        std::memcmp(&columns, &meta.columns, sizeof columns) != 0) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the tables are not those of integers");
    }
    const Bounds &bounds = bounds_of(meta);
    return bounds.low <= bounds.high
               ? PGS_OK
               : fail(error, PGS_CORRUPT, kMetaBlock, "no integer is within the bounds");
}

// ---- reading

constexpr WalkTable kIntegerTable = {kIntegerColumn, sizeof(int64_t)};

struct FoundInteger {
    PgsTid tid;
    int64_t value;
    uint64_t address;
};

// A scan for the integers within bounds, in slot order.
class IntegerScan final : public Machine, private RowSink {
  public:
    IntegerScan(const Page &meta, const Bounds &bounds) : meta_(meta), bounds_(bounds) {
        walker_.open(meta_of(meta_), {.table = kIntegerTable});
    }

    PgsStatus next(PgsRequest &request, PgsError *) override {
        ask_for_page(request, walker_.next_block());
        return PGS_OK;
    }
    PgsStatus page(const Page &page, PgsError *error) override {
        return walker_.page(page, *this, error);
    }
    const std::vector<FoundInteger> &found() const noexcept { return found_; }

  private:
    // An integer crosses no page.
    void piece(const Row &, uint32_t, const uint8_t *bytes, uint32_t n) override {
        std::memcpy(&value_, bytes, n);
    }
    void row(const Row &row) override {
        if (bounds_.contain(value_)) {
            found_.push_back({tid_of(row.record), value_, row.address});
        }
    }

    Page meta_;
    Bounds bounds_;
    Walker walker_;
    int64_t value_ = 0;
    std::vector<FoundInteger> found_;
};

// ---- maintenance

// Writes sealed parts anew without their tombstones. Live rows are counted first, since a run is
// reserved before what it is for is known.
class IntegerCompaction final : public Task, private RowSink {
  public:
    IntegerCompaction(const Page &meta, PgsParts parts) : meta_(meta), parts_(parts) {
        walker_.open(meta_of(meta_), {.parts = parts_});
    }

    PgsStatus next(PgsRequest &request, PgsError *error) override {
        if (!output_) {
            if (walker_.next_block() != PGS_NO_BLOCK) {
                ask_for_page(request, walker_.next_block());
                return PGS_OK;
            }
            output_.emplace(meta_of(meta_), std::nullopt, parts_, live_, kNoSegment);
            walker_.open(meta_of(meta_), {.table = kIntegerTable, .parts = parts_});
        }
        if (PgsStatus status = output_->check(error)) {
            return status;
        }
        if (output_->wanted() > 0) {
            output_->ask(request);
            return PGS_OK;
        }
        if (walker_.next_block() == PGS_NO_BLOCK && !ended_) {
            if (PgsStatus status = end(error)) {
                return status;
            }
        }
        request.page = output_->next_page(&request.block);
        if (request.page != nullptr) {
            request.kind = PGS_REQUEST_WRITE;
        } else {
            ask_for_page(request, walker_.next_block());
        }
        return PGS_OK;
    }
    PgsStatus page(const Page &page, PgsError *error) override {
        const uint32_t block = walker_.next_block();
        if (PgsStatus status = walker_.page(page, *this, error)) {
            return status;
        }
        return too_many_ ? fail(error, PGS_CORRUPT, block, "more rows live than were counted")
                         : PGS_OK;
    }
    void reserved(const Reservation &reserved) override { output_->take(reserved); }
    const Replacement &made() const noexcept override { return made_; }
    PgsTaskWork work() const noexcept override {
        PgsTaskWork work = {};
        work.rows = output_ ? output_->slots() : 0;
        work.total = live_;
        return work;
    }

  private:
    using Task::row;
    void piece(const Row &, uint32_t, const uint8_t *bytes, uint32_t n) override {
        std::memcpy(&copied_.value, bytes, n);
    }
    void row(const Row &row) override {
        if (!output_) {
            live_++;
        } else if (output_->slots() < live_) {
            copied_.record = row.record;
            std::memcpy(&copied_.again, row.extra, sizeof copied_.again);
            output_->add_slot(reinterpret_cast<const uint8_t *>(&copied_));
        } else {
            too_many_ = true;
        }
    }
    PgsStatus end(PgsError *error) {
        ended_ = true;
        if (output_->slots() != live_) {
            return fail(error, PGS_CORRUPT, PGS_NO_BLOCK, "fewer rows live than were counted");
        }
        output_->end(0, 0);
        made_ = output_->made();
        name_replaced(meta_of(meta_), parts_, {}, made_);
        return PGS_OK;
    }

    Page meta_;
    PgsParts parts_;
    Walker walker_;
    uint64_t live_ = 0;
    std::optional<Output> output_;  // once live rows were counted
    IntegerRow copied_ = {};
    bool too_many_ = false;
    bool ended_ = false;
    Replacement made_ = {};
};

// ---- verification

// Reads every page that belongs to a part, then every row. The metapage is one that
// check_integers() has accepted.
class IntegerCheck final : public Machine, private RowSink {
  public:
    explicit IntegerCheck(const Page &meta) : meta_(meta), tombstones_(meta_of(meta).parts) {
        each_extent(meta_of(meta_), [&](const ExtentPlace &place) {
            for (uint32_t i = 0; i < place.blocks(); i++) {
                pages_.push_back(
                    stride_page(place, i / place.stride_blocks, i % place.stride_blocks));
            }
            return false;
        });
        walker_.open(meta_of(meta_), {.skip = 0, .table = kIntegerTable});
    }

    PgsStatus next(PgsRequest &request, PgsError *error) override {
        if (read_ == 0) {
            if (PgsStatus status = check_owners(meta_of(meta_), error)) {
                return status;
            }
        }
        ask_for_page(request, read_ < pages_.size() ? pages_[read_].block : walker_.next_block());
        return request.kind == PGS_REQUEST_DONE ? check_counts(error) : PGS_OK;
    }
    PgsStatus page(const Page &page, PgsError *error) override {
        const bool by_rows = read_ == pages_.size();
        const PageIdentity wanted = by_rows ? walker_.wanted() : pages_[read_++];
        const PgsStatus status =
            by_rows ? walker_.page(page, *this, error) : check_page(page, wanted, error);
        if (status != PGS_OK) {
            return status;
        }
        if (!by_rows && wanted.kind == PageKind::kRecord) {
            check_records(page);
        }
        return impossible_
                   ? fail(error, PGS_CORRUPT, wanted.block, "a row of the page is impossible")
                   : PGS_OK;
    }
    const std::vector<FoundInteger> &rows() const noexcept { return rows_; }

  private:
    void check_records(const Page &page) noexcept {
        const uint32_t count = used_bytes(page) / record_bytes(page);
        records_ += count;
        for (uint32_t i = 0; i < count; i++) {
            const Record &record = record_at(page, i);
            impossible_ =
                impossible_ || record.heap_offset == 0 || (record.flags & ~kRecordFlags) != 0;
        }
    }
    void piece(const Row &, uint32_t, const uint8_t *bytes, uint32_t n) override {
        std::memcpy(&value_, bytes, n);
    }
    void row(const Row &row) override {
        walked_++;
        impossible_ = impossible_ || !bounds_of(meta_of(meta_)).contain(value_) ||
                      std::memcmp(&value_, row.extra, sizeof value_) != 0;
        if ((row.record.flags & kTombstone) != 0) {
            tombstones_[walker_.part_number()]++;
        } else {
            rows_.push_back({tid_of(row.record), value_, row.address});
        }
    }
    PgsStatus check_counts(PgsError *error) const {
        if (records_ != walked_) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "a record page has room left although one behind it is in use");
        }
        for (size_t p = 0; p < tombstones_.size(); p++) {
            if (tombstones_[p] < meta_of(meta_).part[p].tombstones) {
                return fail(error, PGS_CORRUPT, kMetaBlock, "part number %zu lacks tombstones", p);
            }
        }
        return PGS_OK;
    }

    Page meta_;
    std::vector<PageIdentity> pages_;
    size_t read_ = 0;  // of them
    Walker walker_;
    int64_t value_ = 0;
    bool impossible_ = false;           // a row of the page in hand
    uint64_t records_ = 0;              // on all record pages
    uint64_t walked_ = 0;               // rows
    std::vector<uint64_t> tombstones_;  // by part
    std::vector<FoundInteger> rows_;
};

}  // namespace pgslab
