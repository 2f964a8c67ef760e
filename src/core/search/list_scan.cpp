#include "search/list_scan.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/error.h"
#include "ivf/meta.h"

namespace pgslab {

namespace {

constexpr uint32_t kGroupBytes = 16;  // see quantize/fastscan.h

// Tails are read where they lie, so each has to be aligned there; codes are multiples of 64 bytes.
static_assert(kPayloadOffset % alignof(BlockTail) == 0 && kPayloadBytes % alignof(BlockTail) == 0 &&
              sizeof(BlockTail) % alignof(BlockTail) == 0);

}  // namespace

void ListScan::begin(const Segment &segment, const ListRun &run, uint32_t padded,
                     const uint8_t *table, const Kernels &kernels) noexcept {
    segment_ = segment;
    table_ = table;
    kernels_ = &kernels;
    code_bytes_ = padded * kBlockRows / 8;
    position_ = run.first_row / kBlockRows * (uint64_t{code_bytes_} + sizeof(BlockTail));
    rows_ = run.rows;
    lane_ = run.first_row % kBlockRows;
    in_block_ = 0;
    std::memset(sums_, 0, sizeof sums_);
}

PageIdentity ListScan::wanted() const noexcept {
    return rows_ == 0 ? kNoPage
                      : list_page(segment_, static_cast<uint32_t>(position_ / kPayloadBytes));
}

PgsStatus ListScan::page(const Page &page, BlockSink &sink, PgsError *error) {
    PGSLAB_ASSERT(rows_ > 0);
    const auto number = static_cast<uint32_t>(position_ / kPayloadBytes);
    auto at = static_cast<uint32_t>(position_ % kPayloadBytes);
    const uint32_t begin = at;
    const uint32_t end = used_bytes(page);
    while (rows_ > 0 && at < end) {
        const uint32_t block = code_bytes_ + sizeof(BlockTail);
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
        at += n;
        in_block_ += n;
        if (in_block_ == block) {
            const uint32_t last = std::min(lane_ + rows_, kBlockRows);
            sink.block(sums_, *tail, lane_, last);
            rows_ -= last - lane_;
            lane_ = 0;
            in_block_ = 0;
            std::memset(sums_, 0, sizeof sums_);
        }
    }
    position_ += at - begin;
    if (rows_ > 0 && end != kPayloadBytes) {
        return fail(error, PGS_CORRUPT, list_page(segment_, number).block,
                    "the list page uses %u bytes", end);
    }
    return PGS_OK;
}

}  // namespace pgslab
