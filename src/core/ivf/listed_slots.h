// What segments say of slots, to be compared with what the parts say whose codes refer to the
// index's codebook.
//
// Each slot has a bit: a segment names it. Of the lists and keys there is a sum of hashes for each
// record page, of the codes for each refinement page, from which those that the page itself says
// are taken away again: what is left is 0 unless the two differ somewhere, or with chance 2^-32. So
// memory is one bit a slot and four bytes a page.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "store/slots.h"

namespace pgslab {

class ListedSlots {
  public:
    // meta must outlive it. May throw std::bad_alloc.
    void open(const Meta &meta);

    // A slot of those parts.
    Slot find(uint64_t address) const noexcept;

    // A segment names the slot. False when one did before.
    bool name(const Slot &slot) noexcept;
    bool is_named(const Slot &slot) const noexcept { return told_of(slot).named[slot.within]; }

    // Whether one should, unless its row is dead.
    bool is_flushed(const Slot &slot) const noexcept {
        return slot.part_slot() < slot.extent->part->flushed;
    }

    // By a segment's word the slot is in the list and has a code of one bit with that checksum.
    void add(const Slot &slot, uint64_t address, uint32_t list, uint32_t code) noexcept;

    // By a segment's word it has keys with that checksum.
    void add_keys(const Slot &slot, uint64_t address, uint32_t keys) noexcept;

    // By that of its record; by that of its refinement code.
    void take_record(const Slot &slot, uint64_t address, uint32_t list, uint32_t keys) noexcept;
    void take_code(const Slot &slot, uint64_t address, uint32_t code) noexcept;

    // Block of the slot's record.
    uint32_t record_block(const Slot &slot) const noexcept {
        return slots_.item(slot, kRecordColumn).page.block;
    }

    // When everything was taken: the first record page, or refinement page, of which it differs.
    // PGS_NO_BLOCK when there is none.
    uint32_t differing_records() const noexcept;
    uint32_t differing_codes() const noexcept;

  private:
    // Of an extent; nothing where its part's codes refer to an earlier codebook.
    struct Told {
        std::vector<bool> named;        // by slot
        std::vector<uint32_t> records;  // by record page, over all strides
        std::vector<uint32_t> codes;    // by refinement page, the same
    };

    const Told &told_of(const Slot &slot) const noexcept {
        return told_[static_cast<size_t>(slot.extent - slots_.extents().data())];
    }
    Told &told_of(const Slot &slot) noexcept {
        return told_[static_cast<size_t>(slot.extent - slots_.extents().data())];
    }

    uint32_t &sum_of(std::vector<uint32_t> &sums, const Slot &slot, uint32_t column) noexcept;
    uint32_t differing(std::vector<uint32_t> Told::*sums, uint32_t column) const noexcept;

    Slots slots_;
    std::vector<Told> told_;  // by extent
};

}  // namespace pgslab
