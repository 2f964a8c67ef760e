// What is written to a segment is read back, list by list by a scan and row by row by a reader.
#include "index/segment_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "format/layout.h"
#include "format/meta.h"
#include "index/list_scan.h"
#include "index/segment_reader.h"
#include "quantize/code.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

struct Written {
    uint32_t list;
    uint64_t address;
    std::vector<uint8_t> code;
    ScanFactors factors;
};

// A segment of rows of random codes: so many of each list.
class SegmentOf {
  public:
    SegmentOf(Random &random, uint32_t dims, const std::vector<uint32_t> &rows)
        : lists_(static_cast<uint32_t>(rows.size())), padded_(padded_dims(dims)) {
        for (uint32_t list = 0; list < lists_; list++) {
            for (uint32_t i = 0; i < rows[list]; i++) {
                Written row = {list,
                               uint64_t{random()} << 32 | random(),
                               std::vector<uint8_t>(padded_ / 8),
                               {}};
                std::generate(row.code.begin(), row.code.end(),
                              [&] { return static_cast<uint8_t>(random()); });
                row.factors = {static_cast<float>(random()), -static_cast<float>(random()),
                               static_cast<float>(random())};
                rows_.push_back(std::move(row));
            }
        }
        segment_ = {7,  100,         directory_blocks(lists_), list_blocks(dims, rows_.size()),
                    12, rows_.size()};
        std::deque<ReadyPage> ready;
        SegmentWriter writer(segment_, lists_, padded_, ready);
        for (const Written &row : rows_) {
            writer.add(row.list, row.address, row.code.data(), row.factors);
            EXPECT_EQ(writer.list(), row.list);
        }
        EXPECT_EQ(writer.rows(), rows_.size());
        writer.end();
        for (const ReadyPage &page : ready) {
            EXPECT_TRUE(pages_.emplace(page.block, page.page).second) << "written twice";
        }
    }

    const Segment &segment() const { return segment_; }
    uint32_t lists() const { return lists_; }
    uint32_t padded() const { return padded_; }
    const std::vector<Written> &rows() const { return rows_; }
    const std::map<uint32_t, Page> &pages() const { return pages_; }

    std::vector<ListRun> directory() const {
        std::vector<ListRun> runs(directory_blocks(lists_) * kPayloadBytes / sizeof(ListRun));
        for (uint32_t i = 0; i < segment_.directory_blocks; i++) {
            const Page &page = pages_.at(segment_.block + i);
            std::memcpy(runs.data() + size_t{i} * kPayloadBytes / sizeof(ListRun), page.payload,
                        used_bytes(page));
        }
        runs.resize(lists_);
        return runs;
    }

  private:
    uint32_t lists_;
    uint32_t padded_;
    std::vector<Written> rows_;
    Segment segment_ = {};
    std::map<uint32_t, Page> pages_;
};

// Rows of a few lists, or of many; short, or long enough for several blocks.
std::vector<uint32_t> random_lists(Random &random) {
    std::vector<uint32_t> rows(1 + random() % (random() % 8 == 0 ? 2500 : 40));
    const auto most = static_cast<uint32_t>(1 + random() % (rows.size() > 100 ? 3 : 120));
    for (uint32_t &n : rows) {
        n = random() % 3 == 0 ? 0 : static_cast<uint32_t>(random() % most);
    }
    rows[random() % rows.size()]++;  // there is one
    return rows;
}

