// Postings: of each filter column, which rows of a group have which key.
//
// A posting is a key, of 4 or 8 bytes, and the row, counted over the group, of 4 bytes. They are in
// the order of keys, then of rows; of a set there is one for each key that it has room for. Of each
// of their pages the key that it begins with is its fence, so where the postings of a key are is
// found on one page, or on a few.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "filter/keys.h"
#include "store/format.h"
#include "store/layout.h"

namespace pgslab {

struct Posting {
    uint64_t key;
    uint32_t row;

    friend bool operator<(const Posting &a, const Posting &b) noexcept {
        return a.key < b.key || (a.key == b.key && a.row < b.row);
    }
};

constexpr uint32_t bytes_of_posting(const PgsKeyColumn &column) noexcept {
    return column.key_bytes + static_cast<uint32_t>(sizeof(Posting::row));
}
constexpr uint32_t postings_per_page(const PgsKeyColumn &column) noexcept {
    return kPayloadBytes / bytes_of_posting(column);
}
constexpr uint32_t fences_per_page(const PgsKeyColumn &column) noexcept {
    return kPayloadBytes / column.key_bytes;
}

// Pages of the postings of so many rows, and of the fences of so many pages.
constexpr uint32_t posting_pages(const PgsKeyColumn &column, uint64_t rows) noexcept {
    return static_cast<uint32_t>(divide_up(rows * column.keys, postings_per_page(column)));
}
constexpr uint32_t fence_pages(const PgsKeyColumn &column, uint32_t pages) noexcept {
    return static_cast<uint32_t>(divide_up(pages, fences_per_page(column)));
}

inline Posting load_posting(const uint8_t *at, const PgsKeyColumn &column) noexcept {
    return {load_key(at, column.key_bytes),
            static_cast<uint32_t>(load_key(at + column.key_bytes, sizeof(Posting::row)))};
}
inline void store_posting(uint8_t *at, const PgsKeyColumn &column,
                          const Posting &posting) noexcept {
    store_key(at, column.key_bytes, posting.key);
    store_key(at + column.key_bytes, sizeof posting.row, posting.row);
}

// Of the pages whose fences these are the first, from one on, that may have postings in the ranges;
// as many as there are fences if there is none.
uint32_t next_posting_page(const std::vector<uint64_t> &fences, std::span<const PgsKeyRange> ranges,
                           uint32_t from) noexcept;

}  // namespace pgslab
