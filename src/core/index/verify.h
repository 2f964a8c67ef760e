// Verifies a whole index page by page: the manifest against itself, every page against the
// manifest, every record and stored value against what they may be.
//
// Sans-IO. First the open part's record pages from the end, to learn how far rows reach; then all
// rows in the order of Walker; then the slab pages no row needed. Since a tail only moves forward,
// concurrent inserts never look like an error.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "format/page.h"
#include "index/walker.h"
#include "pgslab_core.h"

namespace pgslab {

// Checksum of a stored vector (n bytes, without padding) and its scale; seed continues over pieces,
// the scale comes last.
uint32_t content_of_values(const uint8_t *bytes, uint32_t n, uint32_t seed) noexcept;
uint32_t content_with_scale(float scale, uint32_t seed) noexcept;

class Verify final : private RowSink {
  public:
    // May throw std::bad_alloc, as may next_block() and page().
    explicit Verify(const Page &meta);

    PgsStatus next_block(uint32_t *block, PgsError *error);
    PgsStatus page(const Page &page, PgsError *error);
    const std::vector<PgsVerifiedRow> &rows() const noexcept { return rows_; }

  private:
    enum class Phase { kManifest, kTail, kRows, kRest };

    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;

    PgsStatus check_overlap(PgsError *error) const;
    PgsStatus check_records(const Page &page, PgsError *error);
    PgsStatus end_rows(PgsError *error);
    void list_tail();
    void list_rest();

    Page meta_;
    Phase phase_ = Phase::kManifest;
    std::vector<PageIdentity> pages_;  // still to be read in the phases kTail and kRest, last first
    PageIdentity wanted_ = {};
    uint32_t part_number_ = 0;  // of the page the walker wants
    Walker walker_;
    PageIdentity last_record_page_ = {};
    uint32_t tail_sequence_ = 0;   // of the open part: a record page with this number is in use...
    bool tail_found_ = false;      // ...if there is one
    std::vector<bool> slab_read_;  // by block
    std::vector<uint64_t> tombstones_;  // by part
    std::vector<PgsVerifiedRow> rows_;
    uint32_t content_ = 0;  // of the row being read
    bool finite_ = true;    // the row being read so far
};

}  // namespace pgslab
