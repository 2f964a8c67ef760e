// A row as all tables of a part store it, in one piece of memory: what a build sorts, an insert
// writes and a part that is written anew is made of.
#pragma once

#include <cstdint>

#include "store/format.h"

namespace pgslab {

// Where each column's item is in it, in bytes: the record first, each at a multiple of 8.
struct RowLayout {
    uint32_t item[kMaxColumns];
    uint32_t bytes;  // of the row, a multiple of 8
};

constexpr RowLayout row_layout(const Columns &columns) noexcept {
    RowLayout at = {};
    for (uint32_t c = 0; c < columns.count; c++) {
        at.item[c] = at.bytes;
        at.bytes = (at.bytes + columns.column[c].item + 7) / 8 * 8;
    }
    return at;
}

}  // namespace pgslab
