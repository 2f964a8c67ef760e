// Finds the best documents of the sidecar: walks over it in slot order, puts forward rows together
// from their pieces, and scores each exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "filter/filter.h"
#include "inverted/forward_row.h"
#include "inverted/search_context.h"
#include "inverted/segment_scan.h"
#include "inverted/top_documents.h"
#include "pgslab/status.h"
#include "store/page.h"
#include "store/walker.h"

namespace pgslab::inverted {

// Records of rows that satisfy a filter.
class FilteredRecords final : public RowFilter {
  public:
    // It must outlive it.
    void set(const Filter &filter) noexcept { filter_ = &filter; }
    RecordSet wanted(const uint8_t *records, uint32_t record_bytes,
                     uint32_t n) const noexcept override;

  private:
    const Filter *filter_ = nullptr;
};

class SidecarScan final : private RowSink {
  public:
    // Both must outlive it.
    SidecarScan(SearchContext &context, TopDocuments &top) noexcept
        : context_(context), top_(top), pieces_(Weights::kOccurrences) {}

    // Begins with the context's query; rows that are inserted later are not seen. May throw
    // std::bad_alloc, as may the others.
    void begin();

    // others: gets the addresses of documents whose similarity is not 0, if that is the aim.
    void begin_pass(Aim aim, std::vector<uint64_t> *others);

    // The page to read next; its block is PGS_NO_BLOCK when all rows were seen.
    const PageIdentity &wanted() const noexcept { return walker_.wanted(); }
    PgsStatus page(const Page &page, PgsError *error);

  private:
    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;
    void score(const Row &row);

    SearchContext &context_;
    TopDocuments &top_;
    Walker walker_;
    FilteredRecords wanted_;
    PieceReader pieces_;
    Aim aim_ = Aim::kBest;
    std::vector<uint64_t> *others_ = nullptr;
    std::vector<PgsTerm> terms_;  // of the document in hand
    std::vector<uint8_t> has_;    // which of the query's terms
    bool is_damaged_ = false;
};

}  // namespace pgslab::inverted
