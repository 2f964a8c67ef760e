// Moves what lies last to a free run, or to the end of the index where growth has taken that run
// meanwhile, page by page and as it is: an extent of a sealed part, or a segment. What names its
// rows stays true, since no address says where a part lies.
#pragma once

#include <cstdint>
#include <vector>

#include "store/layout.h"
#include "store/manifest.h"
#include "store/page.h"
#include "store/task.h"

namespace pgslab {

class Move final : public Task {
  public:
    // block: where the extent's records or the segment begin. When nothing that can be moved begins
    // there, next() says so. May throw std::bad_alloc.
    Move(const Page &meta, uint32_t block);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    void reserved(const Reservation &reserved) override;
    const Replacement &made() const noexcept override { return made_; }
    PgsTaskWork work() const noexcept override;

  private:
    void add_extent(const ExtentPlace &place);
    uint32_t blocks() const noexcept { return static_cast<uint32_t>(pages_.size()); }

    std::vector<PageIdentity> pages_;  // in the order in which they will lie
    uint32_t moved_ = 0;               // of them
    bool has_page_ = false;            // the next of them is in page_
    Page page_;
    Replacement made_ = {};
};

}  // namespace pgslab
