#include "search/row_mask.h"

#include <algorithm>

#include "base/assert.h"
#include "base/error.h"

namespace pgslab {

void RowMask::begin(const Filter &filter, const Segment &segment, const SegmentLayout &layout,
                    const ListRun &run) {
    filter_ = &filter;
    segment_ = &segment;
    layout_ = &layout;
    first_block_ = run.first_row / kBlockRows;
    next_ = run.first_row;
    end_ = uint64_t{run.first_row} + run.rows;
    blocks_.clear();
    // Without keys a condition is as true of one row as of the next.
    const bool is_same_for_all = filter.asks_nothing() || layout.key_bytes() == 0;
    if (is_same_for_all) {
        next_ = end_;
    }
    if (!is_same_for_all || !filter.holds(nullptr)) {
        blocks_.resize(divide_up(end_, kBlockRows) - first_block_);
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
    const uint32_t bytes = layout_->key_bytes();
    for (uint32_t at = layout_->offset_of_keys(next_); at < described.bytes && next_ < end_;
         at += bytes, next_++) {
        if (filter_->holds(page.payload + at)) {
            blocks_[next_ / kBlockRows - first_block_] |= 1U << next_ % kBlockRows;
        }
    }
    return PGS_OK;
}

}  // namespace pgslab
