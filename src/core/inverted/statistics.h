// Counts documents, how long they are, and how many have each of some terms: what segments say of
// themselves and their dictionaries, and the sidecar document by document. Dead ones are counted,
// in all three alike, for as long as postings name them, or their records are there.
#pragma once

#include <cstdint>
#include <vector>

#include "inverted/format.h"
#include "inverted/forward_row.h"
#include "inverted/segment_layout.h"
#include "inverted/term_lookup.h"
#include "pgslab/inverted.h"
#include "pgslab/status.h"
#include "store/machine.h"
#include "store/page.h"
#include "store/walker.h"

namespace pgslab::inverted {

class Statistics final : public Machine, private RowSink {
  public:
    // The metapage is copied, and so are the terms. May throw std::bad_alloc, as may the others
    // that are not noexcept.
    Statistics(const Page &meta, const PgsQueryTerm *terms, uint32_t count);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    uint64_t documents() const noexcept { return documents_; }
    double length() const noexcept { return length_; }

    // Of a prefix the sum over terms that begin so, but no more than there are documents.
    uint64_t with_term(uint32_t term) const noexcept;

  private:
    const Meta &meta() const noexcept { return meta_of(page_); }
    const PageIdentity &wanted() const noexcept;
    void begin_segment(uint32_t segment) noexcept;
    void end_look_up();
    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;

    Page page_;  // the metapage
    std::vector<uint8_t> bytes_;
    std::vector<LookedUp> terms_;      // in order
    std::vector<uint32_t> number_of_;  // of each of these among those given
    std::vector<uint64_t> counts_;     // of those given
    uint64_t documents_ = 0;
    double length_ = 0;

    uint32_t segment_ = 0;  // in hand; behind the last the sidecar is
    bool has_header_ = false;
    PageIdentity header_page_ = kNoPage;
    TermLookup lookup_;
    Walker walker_;
    PieceReader pieces_;
    std::vector<PgsTerm> document_;
    bool is_damaged_ = false;
};

}  // namespace pgslab::inverted
