// From addresses to bytes, and what segments say of them, over a manifest of several parts.
#include "store/slots.h"

#include <gtest/gtest.h>

#include <vector>

#include "ivf/format.h"
#include "ivf/listed_slots.h"
#include "ivf/named_slot.h"

namespace pgslab {
namespace {

// Two sealed parts, of which the first ends inside its second extent, and an open one of two.
Meta meta_of_parts() {
    Meta meta = {};
    Vectors &vectors = vectors_of(meta);
    vectors.dims = 768;
    vectors.storage = Storage::kF16;
    vectors.code_bits = 1;
    vectors.refine_bits = 4;
    meta.columns = columns_of(vectors);
    meta.parts = 3;
    meta.dictionary.id = 4;
    meta.part[0] = {70, 1, 1400, 0, 1400, 4, 7, PartState::kSealed, 2, 0};
    meta.part[1] = {30, 1, 10, 0, 5, 4, 3, PartState::kSealed, 1, 0};
    meta.part[2] = {90, 1, 0, 0, 50, 4, 9, PartState::kOpen, 2, 0};
    meta.extents = 5;
    const uint32_t slots[] = {1000, 500, 10, 20, 80};
    for (uint32_t e = 0; e < meta.extents; e++) {
        meta.extent[e] = {1000 * (e + 1), slots[e], e == 3 ? 2u : 1u};
    }
    return meta;
}

// Where the tables of an extent of so many slots begin: vectors, then codes.
uint32_t slab_at(uint32_t slots) {
    return (slots + kMostRecords - 1) / kMostRecords;
}
uint32_t codes_at(uint32_t slots) {
    return slab_at(slots) + (slots * 1536 + kPayloadBytes - 1) / kPayloadBytes;
}

TEST(Slots, EverySlotIsFoundInItsExtent) {
    const Meta meta = meta_of_parts();
    const Slots slots(meta);
    const struct {
        uint32_t part, first, slots, block;
    } extents[] = {{7, 0, 1000, 1000},
                   {7, 1000, 400, 2000},
                   {3, 0, 10, 3000},
                   {9, 0, 40, 4000},
                   {9, 40, 80, 5000}};
    for (const auto &extent : extents) {
        for (uint32_t i = 0; i < extent.slots; i++) {
            const Slot slot = slots.find(make_address(extent.part, extent.first + i));
            ASSERT_TRUE(slot.exists()) << extent.part << ", " << extent.first + i;
            ASSERT_EQ(slot.extent->extent.block, extent.block);
            ASSERT_EQ(slot.within, i);
            ASSERT_EQ(slot.part_slot(), extent.first + i);
        }
    }
}

TEST(Slots, ASlotThatIsNotThereIsNotFound) {
    const Meta meta = meta_of_parts();
    Slots slots(meta);
    for (uint64_t address :
         {make_address(7, 1400), make_address(7, 1499), make_address(3, 10), make_address(9, 120),
          make_address(8, 0), make_address(0, 0), ~uint64_t{0}, make_address(7, 1ull << 39)}) {
        EXPECT_FALSE(slots.find(address).exists()) << address;
        EXPECT_TRUE(slots.find(make_address(3, 1)).exists()) << "after a slot that is not there";
    }
    const Meta empty = {};
    slots.open(empty);
    EXPECT_FALSE(slots.find(make_address(7, 0)).exists());
}

// It is the list's page that is at fault.
TEST(Slots, WhoNamesASlotThatIsNotThereIsCorrupt) {
    const Meta meta = meta_of_parts();
    const Slots slots(meta);
    Slot slot;
    PgsError error = {};
    EXPECT_EQ(find_named(slots, make_address(7, 1399), {5, 77}, slot, &error), PGS_OK);
    EXPECT_EQ(slot.within, 399u);
    EXPECT_EQ(find_named(slots, make_address(7, 1400), {5, 77}, slot, &error), PGS_CORRUPT);
    EXPECT_EQ(error.block, 77u);
    EXPECT_STREQ(error.detail,
                 "list 5 names slot 1400 of the part with handle 7, which does not exist");
}

// What a slot has lies where each_extent() and the format say, and nowhere else: one slot after the
// other fills the pages without gaps.
TEST(Slots, TheBytesOfSlotsLieOneAfterTheOther) {
    const Meta meta = meta_of_parts();
    const Slots slots(meta);
    const uint32_t item = 768 * 2;
    const uint32_t refine = 768 / 2 + sizeof(RefineTail);
    const uint32_t before = codes_at(1000) + (1000 + 18) / 19;  // pages of the first extent
    for (uint32_t i = 0; i < 400; i++) {
        const Slot slot = slots.find(make_address(7, 1000 + i));
        const SlotBytes record = slots.item(slot, kRecordColumn);
        EXPECT_EQ(record.page.block, 2000 + i / 338);
        EXPECT_EQ(record.page.kind, PageKind::kRecord);
        EXPECT_EQ(record.page.owner, 70u);
        EXPECT_EQ(record.page.sequence, before + i / 338);
        EXPECT_EQ(record.offset, i % 338 * 24);
        EXPECT_EQ(record.bytes, 24u);
        const SlotBytes code = slots.item(slot, kRefineColumn);
        EXPECT_EQ(code.page.block, 2000 + codes_at(500) + i / 19);
        EXPECT_EQ(code.page.kind, kRefinePage);
        EXPECT_EQ(code.page.sequence, before + codes_at(500) + i / 19);
        EXPECT_EQ(code.offset, i % 19 * refine);
        EXPECT_EQ(code.bytes, refine);
        for (uint32_t done = 0; done < item;) {
            const SlotBytes piece = slots.bytes(slot, kSlabColumn, done, item);
            const uint64_t at = uint64_t{i} * item + done;
            ASSERT_EQ(piece.page.block, 2000 + slab_at(500) + at / kPayloadBytes);
            ASSERT_EQ(piece.page.kind, kSlabPage);
            ASSERT_EQ(piece.offset, at % kPayloadBytes);
            ASSERT_GT(piece.bytes, 0u);
            ASSERT_LE(piece.offset + piece.bytes, kPayloadBytes);
            done += piece.bytes;
            ASSERT_LE(done, item);
        }
    }
    // Without its padding, and from the middle on.
    const SlotBytes middle = slots.bytes(slots.find(make_address(7, 1000)), kSlabColumn, 64, 1000);
    EXPECT_EQ(middle.offset, 64u);
    EXPECT_EQ(middle.bytes, 936u);
}

// Each has tables of its own, numbered on from the one before.
TEST(Slots, StridesOfAnExtentLieOneAfterTheOther) {
    const Meta meta = meta_of_parts();
    const Slots slots(meta);
    const uint32_t stride = codes_at(20) + 2;
    for (uint32_t i = 0; i < 40; i++) {
        const Slot slot = slots.find(make_address(9, i));
        const uint32_t first = i / 20 * stride;
        const SlotBytes record = slots.item(slot, kRecordColumn);
        EXPECT_EQ(record.page.block, 4000 + first);
        EXPECT_EQ(record.page.sequence, first);
        EXPECT_EQ(record.offset, i % 20 * 24);
        const SlotBytes code = slots.item(slot, kRefineColumn);
        EXPECT_EQ(code.page.block, 4000 + first + codes_at(20) + i % 20 / 19);
        EXPECT_EQ(code.page.sequence, first + codes_at(20) + i % 20 / 19);
        const SlotBytes vector = slots.bytes(slot, kSlabColumn, 0, 64);
        EXPECT_EQ(vector.page.block, 4000 + first + slab_at(20) + i % 20 * 1536 / kPayloadBytes);
    }
    EXPECT_EQ(slots.item(slots.find(make_address(9, 40)), kRecordColumn).page.sequence, 2 * stride);
}

TEST(Slots, APageThatEndsBeforeTheSlotIsCorrupt) {
    const Meta meta = meta_of_parts();
    const Slots slots(meta);
    const SlotBytes record = slots.item(slots.find(make_address(3, 9)), kRecordColumn);
    Page page;
    format_page(page, {0, PageKind::kRecord, 3, 1, 0});
    const uint8_t *bytes = nullptr;
    PgsError error = {};
    page.server.lower = kPayloadOffset + 240;
    EXPECT_EQ(bytes_on(page, record, &bytes, &error), PGS_OK);
    EXPECT_EQ(bytes, page.payload + 9 * sizeof(Record));
    page.server.lower--;
    EXPECT_EQ(bytes_on(page, record, &bytes, &error), PGS_CORRUPT);
    EXPECT_EQ(error.block, 3000u);
    EXPECT_STREQ(error.detail, "the page uses 239 bytes where a slot needs 240");
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

TEST(ListedSlots, SlotsBelowTheWatermarkAreFlushed) {
    const Meta meta = meta_of_parts();
    ListedSlots slots;
    slots.open(meta);
    auto is_flushed = [&](uint32_t part, uint64_t slot) {
        return slots.is_flushed(slots.find(make_address(part, slot)));
    };
    EXPECT_TRUE(is_flushed(7, 0));
    EXPECT_TRUE(is_flushed(7, 1399));
    EXPECT_TRUE(is_flushed(3, 4));
    EXPECT_FALSE(is_flushed(3, 5));
    EXPECT_TRUE(is_flushed(9, 49));  // in the second extent
    EXPECT_FALSE(is_flushed(9, 50));
}

// Their codes are nobody's business.
TEST(ListedSlots, SlotsOfAnEarlierCodebookAreNotFound) {
    Meta meta = meta_of_parts();
    meta.part[1].dictionary = 2;
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
    const Slot slot = slots.find(make_address(7, 1001));
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
        slots_.add_keys(slots_.find(address), address, static_cast<uint32_t>(code));
    }
    void take_record(uint64_t address, uint32_t list, uint64_t keys) {
        slots_.take_record(slots_.find(address), address, list, static_cast<uint32_t>(keys));
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
        EXPECT_NE(told.slots().differing_records(), PGS_NO_BLOCK);
        told.take_record(address, Told::list_of(address), address);
        told.take_code(address, address);
    });
    EXPECT_EQ(told.slots().differing_records(), PGS_NO_BLOCK);
    EXPECT_EQ(told.slots().differing_codes(), PGS_NO_BLOCK);
}

TEST(ListedSlots, ADifferenceIsFoundOnItsPage) {
    for (uint64_t slot : {0u, 337u, 338u, 999u, 1000u, 1399u}) {
        const bool in_keys = slot % 2 == 0;
        Told told;
        const uint64_t changed = make_address(7, slot);
        told.each([&](uint64_t address) {
            const bool differs = address == changed;
            told.take_record(address, Told::list_of(address) + (differs && !in_keys ? 1 : 0),
                             differs && in_keys ? ~address : address);
            told.take_code(address, differs ? ~address : address);
        });
        const uint32_t first = slot < 1000 ? 1000 : 2000;
        const auto within = static_cast<uint32_t>(slot % 1000);
        EXPECT_EQ(told.slots().differing_records(), first + within / 338);
        EXPECT_EQ(told.slots().differing_codes(),
                  first + codes_at(slot < 1000 ? 1000 : 500) + within / 19);
    }
}

// Sums of what a checksum says would not see it.
TEST(ListedSlots, AnExchangeIsFound) {
    Told told;
    const uint64_t a = make_address(7, 21), b = make_address(7, 22);
    told.each([&](uint64_t address) {
        const uint64_t said = address == a ? b : address == b ? a : address;
        told.take_record(address, Told::list_of(said), address);
        told.take_code(address, said);
    });
    EXPECT_EQ(told.slots().differing_records(), 1000u);
    EXPECT_EQ(told.slots().differing_codes(), 1000 + codes_at(1000) + 1);
}

}  // namespace
}  // namespace pgslab
