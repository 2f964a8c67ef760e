// All documents in slot order, by their records alone; without those of a similarity other than 0,
// if it is told which these are.
#pragma once

#include <cstdint>
#include <vector>

#include "inverted/search_context.h"
#include "inverted/segment_layout.h"
#include "inverted/sidecar_scan.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "store/page.h"
#include "store/walker.h"

namespace pgslab::inverted {

// Documents that have a similarity other than 0.
struct Others {
    struct OfSegment {
        SegmentShape shape;
        DocumentBits bits;  // by number
    };
    std::vector<OfSegment> segments;
    std::vector<uint64_t> addresses;  // in the sidecar, ascending

    void clear() noexcept {
        segments.clear();
        addresses.clear();
    }
    bool has(uint64_t address) const noexcept;
};

class RecordScan final : private RowSink {
  public:
    // It must outlive it.
    explicit RecordScan(SearchContext &context) noexcept : context_(context) {}

    // Begins, for rows with that value. others, if any, must outlive it. May throw std::bad_alloc,
    // as may page().
    void begin(double value, const Others *others);

    // The next of the rows found so far; false if another page is to be read first.
    bool next(PgsRequest &request) noexcept;

    // The page to read next; its block is PGS_NO_BLOCK at the end.
    const PageIdentity &wanted() const noexcept { return walker_.wanted(); }
    PgsStatus page(const Page &page, PgsError *error);

  private:
    void piece(const Row &, uint32_t, const uint8_t *, uint32_t) override {}
    void row(const Row &row) override;

    SearchContext &context_;
    const Others *others_ = nullptr;
    FilteredRecords wanted_;
    Walker walker_;
    double value_ = 0;
    std::vector<PgsRequest> rows_;  // of the page in hand
    size_t next_ = 0;
};

}  // namespace pgslab::inverted
