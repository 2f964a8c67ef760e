// A set of addresses, against std::set.
#include "search/slot_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "ivf/format.h"

namespace pgslab {
namespace {

TEST(SlotSet, HoldsWhatWasInserted) {
    std::mt19937_64 random(1);
    SlotSet slots;
    std::set<uint64_t> expected;
    EXPECT_TRUE(slots.empty());
    for (int i = 0; i < 5000; i++) {
        const auto part = static_cast<uint32_t>(random() % 3 + (random() % 2) * (UINT16_MAX - 3));
        const uint64_t slot = random() % 5 == 0 ? random() >> 24 : random() % 20000;
        const uint64_t address = make_address(part, slot);
        slots.insert(address);
        expected.insert(address);
        for (uint64_t near : {address, address + 1, address - 1, address ^ 8192, address ^ 64}) {
            ASSERT_EQ(slots.contains(near), expected.contains(near)) << near;
        }
    }
    EXPECT_FALSE(slots.empty());
}

TEST(SlotSet, ClearedItIsEmpty) {
    SlotSet slots;
    slots.insert(5);
    slots.clear();
    EXPECT_TRUE(slots.empty());
    EXPECT_FALSE(slots.contains(5));
    slots.insert(6);
    EXPECT_FALSE(slots.contains(5));
    EXPECT_TRUE(slots.contains(6));
}

}  // namespace
}  // namespace pgslab
