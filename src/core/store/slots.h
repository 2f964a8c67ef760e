// From the address of a slot to the bytes of its items: the way there for everybody who comes by an
// address. (Who walks a table from one end to the other needs none: see walker.h.)
#pragma once

#include <cstdint>
#include <vector>

#include "pgslab/status.h"
#include "store/format.h"
#include "store/layout.h"
#include "store/page.h"

namespace pgslab {

// A slot of the index: an extent of a part, and the slot's number in it.
struct Slot {
    const ExtentPlace *extent = nullptr;  // null: there is no such slot
    uint64_t within = 0;

    bool exists() const noexcept { return extent != nullptr; }

    // Counted over its part.
    uint64_t part_slot() const noexcept { return extent->part_slot + within; }
};

// Some bytes of a slot that lie on one page.
struct SlotBytes {
    PageIdentity page;  // what should be on the block
    uint32_t offset;    // of the first of them in the page's payload
    uint32_t bytes;
};

// Slots belong to the Slots that found them, and are valid until it is opened again.
class Slots {
  public:
    Slots() = default;
    explicit Slots(const Meta &meta) { open(meta); }
    Slots(const Slots &) = delete;
    Slots &operator=(const Slots &) = delete;

    // meta must outlive it. May throw std::bad_alloc, as may the constructor.
    void open(const Meta &meta);

    // The slot with that address, which exists() unless the index has none.
    Slot find(uint64_t address) const noexcept;

    // Of the item that a slot that exists has in a column: the bytes begin to end - 1, as far as
    // they lie on the page of the first of them.
    SlotBytes bytes(const Slot &slot, uint32_t column, uint32_t begin, uint32_t end) const noexcept;

    // All of an item that crosses no page.
    SlotBytes item(const Slot &slot, uint32_t column) const noexcept {
        return bytes(slot, column, 0, columns_->column[column].item);
    }

    const Columns &columns() const noexcept { return *columns_; }
    const std::vector<ExtentPlace> &extents() const noexcept { return extents_; }

  private:
    const Columns *columns_ = nullptr;
    std::vector<ExtentPlace> extents_;
    mutable size_t last_ = 0;  // extent found last, which the next slot is most probably in, too
};

// The page that has the record of a slot that exists, and its number there.
PgsRecordPage record_page_of(const Slots &slots, uint64_t address, uint32_t *index) noexcept;

// Where those bytes are on a page that has passed check_page(): PGS_CORRUPT where it does not use
// so many.
PgsStatus bytes_on(const Page &page, const SlotBytes &wanted, const uint8_t **bytes,
                   PgsError *error) noexcept;

}  // namespace pgslab
