// Postings lie on their pages in order, and each page's fence is the key that it begins with.
#include "filter/key_postings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace pgslab {
namespace {

constexpr PageIdentity kFences = {100, PageKind{0x5858}, 7, 9, 3};
constexpr PageIdentity kPostings = {500, PageKind{0x5858}, 7, 9, 403};

struct WrittenPostings {
    std::vector<uint64_t> fences;
    std::vector<Posting> postings;
    std::vector<uint64_t> first_keys;  // of pages of postings
};

// What the pages say, each of which is the one that comes next.
WrittenPostings read(const PgsKeyColumn &column, const std::deque<ReadyPage> &ready) {
    WrittenPostings read;
    PageIdentity fences = kFences;
    PageIdentity postings = kPostings;
    for (const ReadyPage &page : ready) {
        PageIdentity &expected = page.block < kPostings.block ? fences : postings;
        EXPECT_EQ(verify_page(page.page, expected, nullptr), PGS_OK);
        EXPECT_EQ(page.block, expected.block);
        const uint32_t item =
            page.block < kPostings.block ? column.key_bytes : bytes_of_posting(column);
        for (uint32_t at = 0; at < used_bytes(page.page); at += item) {
            const uint8_t *bytes = page.page.payload + at;
            if (page.block < kPostings.block) {
                read.fences.push_back(load_key(bytes, column.key_bytes));
                continue;
            }
            read.postings.push_back(load_posting(bytes, column));
            if (at == 0) {
                read.first_keys.push_back(read.postings.back().key);
            }
        }
        expected.block++;
        expected.sequence++;
    }
    return read;
}

TEST(KeyPostings, AreInOrderBehindTheirFences) {
    std::mt19937_64 random(1);
    KeyPostings writer;
    for (const uint32_t rows : {0u, 1u, 700u, 1100u, 30000u}) {
        for (const PgsKeyColumn &column :
             {PgsKeyColumn{4, 1}, PgsKeyColumn{8, 1}, PgsKeyColumn{4, 5}, PgsKeyColumn{8, 3}}) {
            writer.begin(column);
            std::vector<Posting> expected;
            std::vector<uint8_t> keys(size_t{column.keys} * column.key_bytes);
            uint32_t row = 0;
            for (uint32_t i = 0; i < rows; i++, row += 1 + random() % 3) {
                for (uint32_t k = 0; k < column.keys; k++) {
                    store_key(keys.data() + k * column.key_bytes, column.key_bytes,
                              random() % 2 == 0 ? random() % 5 : random());
                    expected.push_back(
                        {load_key(keys.data() + k * column.key_bytes, column.key_bytes), row});
                }
                writer.add(row, keys.data());
            }
            std::sort(expected.begin(), expected.end());
            EXPECT_EQ(writer.count(), expected.size());
            std::deque<ReadyPage> ready;
            writer.write(kFences, kPostings, ready);
            const WrittenPostings written = read(column, ready);
            ASSERT_EQ(written.postings.size(), expected.size());
            for (size_t i = 0; i < expected.size(); i++) {
                ASSERT_EQ(written.postings[i].key, expected[i].key) << i;
                ASSERT_EQ(written.postings[i].row, expected[i].row) << i;
            }
            EXPECT_EQ(written.fences, written.first_keys);
            EXPECT_EQ(written.first_keys.size(), posting_pages(column, rows));
            EXPECT_EQ(ready.size(),
                      written.first_keys.size() + fence_pages(column, posting_pages(column, rows)));
        }
    }
}

}  // namespace
}  // namespace pgslab
