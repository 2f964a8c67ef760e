// Reads an index's rows in slot order: each record page, then the pages that hold the vectors, or
// the refinement codes, of its live records.
//
// Sans-IO: next_block() names the page to read, page() takes it. What is read goes to a RowSink,
// piece by piece where a vector crosses pages. Both the exact scan and the verifier are sinks.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "format/layout.h"
#include "format/page.h"
#include "pgslab/index.h"
#include "pgslab/status.h"

namespace pgslab {

struct Row {
    uint64_t slot;     // counted over the whole index
    uint64_t address;  // see make_address()
    Record record;
};

class RowSink {
  public:
    virtual ~RowSink() = default;

    // n bytes of the row's stored vector, from byte `offset` of the item on, or all of its
    // refinement code with its tail. Only the last piece may have a length that is not a multiple
    // of 64; pieces of a row come in order, one row after the other.
    virtual void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) = 0;

    // All pieces of the row were given.
    virtual void row(const Row &row) = 0;
};

// kUseful: refinement codes where they refer to the index's codebook, else vectors.
enum class WalkTable { kNone, kSlab, kRefine, kUseful };

struct WalkOptions {
    uint16_t skip = kTombstone;          // records with one of these flags are passed over
    WalkTable table = WalkTable::kSlab;  // read besides the records
    bool sidecar = false;                // only slots that are in no segment
    // If any, rows of list i are passed over unless element i is true, as far as lists are those of
    // the index's codebook. May change between pages.
    const std::vector<bool> *lists = nullptr;
    PgsParts parts = {~0u};  // of the others nothing is read
};

class Walker {
  public:
    // Walks all of the index that meta describes; both must outlive the walk. May throw
    // std::bad_alloc.
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

    // Whether pieces are of codes.
    bool codes() const noexcept { return table() == WalkTable::kRefine; }

    // Takes the page that was asked for. Throws what the sink throws.
    PgsStatus page(const Page &page, RowSink &sink, PgsError *error);

  private:
    PgsStatus take_records(const Page &page, RowSink &sink, PgsError *error);
    PgsStatus take_vectors(const Page &page, RowSink &sink, PgsError *error);
    PgsStatus take_codes(const Page &page, RowSink &sink, PgsError *error);
    PgsStatus count_records(const Page &page, uint32_t *count, PgsError *error);
    void next_record_page() noexcept;
    void want_record_page() noexcept;
    void want_table_page() noexcept;
    uint64_t wanted_offset() const noexcept;
    uint32_t extent_slot() const noexcept;
    const ExtentPlace &place() const noexcept { return places_[extent_]; }
    bool is_current() const noexcept { return place().part->codebook == codebook_; }
    WalkTable table() const noexcept;
    uint32_t slots_before() const noexcept;

    WalkOptions options_;
    uint32_t codebook_ = 0;  // the index's
    uint32_t vector_bytes_ = 0;
    SlotShape shape_ = {};
    std::vector<ExtentPlace> places_;
    uint64_t end_slot_ = 0;  // slots from here on came after the first walk

    uint32_t extent_ = 0;       // being walked
    uint32_t record_page_ = 0;  // within the extent
    bool last_page_ = false;    // the record page in hand is the open part's tail
    std::vector<Row> rows_;     // of the record page in hand
    size_t row_ = 0;            // whose vector is being read
    uint32_t row_done_ = 0;     // bytes of it already read
    PageIdentity wanted_ = {};
};

}  // namespace pgslab
