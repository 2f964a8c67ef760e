// From addresses to places, and what segments say of them, over a manifest of several parts.
#include "index/places.h"

#include <gtest/gtest.h>

#include <vector>

#include "index/listed_slots.h"

namespace pgslab {
namespace {

// Two sealed parts, of which the first ends inside its second extent, and an open one of two.
Meta meta_of_parts() {
    Meta meta = {};
    meta.dims = 768;
    meta.storage = Storage::kF16;
    meta.code_bits = 1;
    meta.refine_bits = 4;
    meta.parts = 3;
    meta.codebook.id = 4;
    meta.part[0] = {7, PartState::kSealed, 2, 1, 1400, 0, 1400, 4, 0};
    meta.part[1] = {3, PartState::kSealed, 1, 1, 10, 0, 5, 4, 0};
    meta.part[2] = {9, PartState::kOpen, 2, 1, 0, 0, 50, 4, 0};
    meta.extents = 5;
    const uint32_t slots[] = {1000, 500, 10, 40, 80};
    for (uint32_t e = 0; e < meta.extents; e++) {
        meta.extent[e] = {1000 * (e + 1), 1000 * (e + 1) + 500, 1000 * (e + 1) + 100, slots[e]};
    }
    return meta;
}

TEST(Places, EverySlotIsFoundInItsExtent) {
    const Meta meta = meta_of_parts();
    Places places;
    places.open(meta);
    const struct {
        uint32_t part, first, slots, block;
    } extents[] = {{7, 0, 1000, 1000},
                   {7, 1000, 400, 2000},
                   {3, 0, 10, 3000},
                   {9, 0, 40, 4000},
                   {9, 40, 80, 5000}};
    for (const auto &extent : extents) {
        for (uint32_t slot = 0; slot < extent.slots; slot++) {
            uint32_t within = 0;
            const ExtentPlace *place =
                places.find(make_address(extent.part, extent.first + slot), &within);
            ASSERT_NE(place, nullptr) << extent.part << ", " << extent.first + slot;
            ASSERT_EQ(place->extent.record_block, extent.block);
            ASSERT_EQ(within, slot);
        }
    }
}

TEST(Places, ASlotThatIsNotThereIsNotFound) {
    const Meta meta = meta_of_parts();
    Places places;
    places.open(meta);
    uint32_t within = 0;
    for (uint64_t address :
         {make_address(7, 1400), make_address(7, 1499), make_address(3, 10), make_address(9, 120),
          make_address(8, 0), make_address(0, 0), ~uint64_t{0}, make_address(7, 1ull << 39)}) {
        EXPECT_EQ(places.find(address, &within), nullptr) << address;
    }
    places.open(Meta{});
    EXPECT_EQ(places.find(make_address(7, 0), &within), nullptr);
}

TEST(ListedSlots, SlotsInUseAreFound) {
    const Meta meta = meta_of_parts();
    ListedSlots slots;
    slots.open(meta);
    EXPECT_TRUE(slots.find(make_address(7, 0)).exists());
    EXPECT_TRUE(slots.find(make_address(7, 1399)).exists());
    EXPECT_FALSE(slots.find(make_address(7, 1400)).exists());
    EXPECT_TRUE(slots.find(make_address(3, 9)).exists());
    EXPECT_FALSE(slots.find(make_address(3, 10)).exists());
    EXPECT_TRUE(slots.find(make_address(9, 0)).exists());
    EXPECT_TRUE(slots.find(make_address(9, 119)).exists());
    EXPECT_FALSE(slots.find(make_address(9, 120)).exists());
    EXPECT_EQ(slots.record_block(slots.find(make_address(7, 1338))), 2001u);
    EXPECT_FALSE(ListedSlots().find(make_address(7, 0)).exists());
}

TEST(ListedSlots, SlotsBelowTheWatermarkAreCoded) {
    const Meta meta = meta_of_parts();
    ListedSlots slots;
    slots.open(meta);
    auto is_coded = [&](uint32_t part, uint64_t slot) {
        return slots.is_coded(slots.find(make_address(part, slot)));
    };
    EXPECT_TRUE(is_coded(7, 0));
    EXPECT_TRUE(is_coded(7, 1399));
    EXPECT_TRUE(is_coded(3, 4));
    EXPECT_FALSE(is_coded(3, 5));
    EXPECT_TRUE(is_coded(9, 49));  // in the second extent
    EXPECT_FALSE(is_coded(9, 50));
}

// Their codes are nobody's business.
TEST(ListedSlots, SlotsOfAnEarlierCodebookAreNotFound) {
    Meta meta = meta_of_parts();
    meta.part[1].codebook = 2;
    ListedSlots slots;
    slots.open(meta);
    EXPECT_TRUE(slots.find(make_address(7, 0)).exists());
    EXPECT_FALSE(slots.find(make_address(3, 0)).exists());
    EXPECT_TRUE(slots.find(make_address(9, 0)).exists());
}

TEST(ListedSlots, ASlotIsNamedOnce) {
    const Meta meta = meta_of_parts();
    ListedSlots slots;
    slots.open(meta);
    const ListedSlots::Slot slot = slots.find(make_address(7, 1001));
    EXPECT_FALSE(slots.is_named(slot));
    EXPECT_TRUE(slots.name(slot));
    EXPECT_TRUE(slots.is_named(slot));
    EXPECT_FALSE(slots.name(slot));
    EXPECT_FALSE(slots.is_named(slots.find(make_address(7, 1))));
}

// Each slot of the sealed parts in list `slot % 9`, with its number as its code's checksum.
class Told {
  public:
    Told() : meta_(meta_of_parts()) {
        slots_.open(meta_);
        each([&](uint64_t address) { add(address, list_of(address), address); });
    }

