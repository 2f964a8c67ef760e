// Bytes that are appended come out on pages that say what they are.
#include "index/page_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "index/part_writer.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

constexpr PageIdentity kFirst = {500, PageKind::kSlab, 3, 9, 20};

PageIdentity identity_of(uint32_t page) {
    return {kFirst.block + page, kFirst.kind, kFirst.part, kFirst.generation,
            kFirst.sequence + page};
}

std::vector<uint8_t> random_bytes(Random &random, size_t n) {
    std::vector<uint8_t> bytes(n);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<uint8_t>(random()); });
    return bytes;
}

TEST(PageStream, BytesGoOnFromPageToPage) {
    Random random(1);
    for (size_t most : {1u, 100u, 8128u, 20000u}) {
        std::deque<ReadyPage> ready;
        PageStream stream(kFirst, ready);
        std::vector<uint8_t> expected;
        while (expected.size() < 5 * most + 20000) {
            const auto bytes = random_bytes(random, 1 + random() % most);
            stream.append(bytes.data(), bytes.size());
            expected.insert(expected.end(), bytes.begin(), bytes.end());
        }
        stream.end();
        std::vector<uint8_t> found;
        uint32_t page = 0;
        for (const ReadyPage &r : ready) {
            ASSERT_EQ(r.block, kFirst.block + page);
            ASSERT_EQ(verify_page(r.page, identity_of(page++), nullptr), PGS_OK);
            ASSERT_TRUE(used_bytes(r.page) == kPayloadBytes || page == ready.size());
            found.insert(found.end(), r.page.payload, r.page.payload + used_bytes(r.page));
        }
        EXPECT_EQ(found, expected);
    }
}

TEST(PageStream, AWholeItemNeverCrossesAPage) {
    Random random(2);
    for (uint32_t item : {1u, 24u, 416u, 4064u, 4065u, 8128u}) {
        std::deque<ReadyPage> ready;
        PageStream stream(kFirst, ready);
        const uint32_t per_page = kPayloadBytes / item;
        const auto bytes = random_bytes(random, size_t{item} * (3 * per_page + 1));
        for (size_t at = 0; at < bytes.size(); at += item) {
            stream.append_whole(bytes.data() + at, item);
        }
        stream.end();
        ASSERT_EQ(ready.size(), 4u);
        for (uint32_t i = 0; i < 4; i++) {
            const Page &page = ready[i].page;
            ASSERT_EQ(verify_page(page, identity_of(i), nullptr), PGS_OK);
            ASSERT_EQ(used_bytes(page), i < 3 ? per_page * item : item);
            ASSERT_EQ(std::memcmp(page.payload, bytes.data() + size_t{i} * per_page * item,
                                  used_bytes(page)),
                      0);
        }
    }
}

TEST(PageStream, NothingMakesNoPage) {
    std::deque<ReadyPage> ready;
    PageStream stream(kFirst, ready);
    stream.end();
    EXPECT_TRUE(ready.empty());
}

TEST(PageStream, AnEndAtThePagesEndMakesNoOther) {
    std::deque<ReadyPage> ready;
    PageStream stream(kFirst, ready);
    const std::vector<uint8_t> bytes(size_t{2} * kPayloadBytes);
    stream.append(bytes.data(), bytes.size());
    stream.end();
    stream.end();
    EXPECT_EQ(ready.size(), 2u);
}

// Against where the layout says a slot's record, vector and code are.
TEST(PartWriter, EachSlotIsWhereItIsLookedFor) {
    Random random(3);
    for (SlotShape shape : {SlotShape{8, 64}, SlotShape{1536, 416}, SlotShape{64000, 8032},
                            SlotShape{8, 0}, SlotShape{6144, 4064}}) {
        constexpr uint32_t kSlots = 700;
        Part part = {};
        part.id = 11;
        part.generation = 4;
        ExtentPlace place = {};
        place.part = &part;
        const uint32_t refine = record_blocks(kSlots) + 10;
        const uint32_t slab = refine + refine_blocks(kSlots, shape.refine);
        place.extent = {10, slab, shape.refine == 0 ? 0 : refine, kSlots};
        std::deque<ReadyPage> ready;
        PartWriter writer(place, shape, ready);
        const auto records = random_bytes(random, kSlots * sizeof(Record));
        const auto items = random_bytes(random, size_t{kSlots} * shape.item);
        const auto codes = random_bytes(random, size_t{kSlots} * shape.refine);
        for (uint32_t i = 0; i < kSlots; i++) {
            writer.add(records.data() + i * sizeof(Record), items.data() + size_t{i} * shape.item,
                       codes.data() + size_t{i} * shape.refine);
        }
        writer.end();
        ASSERT_EQ(ready.size(), extent_blocks(kSlots, shape));
        std::sort(ready.begin(), ready.end(),
                  [](const auto &a, const auto &b) { return a.block < b.block; });
        std::vector<uint8_t> stripe;
        for (uint32_t i = 0; i < ready.size(); i++) {
            const Page &page = ready[i].page;
            ASSERT_EQ(ready[i].block, 10 + i);
            ASSERT_EQ(page.slab.part, 11u);
            const bool record = ready[i].block < refine;
            const bool code = !record && ready[i].block < slab;
            const PageKind kind = record ? PageKind::kRecord
                                  : code ? PageKind::kRefine
                                         : PageKind::kSlab;
            ASSERT_EQ(page.slab.kind, kind);
            if (record) {
                const size_t at = size_t{i} * kRecordsPerPage * sizeof(Record);
                ASSERT_EQ(std::memcmp(page.payload, records.data() + at, used_bytes(page)), 0);
            } else if (code) {
                const size_t at =
                    size_t{ready[i].block - refine} * refines_per_page(shape.refine) * shape.refine;
                ASSERT_EQ(std::memcmp(page.payload, codes.data() + at, used_bytes(page)), 0);
            } else {
                stripe.insert(stripe.end(), page.payload, page.payload + used_bytes(page));
            }
        }
        EXPECT_EQ(stripe, items);
    }
}

}  // namespace
}  // namespace pgslab
