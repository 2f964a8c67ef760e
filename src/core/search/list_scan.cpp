#include "search/list_scan.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/error.h"
#include "ivf/segment_layout.h"

namespace pgslab {

namespace {

constexpr uint32_t kGroupBytes = 16;  // see quantize/fastscan.h

// Tails are read where they lie, so each has to be aligned there; codes are multiples of 64 bytes.
static_assert(kPayloadOffset % alignof(BlockTail) == 0 && kPayloadBytes % alignof(BlockTail) == 0 &&
              sizeof(BlockTail) % alignof(BlockTail) == 0);

}  // namespace

void ListScan::begin(const Segment &segment, const SegmentLayout &layout, const ListRun &run,
                     const uint32_t *wanted, const uint8_t *table,
                     const Kernels &kernels) noexcept {
    segment_ = &segment;
    layout_ = &layout;
    wanted_ = wanted;
    table_ = table;
    kernels_ = &kernels;
    code_bytes_ = layout.block_bytes() - static_cast<uint32_t>(sizeof(BlockTail));
    row_ = run.first_row;
    end_row_ = uint64_t{run.first_row} + run.rows;
    begin_block();
}

// The next block of which a row is wanted, from the one in hand on.
void ListScan::begin_block() noexcept {
    while (wanted_ != nullptr && !at_end() && *wanted_ == 0) {
        row_ = std::min(end_row_, (row_ / kBlockRows + 1) * kBlockRows);
        wanted_++;
    }
    const uint64_t group = row_ / layout_->group_rows();
    group_page_ = layout_->code_page(static_cast<uint32_t>(group));
    position_ = row_ % layout_->group_rows() / kBlockRows * layout_->block_bytes();
    in_block_ = table_ == nullptr ? code_bytes_ : 0;
    position_ += in_block_;
    std::memset(sums_, 0, sizeof sums_);
}

uint32_t ListScan::page_number() const noexcept {
    return group_page_ + static_cast<uint32_t>(position_ / kPayloadBytes);
}

PageIdentity ListScan::wanted() const noexcept {
    return at_end() ? kNoPage : page_of_segment(*segment_, page_number());
}

// Of the block in hand, a bit for each row that is wanted.
uint32_t ListScan::rows_of_block() const noexcept {
    if (wanted_ != nullptr) {
        return *wanted_;
    }
    const auto begin = static_cast<uint32_t>(row_ % kBlockRows);
    const auto rows =
        static_cast<uint32_t>(std::min<uint64_t>(kBlockRows - begin, end_row_ - row_));
    return (rows == kBlockRows ? ~0U : (1U << rows) - 1) << begin;
}

PgsStatus ListScan::page(const Page &page, BlockSink &sink, PgsError *error) {
    PGSLAB_ASSERT(!at_end());
    const uint32_t block = layout_->block_bytes();
    const uint32_t end = used_bytes(page);
    const uint32_t number = page_number();
    while (!at_end() && page_number() == number) {
        const auto at = static_cast<uint32_t>(position_ % kPayloadBytes);
        if (at >= end) {
            return fail(error, PGS_CORRUPT, page_of_segment(*segment_, number).block,
                        "the list page uses %u bytes", end);
        }
        const bool code = in_block_ < code_bytes_;
        const uint32_t n = std::min((code ? code_bytes_ : block) - in_block_, end - at);
        const BlockTail *tail = &tail_;
        if (code) {
            kernels_->fastscan(sums_, page.payload + at, table_ + in_block_, n / kGroupBytes);
        } else if (n == sizeof(BlockTail)) {
            tail = reinterpret_cast<const BlockTail *>(page.payload + at);
        } else {
            std::memcpy(reinterpret_cast<uint8_t *>(&tail_) + in_block_ - code_bytes_,
                        page.payload + at, n);
        }
        position_ += n;
        in_block_ += n;
        if (in_block_ == block) {
            sink.block(sums_, *tail, rows_of_block());
            row_ = std::min(end_row_, (row_ / kBlockRows + 1) * kBlockRows);
            wanted_ = wanted_ == nullptr ? nullptr : wanted_ + 1;
            begin_block();
        }
    }
    return PGS_OK;
}

}  // namespace pgslab
