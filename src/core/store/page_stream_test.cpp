// Bytes that are appended come out on pages that say what they are.
#include "store/page_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

constexpr PageKind kItemPage{0x5653};

constexpr PageIdentity kFirst = {500, kItemPage, 3, 9, 20};

PageIdentity identity_of(uint32_t page) {
    return {kFirst.block + page, kFirst.kind, kFirst.owner, kFirst.generation,
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

}  // namespace
}  // namespace pgslab
