// Ordered search: documents by the operator's value, for as long as the caller asks.
//
// A pass looks at the sidecar (sidecar_scan.h), then at the segments, the largest first
// (segment_scan.h), and keeps as many of the best documents as are expected to be wanted. Then
// their records are read: they tell the row's address, whether it is alive, and its keys, on which
// the filter may depend. When the caller has taken what the pass has found and wants more, another
// one follows, for eight times as many documents, beyond the last of those.
//
// Vectors are all returned: after those of a similarity above 0 those of which it is 0, in slot
// order, and then the others. For these two a pass adds up all postings, and tells which documents
// have another similarity than 0: no others share a term with the query, and no postings name them.
// So all records are walked over (record_scan.h).
//
// Memory: 16 bytes for each document that a pass keeps, of which the caller says how many bytes
// there may be, and what segment_scan.h says; of vectors of a similarity of 0 a bit for each
// document in segments, and 8 bytes for each of the sidecar.
#pragma once

#include <cstddef>
#include <cstdint>

#include "inverted/record_scan.h"
#include "inverted/search_context.h"
#include "inverted/segment_scan.h"
#include "inverted/sidecar_scan.h"
#include "inverted/top_documents.h"
#include "pgslab/inverted.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "store/machine.h"
#include "store/page.h"

namespace pgslab::inverted {

class Search final : public Machine {
  public:
    explicit Search(size_t memory_bytes) noexcept;

    // See pgs_inverted_scan_start(). May throw std::bad_alloc, as may next(), page() and told().
    PgsStatus start(const Page &meta, const PgsInvertedQuery *query, const PgsFilter *filter,
                    uint32_t rows, double recall, bool believe_killed, PgsError *error);
    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    // Whether the row that was asked about matches.
    void told(bool matches) noexcept;

    // Where the record of a slot lies that was returned or asked for.
    PgsRecordPage record_page(uint64_t address, uint32_t *index) const noexcept;
    const PgsInvertedWork &work() const noexcept { return context_.work; }

  private:
    enum class Phase { kEnd, kRecords, kSidecar, kSegments, kWinners };

    // Whether the pass is to tell which documents have a similarity other than 0.
    bool tells_others() const noexcept { return aim_ == Aim::kNegative && !are_zeros_returned_; }

    void begin_pass();
    void begin_segment();
    void begin_winners();
    void end_pass();
    PgsStatus next_winner(PgsRequest &request, PgsError *error);
    PgsStatus take_winner(const Page &page, PgsError *error);

    SearchContext context_;
    size_t most_;  // documents that a pass may keep
    TopDocuments top_;
    SidecarScan sidecar_;
    SegmentScan segment_;
    RecordScan records_;
    Phase phase_ = Phase::kEnd;
    Aim aim_ = Aim::kBest;
    bool are_zeros_returned_ = false;
    Others others_;
    size_t wanted_ = 0;                  // documents of this pass
    Found last_ = TopDocuments::kFirst;  // of those that earlier passes have found
    std::vector<uint32_t> order_;        // segments, the largest first
    size_t at_ = 0;                      // of these

    // A winner whose record is being read, or about which was asked.
    enum class Winner { kNone, kRecord, kRead, kAsked, kMatches };
    Winner winner_ = Winner::kNone;
    Found in_hand_ = {};
    PgsTid tid_ = {};
    PageIdentity asked_ = kNoPage;  // page that was asked for
};

}  // namespace pgslab::inverted
