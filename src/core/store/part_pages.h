// The pages of parts that a verification reads besides those that rows lead it to: first the open
// part's record pages from the end, to learn how far rows reach; at last those that no row needed.
#pragma once

#include <cstdint>
#include <vector>

#include "pgslab/status.h"
#include "store/format.h"
#include "store/page.h"

namespace pgslab {

class PartPages {
  public:
    // meta must outlive it. May throw std::bad_alloc, as may the lists.
    explicit PartPages(const Meta &meta);

    // Begins with the one or the other.
    void list_tail();
    void list_rest();

    // The next of those that were listed, kNoPage if there is none; and takes it. Of a page no more
    // is asked than that it is the one it should be.
    const PageIdentity &wanted() const noexcept { return pages_.empty() ? kNoPage : pages_.back(); }
    PgsStatus page(const Page &page, PgsError *error);

    // A page that was read for its rows.
    void mark_read(const PageIdentity &page) noexcept;

    // When all rows were read: PGS_CORRUPT where they ended before a record page that is in use.
    PgsStatus check_tail(PgsError *error) const noexcept;

  private:
    const Meta &meta_;
    std::vector<PageIdentity> pages_;  // last first
    std::vector<bool> read_;           // by block
    bool lists_tail_ = false;
    bool tail_found_ = false;     // there is a record page of the open part in use,
    uint32_t tail_sequence_ = 0;  // of which this is the last
    PageIdentity last_record_page_ = {};
};

}  // namespace pgslab
