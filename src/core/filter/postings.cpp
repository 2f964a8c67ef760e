#include "filter/postings.h"

#include <algorithm>

namespace pgslab {

uint32_t next_posting_page(const std::vector<uint64_t> &fences, std::span<const PgsKeyRange> ranges,
                           uint32_t from) noexcept {
    const auto end = static_cast<uint32_t>(fences.size());
    for (uint32_t page = from; page < end;) {
        const auto range =
            std::lower_bound(ranges.begin(), ranges.end(), fences[page],
                             [](const PgsKeyRange &r, uint64_t fence) { return r.last < fence; });
        if (range == ranges.end()) {
            return end;
        }
        // Postings of the key that a page begins with may stand on the one before.
        if (page + 1 == end || range->first <= fences[page + 1]) {
            return page;
        }
        const auto after = std::lower_bound(fences.begin() + page, fences.end(), range->first);
        page = static_cast<uint32_t>(after - fences.begin()) - 1;
    }
    return end;
}

}  // namespace pgslab
