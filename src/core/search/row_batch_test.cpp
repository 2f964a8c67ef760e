// Rows that are compared together have the values that each has alone, at one look at each page.
#include "search/row_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "search/testing/parts.h"

namespace pgslab {
namespace {

class RowBatchTest : public testing::TestWithParam<int> {
  protected:
    // Vectors of many dimensions lie on several pages each.
    RowBatchTest()
        : dims_(GetParam()),
          random_(76),
          table_(
              random_, {dims_, PGS_L2, PGS_F32, "", "", 4}, 300, [this] { return draw(); }, 2),
          query_(draw()),
          searched_(table_.index(), query_, effort_for(0.9, 20)) {}

    Vector draw() { return hard_vector(random_, static_cast<size_t>(dims_), Kind::kOrdinary); }

    uint64_t address(uint64_t slot) const {
        return make_address(meta_of(table_.index().meta()).part[0].handle, slot);
    }
    uint64_t slots() const { return meta_of(table_.index().meta()).part[0].slots; }

    // In no order.
    std::vector<uint64_t> some_addresses(size_t n) {
        std::vector<uint64_t> addresses;
        for (uint64_t i = 0; i < slots(); i++) {
            addresses.push_back(address(i));
        }
        std::shuffle(addresses.begin(), addresses.end(), random_);
        addresses.resize(std::min(n, addresses.size()));
        return addresses;
    }

    void begin(RowBatch &batch, const std::vector<uint64_t> &addresses) {
        PgsError error = {};
        for (uint64_t row : addresses) {
            require(batch.add({0, row, 0, {}, 0, false}, &error), error);
        }
        batch.begin();
    }

    // By address; nothing for those that were skipped.
    std::map<uint64_t, double> compare(RowBatch &batch) {
        std::map<uint64_t, double> values;
        PgsError error = {};
        while (!batch.is_done()) {
            pages_.push_back(batch.wanted().block);
            require(batch.page(searched_.read(batch.wanted()), &error), error);
            while (const RowBatch::Row *row = batch.next_compared()) {
                EXPECT_EQ(reported_.count(row->candidate.address), 0u);
                reported_.insert(row->candidate.address);
                if (!row->is_skipped) {
                    EXPECT_EQ(row->value.lower, row->value.upper);
                    values[row->candidate.address] = row->value.lower;
                }
            }
        }
        return values;
    }

    bool is_dead(uint64_t row) const { return (searched_.record(row).flags & kTombstone) != 0; }

    int dims_;
    Random random_;
    Table table_;
    Vector query_;
    SearchedIndex searched_;
    std::vector<uint32_t> pages_;
    std::set<uint64_t> reported_;
};

TEST_P(RowBatchTest, EachRowHasItsValueOrIsSkipped) {
    RowBatch batch(searched_.context);
    batch.set_query();
    size_t skipped = 0;
    for (size_t n : {1, 2, 7, 100, 1000}) {
        const std::vector<uint64_t> addresses = some_addresses(n);
        reported_.clear();
        begin(batch, addresses);
        const std::map<uint64_t, double> values = compare(batch);
        EXPECT_EQ(reported_, std::set<uint64_t>(addresses.begin(), addresses.end()));
        for (uint64_t row : addresses) {
            const auto found = values.find(row);
            ASSERT_EQ(found == values.end(), is_dead(row));
            skipped += found == values.end() ? 1 : 0;
            if (found != values.end()) {
                EXPECT_EQ(found->second, operator_value(PGS_L2, query_, searched_.vector(row)));
            }
        }
    }
    EXPECT_GT(skipped, 0u);
}

TEST_P(RowBatchTest, APageIsLookedAtOnce) {
    RowBatch batch(searched_.context);
    batch.set_query();
    begin(batch, some_addresses(1000));
    EXPECT_FALSE(searched_.context.upcoming.pages().empty());
    compare(batch);
    EXPECT_EQ(std::set<uint32_t>(pages_.begin(), pages_.end()).size(), pages_.size());
}

TEST_P(RowBatchTest, AnotherQueryForgetsTheRows) {
    RowBatch batch(searched_.context);
    batch.set_query();
    begin(batch, some_addresses(50));
    PgsError error = {};
    require(batch.page(searched_.read(batch.wanted()), &error), error);
    batch.set_query();
    EXPECT_TRUE(batch.is_done());
    begin(batch, {address(3)});
    compare(batch);
    EXPECT_EQ(reported_, std::set<uint64_t>{address(3)});
}

TEST_P(RowBatchTest, ARowWithoutASlotIsRefused) {
    RowBatch batch(searched_.context);
    batch.set_query();
    PgsError error = {};
    EXPECT_EQ(batch.add({0, address(slots() + 1000000), 0, {}, 0, false}, &error), PGS_INTERNAL);
    EXPECT_TRUE(batch.is_done());
}

INSTANTIATE_TEST_SUITE_P(Dims, RowBatchTest, testing::Values(3, 300, 5000));

}  // namespace
}  // namespace pgslab
