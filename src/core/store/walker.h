// Reads an index's rows in slot order: each record page, then the pages that hold the items of one
// other column, of its live records.
//
// Sans-IO: next_block() names the page to read, page() takes it. What is read goes to a RowSink,
// piece by piece where an item crosses pages. A scan is a sink, and so is a check.
#pragma once

#include <cstdint>
#include <vector>

#include "pgslab/index.h"
#include "pgslab/status.h"
#include "store/format.h"
#include "store/layout.h"
#include "store/page.h"

namespace pgslab {

struct Row {
    uint64_t slot;     // counted over the whole index
    uint64_t address;  // see make_address()
    Record record;
    const uint8_t *extra;  // what is behind the record; valid during the call that has the row
};

class RowSink {
  public:
    virtual ~RowSink() = default;

    // n bytes of the row's item, from byte `offset` of it on. Only the last piece may have a length
    // that is not a multiple of 32; pieces of a row come in order, one row after the other.
    virtual void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) = 0;

    // All pieces of the row were given.
    virtual void row(const Row &row) = 0;

    // The first so many bytes of the items of n rows whose slots follow one another, each item on
    // the page as a whole and `stride` bytes after the one before. Who does not take them all at
    // once is given them one by one.
    virtual void items(const Row *rows, uint32_t n, const uint8_t *items, uint32_t stride,
                       uint32_t bytes) {
        for (uint32_t i = 0; i < n; i++) {
            piece(rows[i], 0, items + size_t{i} * stride, bytes);
            row(rows[i]);
        }
    }
};

// What is read besides the records: the first so many bytes of the items of a column, if any.
struct WalkTable {
    uint32_t column;
    uint32_t bytes;
};
constexpr WalkTable kRecordsOnly = {kRecordColumn, 0};

// Some of a page's records: a bit for each.
struct RecordSet {
    uint64_t word[(kMostRecords + 63) / 64] = {};
};

// Which rows are wanted, by their records.
class RowFilter {
  public:
    virtual ~RowFilter() = default;

    // Of n records of a page, which lie one after the other with what is behind each of them.
    virtual RecordSet wanted(const uint8_t *records, uint32_t record_bytes,
                             uint32_t n) const noexcept = 0;
};

struct WalkOptions {
    uint16_t skip = kTombstone;      // records with one of these flags are passed over
    WalkTable table = kRecordsOnly;  // of parts that have no such column only records are read
    WalkTable stale_table = table;   // of parts whose tables refer to an earlier dictionary
    bool sidecar = false;            // only slots that are in no segment
    // If any, rows that it does not want are passed over. What it wants may change between pages.
    const RowFilter *filter = nullptr;
    const RowFilter *stale_filter = nullptr;  // the same in parts whose tables refer to an earlier
                                              // dictionary, where the other is not asked
    PgsParts parts = {~0u};                   // of the others nothing is read
};

class Walker {
  public:
    // Walks all of the index that meta describes; meta, and the filter if there is one, must
    // outlive the walk. May throw std::bad_alloc.
    void open(const Meta &meta, WalkOptions options);

    // Begins (again) at the first slot. Walks after the first end where the first ended, however
    // the open part has grown.
    void rewind() noexcept;

    // The block to read next, or PGS_NO_BLOCK at the end of the walk. The same until page() was
    // called.
    uint32_t next_block() const noexcept { return wanted_.block; }

    // The block that is most probably read after it; PGS_NO_BLOCK where that is hard to tell.
    uint32_t block_after() const noexcept;

    // What should be on it, and in which of the manifest's parts.
    const PageIdentity &wanted() const noexcept { return wanted_; }
    uint32_t part_number() const noexcept { return place().part_number; }

    // The column that pieces are of.
    uint32_t column() const noexcept { return table().column; }

    // Takes the page that was asked for. Throws what the sink throws.
    PgsStatus page(const Page &page, RowSink &sink, PgsError *error);

  private:
    PgsStatus take_records(const Page &page, RowSink &sink, PgsError *error);
    void add_rows(const uint8_t *records, uint32_t count);
    PgsStatus take_items(const Page &page, RowSink &sink, PgsError *error);
    uint32_t whole_items(const Page &page, const ItemPlace &at) const noexcept;
    PgsStatus count_records(const Page &page, uint32_t *count, PgsError *error);
    void next_record_page() noexcept;
    void want_record_page() noexcept;
    bool find_record_page() noexcept;
    void want_item_page() noexcept;
    ItemPlace item_wanted() const noexcept;
    uint32_t stride_slot() const noexcept;
    const ExtentPlace &place() const noexcept { return stride_; }
    bool is_current() const noexcept { return place().part->dictionary == dictionary_; }
    const WalkTable &table() const noexcept {
        const WalkTable &wanted = is_current() ? options_.table : options_.stale_table;
        return wanted.column < place().column_count ? wanted : kRecordsOnly;
    }
    uint64_t left_out(const ExtentPlace &place) const noexcept;

    WalkOptions options_;
    uint64_t dictionary_ = 0;  // the index's
    Columns columns_ = {};
    std::vector<ExtentPlace> places_;
    uint64_t end_slot_ = 0;  // slots from here on came after the first walk

    size_t extent_ = 0;           // being walked
    uint32_t stride_number_ = 0;  // of it
    ExtentPlace stride_ = {};
    uint32_t record_page_ = 0;      // within the stride
    bool last_page_ = false;        // the record page in hand is the open part's tail
    std::vector<Row> rows_;         // of the record page in hand
    std::vector<uint8_t> records_;  // that page's, if something is behind them
    size_t row_ = 0;                // whose item is being read
    uint32_t row_done_ = 0;         // bytes of it already read
    uint32_t item_page_ = 0;        // wanted, of the column's table
    PageIdentity wanted_ = {};
};

}  // namespace pgslab
