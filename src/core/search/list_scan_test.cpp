// What is written to a segment is read back by a scan, list by list.
#include "search/list_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "ivf/testing/written_segment.h"

namespace pgslab {
namespace {

// What a scan is told of each row, against the table itself; no table, no sums.
class Expect final : public BlockSink {
  public:
    Expect(const WrittenSegment &written, const std::vector<uint8_t> &table)
        : written_(written), table_(table) {}

    // These rows are to come, in this order.
    void begin(std::vector<uint32_t> rows) {
        rows_ = std::move(rows);
        next_ = 0;
    }
    bool is_complete() const { return next_ == rows_.size(); }

    void block(const uint32_t *sums, const BlockTail &tail, uint32_t rows) override {
        ASSERT_NE(rows, 0u);
        for (; rows != 0; rows &= rows - 1, next_++) {
            const auto lane = static_cast<uint32_t>(std::countr_zero(rows));
            ASSERT_LT(next_, rows_.size());
            ASSERT_EQ(lane, rows_[next_] % kBlockRows);
            const WrittenRow &row = written_.rows().at(rows_[next_]);
            uint32_t sum = 0;
            for (uint32_t g = 0; !table_.empty() && g < written_.padded() / 4; g++) {
                sum += table_[16 * g + (row.code[g / 2] >> g % 2 * 4 & 15)];
            }
            ASSERT_EQ(sums[lane], sum) << "row " << rows_[next_];
            ASSERT_EQ(tail.address[lane], row.address);
            ASSERT_EQ(tail.add[lane], row.factors.add);
            ASSERT_EQ(tail.rescale[lane], row.factors.rescale);
            ASSERT_EQ(tail.error[lane], row.factors.error);
        }
    }

  private:
    const WrittenSegment &written_;
    const std::vector<uint8_t> &table_;
    std::vector<uint32_t> rows_;
    size_t next_ = 0;
};

// Reads what the scan asks for to its end; returns how many pages.
size_t read_all(ListScan &scan, const WrittenSegment &written, BlockSink &sink) {
    size_t pages = 0;
    for (uint32_t before = 0; scan.wanted().block != PGS_NO_BLOCK; pages++) {
        EXPECT_GT(scan.wanted().block, before) << "a page twice";
        before = scan.wanted().block;
        PgsError error = {};
        EXPECT_EQ(check_page(written.pages().at(before), scan.wanted(), &error), PGS_OK)
            << error.detail;
        EXPECT_EQ(scan.page(written.pages().at(before), sink, &error), PGS_OK) << error.detail;
    }
    return pages;
}

std::vector<uint8_t> random_table(Random &random, uint32_t padded) {
    std::vector<uint8_t> table(size_t{4} * padded);
    std::generate(table.begin(), table.end(), [&] { return static_cast<uint8_t>(random()); });
    return table;
}

TEST(ListScan, EachListIsScannedByItselfRowByRow) {
    Random random(3);
    for (int round = 0; round < 60; round++) {
        const uint32_t dims = 1 + random() % 900;
        const WrittenSegment written(random, dims, random_lists(random));
        const SegmentLayout layout(written.shape());
        const std::vector<uint8_t> table = random_table(random, written.padded());
        Expect expect(written, table);
        ListScan scan;  // one for all, in any order
        std::vector<ListRun> runs = written.directory();
        std::shuffle(runs.begin(), runs.end(), random);
        for (const ListRun &run : runs) {
            std::vector<uint32_t> rows(run.rows);
            std::iota(rows.begin(), rows.end(), run.first_row);
            expect.begin(rows);
            scan.begin(written.segment(), layout, run, nullptr, table.data(), kernels());
            read_all(scan, written, expect);
            ASSERT_TRUE(expect.is_complete());
        }
    }
}

// Blocks of which no row is wanted are not looked at, and pages of such blocks not asked for.
TEST(ListScan, OnlyRowsThatAreWantedCome) {
    Random random(4);
    for (int round = 0; round < 60; round++) {
        const uint32_t dims = 1 + random() % 900;
        const WrittenSegment written(random, dims, random_lists(random), {2, {{4, 1}, {8, 1}}});
        const SegmentLayout layout(written.shape());
        const std::vector<uint8_t> table = random_table(random, written.padded());
        const uint32_t share = 1 + random() % 200;
        Expect expect(written, table);
        const std::vector<uint8_t> no_table;
        Expect expect_tails(written, no_table);
        ListScan scan;
        for (const ListRun &run : written.directory()) {
            const uint32_t first = run.first_row / kBlockRows;
            std::vector<uint32_t> wanted((run.first_row + run.rows + kBlockRows - 1) / kBlockRows -
                                         first);
            std::vector<uint32_t> rows;
            std::set<uint32_t> blocks;
            for (uint32_t row = run.first_row; row < run.first_row + run.rows; row++) {
                if (random() % share == 0) {
                    wanted[row / kBlockRows - first] |= 1U << row % kBlockRows;
                    rows.push_back(row);
                    blocks.insert(row / kBlockRows);
                }
            }
            expect.begin(rows);
            scan.begin(written.segment(), layout, run, wanted.data(), table.data(), kernels());
            const size_t pages = read_all(scan, written, expect);
            ASSERT_TRUE(expect.is_complete());
            ASSERT_LE(pages, blocks.size() * (layout.block_bytes() / kPayloadBytes + 2));
            expect_tails.begin(rows);
            scan.begin(written.segment(), layout, run, wanted.data(), nullptr, kernels());
            ASSERT_LE(read_all(scan, written, expect_tails), std::min(pages, 2 * blocks.size()));
            ASSERT_TRUE(expect_tails.is_complete());
        }
    }
}

// A page that ends before its rows do.
TEST(ListScan, AListPageThatIsTooShortIsCorrupt) {
    Random random(5);
    const WrittenSegment written(random, 100, {40, 40, 40});
    const std::vector<uint8_t> table(size_t{4} * written.padded());
    Page page = written.pages().at(written.segment().run.block + 1);
    page.server.lower = kPayloadOffset + 1024;  // less than two blocks of 1152 bytes
    Expect expect(written, table);
    ListScan scan;
    const SegmentLayout layout(written.shape());
    expect.begin({0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31});
    scan.begin(written.segment(), layout, {0, 40}, nullptr, table.data(), kernels());
    PgsError error = {};
    EXPECT_EQ(scan.page(page, expect, &error), PGS_CORRUPT);
    EXPECT_EQ(error.block, written.segment().run.block + 1);
}

}  // namespace
}  // namespace pgslab
