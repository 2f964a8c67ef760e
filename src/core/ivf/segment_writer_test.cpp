// What is written to a segment lies where it should, and a reader gives it back row by row.
#include "ivf/segment_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "ivf/segment_reader.h"
#include "ivf/testing/tables.h"
#include "ivf/testing/written_segment.h"
#include "store/layout.h"

namespace pgslab {
namespace {

// No filter column, or some.
PgsKeyColumns random_keys(Random &random) {
    PgsKeyColumns keys = {};
    keys.count = static_cast<uint32_t>(random() % 4);
    for (uint32_t c = 0; c < keys.count; c++) {
        keys.column[c] = {static_cast<uint8_t>(random() % 2 == 0 ? 4 : 8),
                          static_cast<uint8_t>(random() % 3 == 0 ? 5 : 1)};
    }
    return keys;
}

TEST(SegmentWriter, FillsThePagesOfTheSegmentAndNoOthers) {
    Random random(1);
    for (int round = 0; round < 60; round++) {
        const uint32_t dims = 1 + random() % 900;
        const WrittenSegment written(random, dims, random_lists(random));
        const Segment &segment = written.segment();
        ASSERT_EQ(written.pages().size(), segment.run.blocks);
        for (uint32_t i = 0; i < segment.first_blocks; i++) {
            ASSERT_EQ(verify_page(written.pages().at(segment.run.block + i),
                                  directory_page(segment, i), nullptr),
                      PGS_OK);
        }
        for (uint32_t i = 0; i < list_blocks_of(segment); i++) {
            const PageIdentity identity = list_page(segment, i);
            const Page &page = written.pages().at(identity.block);
            ASSERT_EQ(verify_page(page, identity, nullptr), PGS_OK);
            if (i + 1 < list_blocks_of(segment)) {
                ASSERT_EQ(used_bytes(page), kPayloadBytes);
            }
        }
    }
}

TEST(SegmentWriter, ListsFollowOneAnother) {
    Random random(2);
    for (int round = 0; round < 60; round++) {
        const std::vector<uint32_t> rows = random_lists(random);
        const WrittenSegment written(random, 10, rows);
        uint32_t first = 0;
        const std::vector<ListRun> runs = written.directory();
        for (size_t l = 0; l < rows.size(); l++) {
            ASSERT_EQ(runs[l].first_row, first) << "list " << l;
            ASSERT_EQ(runs[l].rows, rows[l]) << "list " << l;
            first += rows[l];
        }
    }
}

TEST(SegmentWriter, AReaderGivesEveryRow) {
    Random random(4);
    for (int round = 0; round < 60; round++) {
        const WrittenSegment written(random, 1 + random() % 300, random_lists(random),
                                     random_keys(random));
        SegmentReader reader(written.segment(), written.shape());
        for (const WrittenRow &row : written.rows()) {
            ASSERT_FALSE(reader.at_end());
            while (reader.wanted().block != PGS_NO_BLOCK) {
                PgsError error = {};
                ASSERT_EQ(reader.page(written.pages().at(reader.wanted().block), &error), PGS_OK)
                    << error.detail;
            }
            ASSERT_EQ(reader.row().list, row.list);
            ASSERT_EQ(reader.row().address, row.address);
            ASSERT_EQ(std::memcmp(reader.row().code, row.code.data(), row.code.size()), 0);
            ASSERT_EQ(std::memcmp(&reader.row().factors, &row.factors, sizeof row.factors), 0);
            ASSERT_TRUE(std::equal(row.keys.begin(), row.keys.end(), reader.row().keys));
            reader.next();
        }
        EXPECT_TRUE(reader.at_end());
    }
}

// More rows than one group has, and lists that cross from one to the next: every page is where the
// layout says, and rows and keys come as they were written.
TEST(SegmentWriter, GroupsFollowOneAnother) {
    Random random(6);
    for (const uint32_t last : {0u, 1u, 31u, 5000u}) {
        const auto whole = static_cast<uint32_t>(kGroupRows);
        const WrittenSegment written(random, 3, {1000, whole - 990, 7, last},
                                     {2, {{8, 1}, {4, 3}}});
        const Segment &segment = written.segment();
        const SegmentLayout layout(written.shape());
        ASSERT_EQ(written.pages().size(), segment.run.blocks);
        uint64_t bytes[5] = {};
        for (uint32_t i = 0; i < segment.run.blocks; i++) {
            const Page &page = written.pages().at(segment.run.block + i);
            PgsError error = {};
            ASSERT_EQ(verify_page(page, page_of_segment(segment, i), &error), PGS_OK)
                << error.detail;
            const SegmentPage described = layout.describe(segment, i);
            ASSERT_EQ(used_bytes(page), described.bytes) << i;
            bytes[static_cast<int>(described.table)] += described.bytes;
        }
        EXPECT_EQ(bytes[0], 4 * sizeof(ListRun));
        EXPECT_EQ(bytes[1], (segment.rows + 31) / 32 * layout.block_bytes());
        EXPECT_EQ(bytes[2], segment.rows * 20);
        EXPECT_EQ(bytes[4], segment.rows * (12 + 3 * 8));
        SegmentReader reader(segment, written.shape());
        for (const WrittenRow &row : written.rows()) {
            while (reader.wanted().block != PGS_NO_BLOCK) {
                ASSERT_EQ(reader.page(written.pages().at(reader.wanted().block), nullptr), PGS_OK);
            }
            ASSERT_EQ(reader.row().list, row.list);
            ASSERT_EQ(reader.row().address, row.address);
            ASSERT_TRUE(std::equal(row.keys.begin(), row.keys.end(), reader.row().keys));
            reader.next();
        }
        EXPECT_TRUE(reader.at_end());
    }
}

}  // namespace
}  // namespace pgslab
