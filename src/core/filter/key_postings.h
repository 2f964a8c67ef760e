// Writes the postings of filter columns (postings.h), a column of a group at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "filter/keys.h"
#include "filter/postings.h"
#include "store/page_stream.h"

namespace pgslab {

class KeyPostings {
  public:
    // The column whose rows are added next.
    void begin(const PgsKeyColumn &column) noexcept;

    // A row of the group with its keys of the column, as they are stored. May throw
    // std::bad_alloc, as may the next.
    void add(uint32_t row, const uint8_t *keys);

    // How many postings there are.
    uint32_t count() const noexcept { return static_cast<uint32_t>(postings_.size()); }

    // All rows were added: their fences go to the pages from the first on, the postings to those
    // from the second on.
    void write(const PageIdentity &fences, const PageIdentity &postings,
               std::deque<ReadyPage> &ready);

  private:
    PgsKeyColumn column_ = {};
    std::vector<Posting> postings_;
};

}  // namespace pgslab
