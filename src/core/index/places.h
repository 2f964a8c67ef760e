// From the address of a slot to where its record, vector and code are.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "format/layout.h"

namespace pgslab {

class Places {
  public:
    // meta must outlive it. May throw std::bad_alloc.
    void open(const Meta &meta) {
        extents_.clear();
        each_extent(meta, [&](const ExtentPlace &place) {
            extents_.push_back(place);
            return false;
        });
    }

    // The extent that holds the slot, and the slot's number in it; null when the index has no such
    // slot.
    const ExtentPlace *find(uint64_t address, uint32_t *within) const noexcept {
        for (const ExtentPlace &place : extents_) {
            if (place.part->id == part_of(address) &&
                slot_of(address) - place.part_slot < place.used) {
                *within = static_cast<uint32_t>(slot_of(address) - place.part_slot);
                return &place;
            }
        }
        return nullptr;
    }

  private:
    std::vector<ExtentPlace> extents_;
};

}  // namespace pgslab