    template <typename Visit>
    void each(Visit visit) {
        for (uint64_t slot = 0; slot < 1400; slot++) {
            visit(make_address(7, slot));
        }
        for (uint64_t slot = 0; slot < 10; slot++) {
            visit(make_address(3, slot));
        }
    }

    static uint32_t list_of(uint64_t address) { return static_cast<uint32_t>(address % 9); }

    void add(uint64_t address, uint32_t list, uint64_t code) {
        slots_.add(slots_.find(address), address, list, static_cast<uint32_t>(code));
    }
    void take_list(uint64_t address, uint32_t list) {
        slots_.take_list(slots_.find(address), address, list);
    }
    void take_code(uint64_t address, uint64_t code) {
        slots_.take_code(slots_.find(address), address, static_cast<uint32_t>(code));
    }
    const ListedSlots &slots() const { return slots_; }

  private:
    Meta meta_;
    ListedSlots slots_;
};

TEST(ListedSlots, NothingDiffersWhereAllIsSaidAlike) {
    Told told;
    told.each([&](uint64_t address) {
        EXPECT_NE(told.slots().differing_lists(), PGS_NO_BLOCK);
        told.take_list(address, Told::list_of(address));
        told.take_code(address, address);
    });
    EXPECT_EQ(told.slots().differing_lists(), PGS_NO_BLOCK);
    EXPECT_EQ(told.slots().differing_codes(), PGS_NO_BLOCK);
}

TEST(ListedSlots, ADifferenceIsFoundOnItsPage) {
    for (uint64_t slot : {0u, 337u, 338u, 999u, 1000u, 1399u}) {
        Told told;
        const uint64_t changed = make_address(7, slot);
        told.each([&](uint64_t address) {
            const bool differs = address == changed;
            told.take_list(address, Told::list_of(address) + (differs ? 1 : 0));
            told.take_code(address, differs ? ~address : address);
        });
        const uint32_t first = slot < 1000 ? 1000 : 2000;
        const auto within = static_cast<uint32_t>(slot % 1000);
        EXPECT_EQ(told.slots().differing_lists(), first + within / 338);
        EXPECT_EQ(told.slots().differing_codes(), first + 100 + within / 19);
    }
}

// Sums of what a checksum says would not see it.
TEST(ListedSlots, AnExchangeIsFound) {
    Told told;
    const uint64_t a = make_address(7, 21), b = make_address(7, 22);
    told.each([&](uint64_t address) {
        const uint64_t said = address == a ? b : address == b ? a : address;
        told.take_list(address, Told::list_of(said));
        told.take_code(address, said);
    });
    EXPECT_EQ(told.slots().differing_lists(), 1000u);
    EXPECT_EQ(told.slots().differing_codes(), 1101u);
}

}  // namespace
}  // namespace pgslab
