// Verifies a whole index of documents page by page: the manifest against itself, every page against
// the manifest, every segment, every record and forward row, and what they say of one another.
//
// First the open part's record pages from the end, to learn how far rows reach; then the segments;
// then all documents in the order of Walker; and then the pages that no document needed. Since a
// tail only moves forward, concurrent inserts never look like an error.
//
// Memory is that of one SegmentCheck, and of what segments have told: 8 bytes and a bit for each
// slot below a watermark.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inverted/format.h"
#include "inverted/forward_row.h"
#include "inverted/segment_check.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"
#include "store/machine.h"
#include "store/page.h"
#include "store/part_pages.h"
#include "store/walker.h"

namespace pgslab::inverted {

class Verify final : public Machine, private RowSink {
  public:
    // May throw std::bad_alloc.
    explicit Verify(const Page &meta);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    // Those that the last page completed.
    const std::vector<PgsVerifiedRow> &rows() const noexcept { return rows_; }

  private:
    enum class Phase { kManifest, kTail, kSegments, kRows, kRest };

    // What segments say of a part's slots below its watermark.
    struct Told {
        std::vector<bool> named;
        std::vector<ToldDocument> documents;
    };

    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;

    const Part &part() const noexcept { return meta_of(meta_).part[walker_.part_number()]; }
    bool want_page() noexcept;
    PgsStatus end_phase(PgsError *error);
    PgsStatus take_segment_page(const Page &page, PgsError *error);
    PgsStatus end_segment(PgsError *error);
    PgsStatus take_row_page(const Page &page, PgsError *error);
    PgsStatus check_records(const Page &page, uint32_t part, PgsError *error);
    bool record_is_possible(const DocumentRecord &record, bool in_written_part) const noexcept;
    void check_nobodys(uint64_t slot) noexcept;
    bool told_agrees(const Row &row, const uint32_t *content) noexcept;
    PgsStatus end_rows(PgsError *error);

    Page meta_;
    Inverted index_;
    PgsKeyColumns columns_;
    Phase phase_ = Phase::kManifest;
    PageIdentity wanted_ = kNoPage;
    PartPages pages_;

    uint32_t segment_ = 0;  // being read
    std::optional<SegmentCheck> check_;
    std::vector<Told> told_;  // by part

    Walker walker_;
    PieceReader pieces_;
    std::vector<PgsTerm> terms_;
    std::vector<uint64_t> tombstones_;  // by part
    std::vector<PgsVerifiedRow> rows_;
    const char *fault_ = nullptr;  // of a document that the page in hand completed
};

}  // namespace pgslab::inverted
