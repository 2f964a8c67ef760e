// A crash between any two writes: the index stays whole, holds exactly the rows whose record was
// written, and loses no block.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "ivf/testing/scanner.h"
#include "pgslab_core.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {
namespace {

TestRow row_number(uint32_t i, int dims) {
    Random random(i);
    return {tid_number(i), hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary)};
}

// The rows that are in, by what verification must find of them.
class Expected {
  public:
    void add(const MemoryIndex &index, const TestRow &row) {
        contents_[number_of(row.tid)] = index.content(row);
        vectors_[number_of(row.tid)] = row.vector;
    }

    void check(const MemoryIndex &index, bool search) const {
        const Verified verified = verify(index.store());
        std::map<uint32_t, uint32_t> found;
        for (const PgsVerifiedRow &row : verified.rows) {
            ASSERT_TRUE(found.emplace(number_of(row.tid), row.content).second) << "twice";
        }
        ASSERT_EQ(found, contents_);
        check_blocks(index);
        if (search && !vectors_.empty()) {
            check_search(index);
        }
    }

  private:
    static void check_blocks(const MemoryIndex &index) {
        const Page &meta = index.store().read(0);
        PgsMetaInfo info;
        pgs_meta_info(&meta, &info);
        for (uint32_t block = 0; block < info.end_block; block++) {
            ASSERT_NE(pgs_block_role(&meta, block), PGS_ROLE_BEYOND) << "block " << block;
        }
    }

    void check_search(const MemoryIndex &index) const {
        const Vector &query = vectors_.rbegin()->second;
        std::vector<double> values;
        std::vector<double> brute_force;
        PgsMetaInfo info;
        pgs_meta_info(&index.store().read(0), &info);
        const auto rows = scan_all(index, query);
        for (const ScannedRow &row : rows) {
            values.push_back(operator_value(info.metric, query, vectors_.at(number_of(row.tid))));
        }
        for (const auto &[number, vector] : vectors_) {
            brute_force.push_back(operator_value(info.metric, query, vector));
        }
        std::sort(brute_force.begin(), brute_force.end());
        ASSERT_EQ(values, brute_force);
    }

    std::map<uint32_t, uint32_t> contents_;
    std::map<uint32_t, Vector> vectors_;
};

// How many writes the next insert of the row takes.
uint64_t writes_of_insert(MemoryIndex index, const TestRow &row) {
    const uint64_t before = index.store().writes();
    index.insert(row);
    return index.store().writes() - before;
}

void crash_while_inserting(MemoryIndex &index, const TestRow &row, uint64_t before_write) {
    index.store().crash_before(before_write);
    ASSERT_THROW(index.insert(row), Crash);
    index.recover();
}

struct Case {
    int dims;
    PgsStorage storage;
    uint32_t built;
    uint32_t inserts;  // enough for several extents
    int refine_bits;
};

void PrintTo(const Case &c, std::ostream *out) {
    *out << c.dims << " dims, storage " << c.storage << ", " << c.built << " built, "
         << c.refine_bits << " bits";
}

class Recovery : public testing::TestWithParam<Case> {
  protected:
    MemoryIndex built(Expected &expected) const {
        const Case &c = GetParam();
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < c.built; i++) {
            rows.push_back(row_number(1000000 + i, c.dims));
        }
        const PgsMetric metric = c.storage == PGS_BITS ? PGS_HAMMING : PGS_L2;
        MemoryIndex index({c.dims, metric, c.storage, "", "", c.refine_bits}, rows);
        for (const TestRow &row : rows) {
            expected.add(index, row);
        }
        return index;
    }

    TestRow row(uint32_t i) const { return row_number(i, GetParam().dims); }

    // Every n-th insert, and each that does more than most do.
    bool worth_crashing(uint32_t i, uint64_t writes) const {
        const uint32_t spacing = std::max(1u, GetParam().inserts / 60);
        return i % spacing == 0 || writes > 4;
    }
};

TEST_P(Recovery, FromACrashAtEveryPointOfEveryInsert) {
    Expected expected;
    MemoryIndex index = built(expected);
    uint32_t extents = 0;
    for (uint32_t i = 0; i < GetParam().inserts; i++) {
        const uint64_t writes = writes_of_insert(index, row(i));
        extents += writes > 8 ? 1 : 0;
        for (uint64_t w = 0; w < writes && worth_crashing(i, writes); w++) {
            SCOPED_TRACE(testing::Message() << "insert " << i << ", before write " << w);
            MemoryIndex crashed = index;
            crash_while_inserting(crashed, row(i), w);
            expected.check(crashed, w % 5 == 0);

            Expected more = expected;
            for (uint32_t other = 500000; other < 500003; other++) {
                ASSERT_TRUE(crashed.insert(row(other)));
                more.add(crashed, row(other));
            }
            more.check(crashed, w % 5 == 1);
            ASSERT_FALSE(HasFatalFailure());
        }
        ASSERT_TRUE(index.insert(row(i)));
        expected.add(index, row(i));
    }
    expected.check(index, true);
    EXPECT_GE(extents, 2u) << "too few inserts to see the index grow";
}