TEST(SegmentWriter, FillsThePagesOfTheSegmentAndNoOthers) {
    Random random(1);
    for (int round = 0; round < 60; round++) {
        const uint32_t dims = 1 + random() % 900;
        const SegmentOf written(random, dims, random_lists(random));
        const Segment &segment = written.segment();
        ASSERT_EQ(written.pages().size(), segment.directory_blocks + segment.list_blocks);
        for (uint32_t i = 0; i < segment.directory_blocks; i++) {
            ASSERT_EQ(verify_page(written.pages().at(segment.block + i),
                                  directory_identity(segment, i), nullptr),
                      PGS_OK);
        }
        for (uint32_t i = 0; i < segment.list_blocks; i++) {
            const PageIdentity identity = list_identity(segment, i);
            const Page &page = written.pages().at(identity.block);
            ASSERT_EQ(verify_page(page, identity, nullptr), PGS_OK);
            if (i + 1 < segment.list_blocks) {
                ASSERT_EQ(used_bytes(page), kPayloadBytes);
            }
        }
    }
}

TEST(SegmentWriter, ListsFollowOneAnother) {
    Random random(2);
    for (int round = 0; round < 60; round++) {
        const std::vector<uint32_t> rows = random_lists(random);
        const SegmentOf written(random, 10, rows);
        uint32_t first = 0;
        const std::vector<ListRun> runs = written.directory();
        for (size_t l = 0; l < rows.size(); l++) {
            ASSERT_EQ(runs[l].first_row, first) << "list " << l;
            ASSERT_EQ(runs[l].rows, rows[l]) << "list " << l;
            first += rows[l];
        }
    }
}

// What a scan is told of each row, against the table itself.
class Expect final : public BlockSink {
  public:
    Expect(const SegmentOf &written, const std::vector<uint8_t> &table)
        : written_(written), table_(table) {}

    void begin(uint32_t first) { next_ = first; }
    uint32_t next() const { return next_; }

    void block(const uint32_t *sums, const BlockTail &tail, uint32_t begin, uint32_t end) override {
        ASSERT_LT(begin, end);
        ASSERT_LE(end, kBlockRows);
        for (uint32_t lane = begin; lane < end; lane++, next_++) {
            ASSERT_EQ(lane, next_ % kBlockRows);
            const Written &row = written_.rows().at(next_);
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
    const SegmentOf &written_;
    const std::vector<uint8_t> &table_;
    uint32_t next_ = 0;
};

TEST(SegmentWriter, EachListIsScannedByItselfRowByRow) {
    Random random(3);
    for (int round = 0; round < 60; round++) {
        const uint32_t dims = 1 + random() % 900;
        const SegmentOf written(random, dims, random_lists(random));
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
            while (scan.next_block() != PGS_NO_BLOCK) {
                ASSERT_GT(scan.next_block(), before) << "a page twice";
                before = scan.next_block();
                PgsError error = {};
                ASSERT_EQ(scan.page(written.pages().at(before), expect, &error), PGS_OK)
                    << error.detail;
            }
            ASSERT_EQ(expect.next(), run.first_row + run.rows);
        }
    }
}

TEST(SegmentWriter, AReaderGivesEveryRow) {
    Random random(4);
    for (int round = 0; round < 60; round++) {
        const SegmentOf written(random, 1 + random() % 300, random_lists(random));
        SegmentReader reader(written.segment(), written.lists(), written.padded());
        for (const Written &row : written.rows()) {
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
            reader.next();
        }
        EXPECT_TRUE(reader.at_end());
    }
}

// A page that ends before its rows do.
TEST(ListScan, AListPageThatIsTooShortIsCorrupt) {
    Random random(5);
    const SegmentOf written(random, 100, {40, 40, 40});
    const std::vector<uint8_t> table(size_t{4} * written.padded());
    Page page = written.pages().at(written.segment().block + 1);
    page.server.lower = kPayloadOffset + 1024;  // less than two blocks of 1152 bytes
    Expect expect(written, table);
    expect.begin(0);
    ListScan scan;
    scan.begin(written.segment(), {0, 40}, written.padded(), table.data(), kernels());
    PgsError error = {};
    EXPECT_EQ(scan.page(page, expect, &error), PGS_CORRUPT);
    EXPECT_EQ(error.block, written.segment().block + 1);
}

}  // namespace
}  // namespace pgslab
