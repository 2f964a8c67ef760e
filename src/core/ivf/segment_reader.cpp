#include "ivf/segment_reader.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "ivf/format.h"
#include "ivf/meta.h"
#include "quantize/code.h"
#include "quantize/fastscan.h"

namespace pgslab {

SegmentReader::SegmentReader(const Segment &segment, uint32_t lists, uint32_t padded)
    : segment_(segment),
      lists_(lists),
      padded_(padded),
      block_(size_t{4} * padded + sizeof(BlockTail)),
      code_(code_bytes(1, padded)) {
    directory_.reserve(lists);
}

PageIdentity SegmentReader::wanted() const noexcept {
    if (filled_ == block_.size()) {
        return {PGS_NO_BLOCK, kListPage, 0, 0, 0};
    }
    return segment_page(kTableKinds, segment_, pages_);
}

PgsStatus SegmentReader::page(const Page &page, PgsError *error) {
    const PageIdentity identity = wanted();
    if (PgsStatus status = check_page(page, identity, error)) {
        return status;
    }
    if (identity.kind == kDirectoryPage) {
        if (PgsStatus status = take_runs(page, error)) {
            return status;
        }
        pages_++;
        return PGS_OK;
    }
    const uint64_t bytes = divide_up(segment_.rows, kBlockRows) * block_.size();
    const uint64_t left =
        bytes - uint64_t{identity.sequence - segment_.first_blocks} * kPayloadBytes;
    if (used_bytes(page) != std::min<uint64_t>(left, kPayloadBytes)) {
        return fail(error, PGS_CORRUPT, identity.block, "the list page uses %u bytes",
                    used_bytes(page));
    }
    page_ = page;
    used_ = 0;
    pages_++;
    take_bytes();
    return PGS_OK;
}

// They follow one another, and have as many rows as the segment.
PgsStatus SegmentReader::take_runs(const Page &page, PgsError *error) {
    const auto left = static_cast<uint32_t>(lists_ - directory_.size());
    const uint32_t count = std::min(left, kRunsPerPage);
    uint64_t rows = 0;
    if (!directory_.empty()) {
        rows = uint64_t{directory_.back().first_row} + directory_.back().rows;
    }
    bool right = used_bytes(page) == count * sizeof(ListRun);
    for (uint32_t i = 0; right && i < count; i++) {
        ListRun run;
        std::memcpy(&run, page.payload + i * sizeof run, sizeof run);
        right = run.first_row == rows;
        rows += run.rows;
        directory_.push_back(run);
    }
    if (!right || (directory_.size() == lists_ && rows != segment_.rows)) {
        return fail(error, PGS_CORRUPT, directory_page(segment_, pages_).block,
                    "the directory page does not say where lists are");
    }
    return PGS_OK;
}

void SegmentReader::take_bytes() {
    const size_t n = std::min<size_t>(block_.size() - filled_, used_bytes(page_) - used_);
    std::memcpy(block_.data() + filled_, page_.payload + used_, n);
    filled_ += n;
    used_ += static_cast<uint32_t>(n);
    if (filled_ == block_.size()) {
        set_row();
    }
}

void SegmentReader::set_row() {
    while (next_row_ >= uint64_t{directory_[row_.list].first_row} + directory_[row_.list].rows) {
        row_.list++;
    }
    const auto lane = static_cast<uint32_t>(next_row_ % kBlockRows);
    BlockTail tail;
    std::memcpy(&tail, block_.data() + block_.size() - sizeof tail, sizeof tail);
    unpack_row(block_.data(), lane, padded_, code_.data());
    row_.code = code_.data();
    row_.address = tail.address[lane];
    row_.factors = {tail.add[lane], tail.rescale[lane], tail.error[lane]};
}

void SegmentReader::next() {
    next_row_++;
    if (at_end()) {
        return;
    }
    if (next_row_ % kBlockRows == 0) {
        filled_ = 0;
        take_bytes();
    } else {
        set_row();
    }
}

}  // namespace pgslab