// Overwriting is exact: nothing of the crash can be found any more.
TEST_P(Recovery, TheSameInsertAfterACrashLeavesTheSameBytes) {
    Expected ignored;
    MemoryIndex index = built(ignored);
    for (uint32_t i = 0; i < GetParam().inserts; i++) {
        MemoryIndex whole = index;
        whole.insert(row(i));
        const uint64_t writes = whole.store().writes() - index.store().writes();
        for (uint64_t w = 0; w < writes && worth_crashing(i, writes); w++) {
            MemoryIndex crashed = index;
            crash_while_inserting(crashed, row(i), w);
            crashed.insert(row(i));
            ASSERT_TRUE(crashed.store() == whole.store()) << "insert " << i << ", write " << w;
        }
        index = whole;
    }
}

TEST_P(Recovery, AHundredCrashesWhileGrowingTakeNoBlockMoreThanNone) {
    Expected expected;
    MemoryIndex index = built(expected);
    MemoryIndex whole = index;
    whole.grow();  // opens a part
    // The first of the writes reserves blocks, and is not needed again.
    const uint64_t writes = whole.store().writes() - index.store().writes() - 1;
    for (uint32_t crash = 0; crash < 100; crash++) {
        crash_while_inserting(index, row(crash), crash % writes);
    }
    expected.check(index, true);
    index.insert(row(0));
    whole.insert(row(0));
    EXPECT_EQ(index.info().end_block, whole.info().end_block);
    EXPECT_TRUE(index.store() == whole.store());
}

// Crashes anywhere, rows of the first attempt gone for good, deletes in between.
TEST_P(Recovery, FromCrashAfterCrashAtRandom) {
    for (uint32_t seed = 0; seed < 3; seed++) {
        Random random(seed);
        Expected expected;
        MemoryIndex index = built(expected);
        for (uint32_t i = 0; i < GetParam().inserts; i++) {
            if (random() % 4 == 0) {
                index.store().crash_before(random() % 12);
            }
            try {
                index.insert(row(i));
                expected.add(index, row(i));
            } catch (const Crash &) {
                index.recover();
                if (random() % 8 == 0) {
                    expected.check(index, false);
                }
            }
        }
        index.recover();
        expected.check(index, true);
        ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(All, Recovery,
                         testing::Values(Case{3, PGS_F32, 0, 4500, 0},     // many items on a page
                                         Case{3, PGS_F16, 400, 3000, 4},   // after a built part
                                         Case{768, PGS_F16, 10, 150, 4},   // items that cross pages
                                         Case{768, PGS_F16, 100, 150, 8},  // codes as long as they
                                         Case{2000, PGS_F32, 0, 60, 0},
                                         Case{8000, PGS_I8, 0, 60, 0},     // about a page each
                                         Case{768, PGS_BITS, 20, 400, 0},  // items that cross pages
                                         Case{4064, PGS_F32, 0, 40, 4},    // two pages exactly
                                         Case{6000, PGS_F32, 3, 40, 0},    // a group and another
                                         Case{6000, PGS_F32, 3, 40, 8},    // a page for each code
                                         Case{16000, PGS_F32, 2, 16, 4},   // several groups each
                                         Case{16000, PGS_F16, 0, 16, 4}));

// A vacuum that stops half way has flagged whole pages or none of their rows.
TEST(RecoveryOfVacuum, FlagsPageByPage) {
    MemoryIndex index({3, PGS_L2, PGS_F32, "", "", 4});
    for (uint32_t i = 0; i < 1500; i++) {
        index.insert(row_number(i, 3));
    }
    uint32_t seen = 0;  // rows on the pages that were flagged
    for (uint32_t w = 0; seen < 1500; w++) {
        MemoryIndex crashed = index;
        crashed.store().crash_before(w);
        const auto dead = [](PgsTid tid) { return number_of(tid) % 2 == 0; };
        ASSERT_THROW(crashed.vacuum(dead), Crash);
        crashed.recover();
        EXPECT_EQ(verify(crashed.store()).rows.size(), 1500 - (seen + 1) / 2);
        seen += index.count_records(pgs_record_page(&index.meta(), w));
        crashed.vacuum(dead);
        EXPECT_EQ(verify(crashed.store()).rows.size(), 750u);
        EXPECT_EQ(crashed.info().counted_tombstones, 750u);
    }
}

}  // namespace
}  // namespace pgslab
