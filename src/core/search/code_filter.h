// Compares the one-bit codes of a list's rows with the bar, 32 at a time, and keeps the rows that
// they do not rule out: the survivors. Codes of rows that the filter's condition rules out are not
// looked at, nor are any in an exact search, where all other rows survive.
//
// Survivors are to be taken whenever there are some dozens of them, so that the bar falls while a
// long list is scanned.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "kernels/kernels.h"
#include "pgslab/status.h"
#include "search/context.h"
#include "search/list_scan.h"
#include "search/matches.h"
#include "search/row_mask.h"
#include "search/selected.h"
#include "search/top_k.h"
#include "store/page.h"

namespace pgslab {

// A row whose one-bit code did not rule it out.
struct Survivor {
    uint64_t address;
    float estimate;
    float margin;
    uint32_t block;  // of the page that names it

    // As Kernels::screen() rules out. Infinity is no bound: float32 left its range.
    bool is_ruled_out(float bar) const noexcept {
        const float lower = estimate - margin;
        return lower >= bar && std::isfinite(lower);
    }
};

class CodeFilter final : private BlockSink {
  public:
    // All must outlive it.
    CodeFilter(SearchContext &context, TopK &top, const Matches &matches,
               const Selected &selected) noexcept
        : context_(context), top_(top), matches_(matches), selected_(selected) {}

    // Forgets what another pass has left. May throw std::bad_alloc, as may begin() and page().
    void begin_pass();

    // Begins with the rows of a list in a segment; at is the query as seen from the list.
    void begin(const Segment &segment, const ListRun &rows, const ListQuery &at);

    // The page to read next; its block is PGS_NO_BLOCK when the rows are done with, or survivors
    // have to be taken first.
    PageIdentity wanted() const noexcept;

    // Takes the page that is wanted, which must have passed check_page().
    PgsStatus page(const Page &page, PgsError *error);

    std::vector<Survivor> &survivors() noexcept { return survivors_; }

  private:
    void block(const uint32_t *sums, const BlockTail &tail, uint32_t rows) override;
    void keep(uint64_t address, float estimate, float margin);
    void begin_codes() noexcept;

    SearchContext &context_;
    TopK &top_;
    const Matches &matches_;
    const Selected &selected_;
    const Kernels *kernels_ = nullptr;
    const Segment *segment_ = nullptr;
    ListRun rows_ = {};
    RowMask mask_;
    ListScan scan_;
    Screen screen_ = {};             // for the list; the bar for a block
    float rounding_ = 0;             // TopK::rounding_in() of the list
    uint32_t block_ = PGS_NO_BLOCK;  // of the page in hand
    std::vector<Survivor> survivors_;
};

}  // namespace pgslab
