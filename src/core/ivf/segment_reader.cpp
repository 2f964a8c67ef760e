#include "ivf/segment_reader.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "ivf/format.h"
#include "ivf/meta.h"
#include "quantize/code.h"
#include "quantize/fastscan.h"

namespace pgslab {

SegmentReader::SegmentReader(const Segment &segment, const SegmentShape &shape)
    : segment_(segment),
      shape_(shape),
      layout_(shape),
      block_(layout_.block_bytes()),
      code_(code_bytes(1, shape.padded)) {
    directory_.reserve(shape.lists);
}

PageIdentity SegmentReader::wanted() const noexcept {
    if (filled_ < block_.size()) {
        return page_of_segment(segment_, pages_);
    }
    return has_keys() ? kNoPage
                      : page_of_segment(segment_, layout_.page_of_keys(segment_, next_row_));
}

PgsStatus SegmentReader::page(const Page &page, PgsError *error) {
    const PageIdentity identity = wanted();
    if (PgsStatus status = check_page(page, identity, error)) {
        return status;
    }
    const SegmentPage described = layout_.describe(segment_, identity.sequence);
    if (used_bytes(page) != described.bytes) {
        return fail(error, PGS_CORRUPT, identity.block,
                    "the page of the segment uses %u bytes instead of %u", used_bytes(page),
                    described.bytes);
    }
    switch (described.table) {
        case SegmentTable::kDirectory:
            pages_++;
            return take_runs(page, identity.block, error);
        case SegmentTable::kCodes:
            page_ = page;
            used_ = 0;
            pages_++;
            take_bytes();
            return PGS_OK;
        case SegmentTable::kKeys:
            keys_.assign(page.payload, page.payload + described.bytes);
            keys_page_ = identity.sequence;
            set_row();
            return PGS_OK;
        case SegmentTable::kFences:
        case SegmentTable::kPostings:
            break;  // are never wanted
    }
    return PGS_OK;
}

// They follow one another, and have as many rows as the segment.
PgsStatus SegmentReader::take_runs(const Page &page, uint32_t block, PgsError *error) {
    uint64_t rows = 0;
    if (!directory_.empty()) {
        rows = uint64_t{directory_.back().first_row} + directory_.back().rows;
    }
    bool right = true;
    for (uint32_t at = 0; right && at < used_bytes(page); at += sizeof(ListRun)) {
        ListRun run;
        std::memcpy(&run, page.payload + at, sizeof run);
        right = run.first_row == rows;
        rows += run.rows;
        directory_.push_back(run);
    }
    if (!right || (directory_.size() == shape_.lists && rows != segment_.rows)) {
        return fail(error, PGS_CORRUPT, block, "the directory page does not say where lists are");
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
    unpack_row(block_.data(), lane, shape_.padded, code_.data());
    row_.code = code_.data();
    row_.address = tail.address[lane];
    row_.factors = {tail.add[lane], tail.rescale[lane], tail.error[lane]};
    if (layout_.key_bytes() > 0 && has_keys()) {
        row_.keys = keys_.data() + layout_.offset_of_keys(next_row_);
    }
}

void SegmentReader::next() {
    next_row_++;
    if (at_end()) {
        return;
    }
    if (next_row_ % layout_.group_rows() == 0) {
        pages_ = layout_.code_page(static_cast<uint32_t>(next_row_ / layout_.group_rows()));
        used_ = used_bytes(page_);
    }
    if (next_row_ % kBlockRows == 0) {
        filled_ = 0;
        take_bytes();
    } else {
        set_row();
    }
}

}  // namespace pgslab
