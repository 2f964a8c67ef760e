// Writes rows to sealed parts, one after the other. A part is a piece of the index: small enough to
// be written anew without doubling the space of all.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "store/format.h"
#include "store/layout.h"
#include "store/page_stream.h"
#include "store/row.h"

namespace pgslab {

// A sealed part.
struct WrittenPart {
    Part part;
    std::vector<Extent> extents;
};

// Most slots of a part that is written at once, in an index of so many.
uint64_t slots_of_part(uint64_t index_slots, const Columns &columns) noexcept;

constexpr uint32_t kMostPartsOfIndex = 8;  // for all slots of an index

// Divides slots evenly into parts of at most `most`: of how many slots each. May throw
// std::bad_alloc.
std::vector<uint32_t> divide_slots(uint64_t slots, uint64_t most);

class PartsWriter {
  public:
    // columns must outlive it. May throw std::bad_alloc, as may the others.
    PartsWriter(std::vector<WrittenPart> parts, const Columns &columns,
                std::deque<ReadyPage> &ready);

    // The next slot; returns its address. row: as row_layout() says.
    uint64_t add(const uint8_t *row);

    // No more rows.
    void end();

  private:
    void begin_extent();
    void end_extent();

    std::vector<WrittenPart> parts_;
    const Columns &columns_;
    RowLayout layout_;
    std::deque<ReadyPage> *ready_;
    std::vector<PageStream> tables_;  // of the extent being written, a column each
    size_t part_ = 0;
    size_t extent_ = 0;  // next of the part
    ExtentPlace place_ = {};
    uint64_t slot_ = 0;  // of the part, next
};

}  // namespace pgslab
