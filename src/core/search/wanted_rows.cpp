#include "search/wanted_rows.h"

#include <algorithm>

#include "quantize/stored.h"
#include "store/layout.h"

namespace pgslab {

namespace {

constexpr size_t kAhead = 1024;  // bytes that are on their way while those before are looked at

// Of n records those for which holds() does, given each and what is behind it.
template <typename Holds>
RecordSet records_that(const uint8_t *records, uint32_t record_bytes, uint32_t n, Holds holds) {
    RecordSet set;
    for (uint32_t first = 0; first < n; first += 64) {
        uint64_t bits = 0;
        for (uint32_t i = first; i < std::min(n, first + 64); i++) {
            const uint8_t *at = records + size_t{i} * record_bytes;
            __builtin_prefetch(at + kAhead);
            const auto &record = *reinterpret_cast<const Record *>(at);
            bits |= uint64_t{holds(record, at + sizeof(Record))} << i % 64;
        }
        set.word[first / 64] = bits;
    }
    return set;
}

}  // namespace

RecordSet WantedRows::wanted(const uint8_t *records, uint32_t record_bytes,
                             uint32_t n) const noexcept {
    // A walk for the sake of rows that are named asks nothing else of most of them.
    const TidSet *tids = filter_->tids();
    if (tids != nullptr && lists_ == nullptr && filter_->asks_nothing()) {
        return records_that(records, record_bytes, n, [&](const Record &record, const uint8_t *) {
            return tids->contains(tid_of(record));
        });
    }
    return records_that(records, record_bytes, n, [&](const Record &record, const uint8_t *extra) {
        const uint32_t list = vector_record(record).list;
        return (lists_ == nullptr || list >= lists_->size() || (*lists_)[list]) &&
               filter_->holds(tid_of(record), extra);
    });
}

}  // namespace pgslab
