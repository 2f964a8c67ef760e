// Compares refinement codes, which say much more than one-bit codes do, and offers their rows to
// the candidates.
//
// Survivors are refined page by page: those that follow one another on a page, as they do where the
// part was built in the order of its lists, take one look at it. As the bar falls meanwhile, some
// are ruled out after all. In the first list there is no bar yet; then the survivors in hand rule
// one another out, by what their one-bit codes say. An index without refinement codes has them
// offered by that, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pgslab/status.h"
#include "search/code_filter.h"
#include "search/context.h"
#include "search/top_k.h"
#include "store/page.h"
#include "store/slots.h"

namespace pgslab {

class Refine {
  public:
    // Both must outlive it.
    Refine(SearchContext &context, TopK &top) noexcept : context_(context), top_(top) {}

    // Forgets what belongs to another query; what another pass has left.
    void begin();
    void begin_pass() noexcept;

    // Takes the survivors, which are none afterwards, of a list; at is the query as seen from it.
    // PGS_CORRUPT where there is no slot of such an address. May throw std::bad_alloc, as may
    // page() and offer().
    PgsStatus take(std::vector<Survivor> &survivors, uint32_t list, const ListQuery &at,
                   PgsError *error);

    // The page to read next; its block is PGS_NO_BLOCK when all survivors were offered.
    const PageIdentity &wanted() const noexcept {
        return next_ < codes_.size() ? codes_[next_].page : kNoPage;
    }

    // Takes the page that is wanted, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

    // Offers a row that was met in slot order, with the code of its slot.
    void offer(uint64_t address, const uint8_t *code) { offer(address, code, nullptr); }

  private:
    void offer(uint64_t address, const uint8_t *code, const ListQuery *at);
    void offer_as_they_are();
    void rule_one_another_out();
    void pass_over_ruled_out();
    void log_survivor(const Survivor &survivor);
    void end();
    const ListQuery &seen_from(uint32_t list);

    SearchContext &context_;
    TopK &top_;
    std::vector<Survivor> survivors_;
    std::vector<SlotBytes> codes_;  // where theirs are
    size_t next_ = 0;               // the first that was not offered
    ListQuery at_ = {};
    // By list, for rows met in slot order; distance < 0: not computed.
    std::vector<ListQuery> list_queries_;
    std::vector<double> uppers_;  // of survivors
};

}  // namespace pgslab
