// Writes a sealed part of one extent, row by row.
#pragma once

#include <cstdint>
#include <deque>

#include "format/layout.h"
#include "index/page_stream.h"

namespace pgslab {

class PartWriter {
  public:
    // place says where the part is and how many slots it will have.
    PartWriter(const ExtentPlace &place, SlotShape shape, std::deque<ReadyPage> &ready);

    // The next slot's tables. refine is not read in an index without codes. May throw
    // std::bad_alloc, as may end().
    void add(const void *record, const void *item, const void *refine);

    // No more rows.
    void end();

  private:
    SlotShape shape_;
    PageStream records_;
    PageStream refine_;
    PageStream slab_;
};

}  // namespace pgslab
