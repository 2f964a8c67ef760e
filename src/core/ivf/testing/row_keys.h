// The keys that rows of test tables have, by their numbers; and conditions on them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "filter/keys.h"
#include "pgslab/filter.h"

namespace pgslab {

// How many values the c-th column has.
constexpr uint32_t values_of_column(uint32_t c) noexcept {
    return c == 1 ? 300 : 3 + c;
}

// Of the c-th column one of its values, of all of these about equally many, or NULL; of a set as
// many keys as the number says, at times none, or more than there is room for. None of addresses.
inline std::vector<uint64_t> keys_of_row(const PgsKeyColumns &columns, uint32_t number) {
    std::vector<uint64_t> keys;
    for (uint32_t c = 0; c < columns.count; c++) {
        const unsigned bytes = columns.column[c].key_bytes;
        const uint32_t most = columns.column[c].keys;
        if (columns.column[c].is_address) {
            continue;
        }
        const uint32_t seed = (number + 1) * 2654435761U >> (8 + c);
        const auto value = [&](uint32_t i) -> uint64_t {
            const uint64_t at = (seed + i) % (values_of_column(c) + 1);
            return bytes == 8 ? at << 40 : at;
        };
        if (most == 1) {
            keys.push_back(seed % (values_of_column(c) + 1) == values_of_column(c)
                               ? pgs_null_key(bytes)
                               : value(0));
            continue;
        }
        const uint32_t count = seed % (most + 3);
        for (uint32_t k = 0; k < most; k++) {
            keys.push_back(k < count ? value(k) : pgs_no_key(bytes));
        }
        if (count == most + 1) {
            keys[keys.size() - most] = pgs_full_key(bytes);
        } else if (count == most + 2) {
            keys.resize(keys.size() - most);
            keys.push_back(pgs_null_key(bytes));
            keys.resize(keys.size() + most - 1, pgs_no_key(bytes));
        }
    }
    return keys;
}

// Whether such a row has a key of the column in the range, or may have one, as its set is too large
// to be kept.
inline bool has_key_in(const PgsKeyColumns &columns, uint32_t column, uint32_t number,
                       const PgsKeyRange &range) {
    const std::vector<uint64_t> keys = keys_of_row(columns, number);
    size_t at = 0;
    for (uint32_t c = 0; c < column; c++) {
        at += columns.column[c].keys;
    }
    const PgsKeyColumn &of = columns.column[column];
    const bool is_set = of.keys > 1;
    if (is_set && keys[at] == pgs_full_key(of.key_bytes)) {
        return range.first < pgs_no_key(of.key_bytes);
    }
    return std::any_of(keys.begin() + static_cast<ptrdiff_t>(at),
                       keys.begin() + static_cast<ptrdiff_t>(at + of.keys),
                       [&](uint64_t key) { return range.first <= key && key <= range.last; });
}

// That a column has a key in one of the ranges.
struct KeysIn {
    PgsFilterNode node;
    std::vector<PgsKeyRange> ranges;

    KeysIn(uint32_t column, std::vector<PgsKeyRange> given)
        : node{PGS_FILTER_KEYS, 0, column, 0, static_cast<uint32_t>(given.size())},
          ranges(std::move(given)) {}
    PgsFilter filter() const {
        return {&node,   1,     ranges.data(), static_cast<uint32_t>(ranges.size()),
                nullptr, false, false,         0};
    }
};

}  // namespace pgslab
