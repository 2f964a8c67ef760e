// What segments say of slots, to be compared with what the parts say whose codes refer to the
// index's codebook.
//
// Each slot has a bit: a segment names it. Of the lists and codes there is a sum of hashes for each
// record page and each refinement page, from which those that the page itself says are taken away
// again: what is left is 0 unless the two differ somewhere, or with chance 2^-32. So memory is one
// bit a slot and four bytes a page.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "format/layout.h"

namespace pgslab {

class ListedSlots {
  public:
    // An extent, and a slot of it.
    struct Slot {
        uint32_t extent;  // PGS_NO_BLOCK: there is no such slot
        uint32_t within;
        bool exists() const noexcept { return extent != PGS_NO_BLOCK; }
    };

    // meta must outlive it. May throw std::bad_alloc.
    void open(const Meta &meta);

    Slot find(uint64_t address) const noexcept;

    // A segment names the slot. False when one did before.
    bool name(Slot slot) noexcept;
    bool is_named(Slot slot) const noexcept { return extents_[slot.extent].named[slot.within]; }

    // Whether one should, unless its row is dead.
    bool is_coded(Slot slot) const noexcept {
        const ExtentPlace &place = extents_[slot.extent].place;
        return place.part_slot + slot.within < place.part->coded;
    }

    // By a segment's word the slot is in the list and has a code of one bit with that checksum.
    void add(Slot slot, uint64_t address, uint32_t list, uint32_t code) noexcept;

    // By that of its record; by that of its refinement code.
    void take_list(Slot slot, uint64_t address, uint32_t list) noexcept;
    void take_code(Slot slot, uint64_t address, uint32_t code) noexcept;

    // Block of the slot's record.
    uint32_t record_block(Slot slot) const noexcept {
        return extents_[slot.extent].place.extent.record_block + slot.within / kRecordsPerPage;
    }

    // When everything was taken: the first record page, or refinement page, of which it differs.
    // PGS_NO_BLOCK when there is none.
    uint32_t differing_lists() const noexcept;
    uint32_t differing_codes() const noexcept;

  private:
    struct Listed {
        ExtentPlace place;
        std::vector<bool> named;      // by slot
        std::vector<uint32_t> lists;  // by record page
        std::vector<uint32_t> codes;  // by refinement page
    };

    std::vector<Listed> extents_;
    uint32_t per_refine_page_ = 0;
    mutable uint32_t last_ = 0;  // extent found last
};

}  // namespace pgslab
