#include "search/row_mask.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/error.h"

namespace pgslab {

void RowMask::begin(const Filter &filter, const Segment &segment, const SegmentLayout &layout,
                    const ListRun &run, const uint32_t *left, bool is_exact) {
    filter_ = &filter;
    segment_ = &segment;
    layout_ = &layout;
    first_block_ = run.first_row / kBlockRows;
    end_ = uint64_t{run.first_row} + run.rows;
    next_ = end_;
    blocks_.clear();
    // Without keys a condition is as true of one row as of the next.
    if (filter.asks_nothing() || (layout.key_bytes() == 0 && filter.holds(nullptr))) {
        return;
    }
    const size_t blocks = divide_up(end_, kBlockRows) - first_block_;
    if (layout.key_bytes() == 0) {
        blocks_.assign(blocks, 0);
        return;
    }
    if (left == nullptr) {
        blocks_.assign(blocks, ~0U);
    } else {
        blocks_.assign(left + first_block_, left + first_block_ + blocks);
    }
    blocks_.front() &= ~0U << run.first_row % kBlockRows;
    if (const uint64_t last = end_ % kBlockRows; last != 0) {
        blocks_.back() &= (1U << last) - 1;
    }
    if (!is_exact) {
        next_ = run.first_row;
        next_row();
    }
}

// From the next one on, the first row that may satisfy the filter.
void RowMask::next_row() noexcept {
    while (next_ < end_) {
        const uint32_t left = blocks_[next_ / kBlockRows - first_block_] >> next_ % kBlockRows;
        if (left != 0) {
            next_ += static_cast<uint32_t>(std::countr_zero(left));
            return;
        }
        next_ = std::min(end_, (next_ / kBlockRows + 1) * kBlockRows);
    }
}

PageIdentity RowMask::wanted() const noexcept {
    return next_ == end_ ? kNoPage
                         : page_of_segment(*segment_, layout_->page_of_keys(*segment_, next_));
}

PgsStatus RowMask::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(next_ < end_);
    const uint32_t number = layout_->page_of_keys(*segment_, next_);
    const SegmentPage described = layout_->describe(*segment_, number);
    if (used_bytes(page) != described.bytes) {
        return fail(error, PGS_CORRUPT, page_of_segment(*segment_, number).block,
                    "the page of keys uses %u bytes instead of %u", used_bytes(page),
                    described.bytes);
    }
    while (next_ < end_ && layout_->page_of_keys(*segment_, next_) == number) {
        if (!filter_->holds(page.payload + layout_->offset_of_keys(next_))) {
            blocks_[next_ / kBlockRows - first_block_] &= ~(1U << next_ % kBlockRows);
        }
        next_++;
        next_row();
    }
    return PGS_OK;
}

}  // namespace pgslab
