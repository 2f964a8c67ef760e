// What is written to a segment is read back by a scan, list by list.
#include "search/list_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "ivf/testing/written_segment.h"

namespace pgslab {
namespace {

// What a scan is told of each row, against the table itself.
class Expect final : public BlockSink {
  public:
    Expect(const WrittenSegment &written, const std::vector<uint8_t> &table)
        : written_(written), table_(table) {}

    void begin(uint32_t first) { next_ = first; }
    uint32_t next() const { return next_; }

    void block(const uint32_t *sums, const BlockTail &tail, uint32_t begin, uint32_t end) override {
        ASSERT_LT(begin, end);
        ASSERT_LE(end, kBlockRows);
        for (uint32_t lane = begin; lane < end; lane++, next_++) {
            ASSERT_EQ(lane, next_ % kBlockRows);
            const WrittenRow &row = written_.rows().at(next_);
            uint32_t sum = 0;
            for (uint32_t g = 0; g < written_.padded() / 4; g++) {
                sum += table_[16 * g + (row.code[g / 2] >> g % 2 * 4 & 15)];
            }
            ASSERT_EQ(sums[lane], sum) << "row " << next_;
            ASSERT_EQ(tail.address[lane], row.address);
            ASSERT_EQ(tail.add[lane], row.factors.add);
            ASSERT_EQ(tail.rescale[lane], row.factors.rescale);
            ASSERT_EQ(tail.error[lane], row.factors.error);
        }
    }

  private:
    const WrittenSegment &written_;
    const std::vector<uint8_t> &table_;
    uint32_t next_ = 0;
};

TEST(ListScan, EachListIsScannedByItselfRowByRow) {
    Random random(3);
    for (int round = 0; round < 60; round++) {
        const uint32_t dims = 1 + random() % 900;
        const WrittenSegment written(random, dims, random_lists(random));
        std::vector<uint8_t> table(size_t{4} * written.padded());
        std::generate(table.begin(), table.end(), [&] { return static_cast<uint8_t>(random()); });
        Expect expect(written, table);
        ListScan scan;  // one for all, in any order
        std::vector<ListRun> runs = written.directory();
        std::shuffle(runs.begin(), runs.end(), random);
        for (const ListRun &run : runs) {
            expect.begin(run.first_row);
            scan.begin(written.segment(), run, written.padded(), table.data(), kernels());
            uint32_t before = 0;
            while (scan.wanted().block != PGS_NO_BLOCK) {
                ASSERT_GT(scan.wanted().block, before) << "a page twice";
                before = scan.wanted().block;
                PgsError error = {};
                ASSERT_EQ(scan.page(written.pages().at(before), expect, &error), PGS_OK)
                    << error.detail;
            }
            ASSERT_EQ(expect.next(), run.first_row + run.rows);
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
    expect.begin(0);
    ListScan scan;
    scan.begin(written.segment(), {0, 40}, written.padded(), table.data(), kernels());
    PgsError error = {};
    EXPECT_EQ(scan.page(page, expect, &error), PGS_CORRUPT);
    EXPECT_EQ(error.block, written.segment().run.block + 1);
}

}  // namespace
}  // namespace pgslab
