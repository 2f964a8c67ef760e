#include "inverted/record_scan.h"

#include <algorithm>

namespace pgslab::inverted {

bool Others::has(uint64_t address) const noexcept {
    for (const OfSegment &segment : segments) {
        const uint32_t number = segment.shape.number_of(address);
        if (number != kNoNumber) {
            return (segment.bits[number / 64] >> number % 64 & 1) != 0;
        }
    }
    return std::binary_search(addresses.begin(), addresses.end(), address);
}

void RecordScan::begin(double value, const Others *others) {
    value_ = value;
    others_ = others;
    wanted_.set(context_.filter);
    const RowFilter *const filter = context_.is_filtered() ? &wanted_ : nullptr;
    walker_.open(context_.meta(),
                 {.skip = context_.skip, .filter = filter, .stale_filter = filter});
    rows_.clear();
    next_ = 0;
}

bool RecordScan::next(PgsRequest &request) noexcept {
    if (next_ == rows_.size()) {
        return false;
    }
    request = rows_[next_++];
    return true;
}

PgsStatus RecordScan::page(const Page &page, PgsError *error) {
    rows_.clear();
    next_ = 0;
    return walker_.page(page, *this, error);
}

// A document is where its last piece is.
void RecordScan::row(const Row &row) {
    if ((document_record(row.record).piece & kLastPiece) == 0 ||
        (others_ != nullptr && others_->has(row.address))) {
        return;
    }
    PgsRequest request = {};
    request.kind = PGS_REQUEST_FOUND;
    request.tid = tid_of(row.record);
    request.value = value_;
    request.slot = row.address;
    rows_.push_back(request);
}

}  // namespace pgslab::inverted
