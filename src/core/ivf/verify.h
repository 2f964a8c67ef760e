// Verifies a whole index page by page: the manifest against itself, every page against the
// manifest, every record, stored value and code against what they may be, and what one table says
// of a row against what others say.
//
// First the open part's record pages from the end, to learn how far rows reach; then the
// codebook; all rows in the order of Walker; the segments; all rows' codes; and then the pages no
// row needed. Since a tail only moves forward, concurrent inserts never look like an error.
//
// Memory is the codebook's while that is read; afterwards about one bit a slot, one bit and four
// bytes a page.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ivf/code_check.h"
#include "ivf/codebook.h"
#include "ivf/format.h"
#include "ivf/listed_slots.h"
#include "ivf/segment_check.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"
#include "store/machine.h"
#include "store/page.h"
#include "store/part_pages.h"
#include "store/walker.h"

namespace pgslab {

// Checksum of a stored vector (n bytes, without padding), its scale and its row's keys; seed
// continues over pieces, scale and keys come last.
uint32_t content_of_values(const uint8_t *bytes, uint32_t n, uint32_t seed) noexcept;
uint32_t content_with_record(float scale, const uint8_t *keys, uint32_t key_bytes,
                             uint32_t seed) noexcept;

class Verify final : public Machine, private RowSink {
  public:
    // May throw std::bad_alloc.
    explicit Verify(const Page &meta);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    // Those that the last page completed.
    const std::vector<PgsVerifiedRow> &rows() const noexcept { return rows_; }

  private:
    enum class Phase { kManifest, kTail, kCodebook, kRows, kSegments, kCodes, kRest };

    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;

    bool want_page() noexcept;
    PgsStatus end_phase(PgsError *error);
    PgsStatus take_row_page(const Page &page, PgsError *error);
    PgsStatus check_records(const Page &page, uint32_t part, PgsError *error);
    PgsStatus end_rows(PgsError *error);
    void begin_segments();

    Page meta_;
    Phase phase_ = Phase::kManifest;
    PageIdentity wanted_ = {};
    PartPages pages_;

    std::optional<CodebookLoad> codebook_;

    Walker walker_;
    std::vector<uint64_t> tombstones_;  // by part
    std::vector<PgsVerifiedRow> rows_;
    uint32_t content_ = 0;  // of the row being read
    bool sound_ = true;     // the row being read so far
    uint32_t ones_ = 0;     // of it, where bits are stored

    ListedSlots listed_;
    std::optional<SegmentCheck> segments_;
    std::optional<CodeCheck> codes_;
};

}  // namespace pgslab
