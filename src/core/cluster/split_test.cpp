// Splits leave sides of bearable sizes and never part equal points; balancing keeps the number of
// lists and ends.
#include "cluster/split.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "cluster/testing/data_sets.h"

namespace pgslab {
namespace {

class SplitTest : public testing::Test {
  protected:
    // Splits all points, and gives how many are on the first side.
    size_t split(const DataSet &data) {
        const Points points{data.values.data(), data.size(), data.dims, 1};
        Tile tile(data.dims, Tile::rows_for(data.dims));
        SplitMix random(1);
        rows_.resize(data.size());
        std::iota(rows_.begin(), rows_.end(), 0);
        Split split(points, rows_.data(), rows_.size(), random, tile);
        while (!split.finished()) {
            EXPECT_GT(split.advance(), 0u);
        }
        if (split.first_side() > 0) {
            check_means(data, split);
        }
        std::vector<uint32_t> sorted = rows_;
        std::sort(sorted.begin(), sorted.end());
        for (uint32_t i = 0; i < sorted.size(); i++) {
            EXPECT_EQ(sorted[i], i);
        }
        return split.first_side();
    }

    void check_means(const DataSet &data, const Split &split) {
        const std::vector<float> origin(data.dims, 1);
        std::vector<float> mean(data.dims);
        for (const int side : {0, 1}) {
            const size_t begin = side == 0 ? 0 : split.first_side();
            const size_t end = side == 0 ? split.first_side() : rows_.size();
            split.mean(side, origin.data(), mean.data());
            for (uint32_t d = 0; d < data.dims; d++) {
                double sum = 0;
                for (size_t i = begin; i < end; i++) {
                    sum += data.row(rows_[i])[d];
                }
                EXPECT_NEAR(mean[d] + 1, sum / static_cast<double>(end - begin), 1e-3);
            }
        }
    }

    std::vector<uint32_t> rows_;
};

TEST_F(SplitTest, LeavesAQuarterOnEachSide) {
    for (const size_t n : {8, 100, 3000, 20000}) {
        // Two blobs of very different sizes, which 2-means alone would take apart.
        std::mt19937 random(1);
        DataSet data{3};
        add_blob(data, n - n / 8, {0, 0, 0}, 1, random);
        add_blob(data, n / 8, {50, 0, 0}, 1, random);
        const size_t first = split(data);
        EXPECT_GE(first, n * 9 / 40) << n;
        EXPECT_LE(first, n * 31 / 40 + 1) << n;
    }
}

TEST_F(SplitTest, CutsBetweenBlobsWhereSizesAllowIt) {
    std::mt19937 random(1);
    DataSet data{3};
    add_blob(data, 400, {0, 0, 0}, 1, random);
    add_blob(data, 600, {50, 0, 0}, 1, random);
    const size_t first = split(data);
    EXPECT_TRUE(first == 400 || first == 600) << first;
}

TEST_F(SplitTest, EqualPointsAreNotSplit) {
    for (const float value : {0.0f, 0.1f, 1e18f}) {
        EXPECT_EQ(split({5, std::vector<float>(5 * 700, value)}), 0u);
    }
    EXPECT_EQ(split({5, std::vector<float>(5)}), 0u);
}

TEST_F(SplitTest, EqualPointsAreNeverParted) {
    for (const size_t others : {1, 10, 100}) {
        for (const float where : {-3.0f, 3.0f}) {
            std::mt19937 random(1);
            DataSet data{4, std::vector<float>(4 * 200, 0.3f)};
            add_blob(data, others, std::vector<float>(4, where), 0.1, random);
            const size_t first = split(data);
            EXPECT_GT(first, 0u);
            std::set<bool> sides;
            for (size_t i = 0; i < rows_.size(); i++) {
                if (rows_[i] < 200) {
                    sides.insert(i < first);
                }
            }
            EXPECT_EQ(sides.size(), 1u);
        }
    }
}

class BalanceTest : public testing::Test {
  protected:
    // Balances one node whose lists the points are in as told. Gives the sizes of its lists, from
    // the points nearest to their centroids.
    std::vector<size_t> balance(const DataSet &data, const std::vector<uint32_t> &lists, size_t k,
                                const BalanceGoal &goal) {
        const Points points{data.values.data(), data.size(), data.dims, 1};
        Tile tile(data.dims, Tile::rows_for(data.dims));
        SplitMix random(1);
        std::vector<Node> nodes(1);
        nodes[0].origin.resize(data.dims);
        for (size_t l = 0; l < k; l++) {
            std::vector<float> centroid(data.dims);
            for (size_t i = 0; i < lists.size(); i++) {
                if (lists[i] == l) {
                    centroid.assign(data.row(i), data.row(i) + data.dims);
                }
            }
            nodes[0].lists.add(centroid.data(), data.dims);
        }
        Balance balance(points, nodes, group_by_list(lists, k, nullptr), goal, random, tile);
        for (size_t step = 0; !balance.finished(); step++) {
            balance.advance();
            if (step == 1000000) {
                ADD_FAILURE() << "does not end";
                break;
            }
        }
        return ClusterQuality(data, nodes[0].lists.values).sizes;
    }
};

TEST_F(BalanceTest, SplitsLargeListsAsLongAsThereMayBeMore) {
    const DataSet data = mixture(3, 1000, 1, 1);
    const std::vector<uint32_t> all_in_one(1000);
    EXPECT_EQ(balance(data, all_in_one, 1, {16, 1e9, 10}).size(), 16u);
    // None is wanted that is no larger.
    const auto sizes = balance(data, all_in_one, 1, {500, 200, 200});
    EXPECT_GE(sizes.size(), 5u);
    EXPECT_LE(sizes.size(), 20u);
    EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()), 400u);
}

TEST_F(BalanceTest, DropsEmptyAndSmallListsForLargeOnes) {
    std::mt19937 random(1);
    DataSet data{2};
    add_blob(data, 900, {0, 0}, 1, random);
    std::vector<uint32_t> lists(900);
    for (uint32_t l = 1; l < 10; l++) {
        add_blob(data, 3, {0, 100.0f * static_cast<float>(l)}, 1, random);
        lists.insert(lists.end(), 3, l);
    }
    // Two empty ones.
    const auto sizes = balance(data, lists, 12, {10, 190, 100});
    EXPECT_EQ(sizes.size(), 10u);
    EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()), 400u);
}

TEST_F(BalanceTest, DropsNothingForListsThatAreTolerable) {
    std::mt19937 random(1);
    DataSet data{2};
    add_blob(data, 100, {0, 0}, 1, random);
    add_blob(data, 5, {100, 0}, 1, random);
    std::vector<uint32_t> lists(105);
    std::fill(lists.begin() + 100, lists.end(), 1);
    EXPECT_EQ(balance(data, lists, 2, {2, 100, 50}), (std::vector<size_t>{100, 5}));
}

TEST_F(BalanceTest, EndsWithDuplicates) {
    const DataSet data{2, std::vector<float>(2000, 4)};
    const std::vector<uint32_t> all_in_one(1000);
    EXPECT_EQ(balance(data, all_in_one, 1, {100, 10, 5}), std::vector<size_t>{1000});
}

}  // namespace
}  // namespace pgslab
