// Flat k-means finds what is there, and its centroids are the means of their points.
#include "cluster/kmeans.h"

#include <gtest/gtest.h>

#include <numeric>

#include "cluster/testing/data_sets.h"

namespace pgslab {
namespace {

struct Result {
    std::vector<float> centroids;
    std::vector<uint32_t> nearest;  // by point
};

Result run(const DataSet &data, size_t k, uint32_t iterations, uint64_t seed = 1) {
    const Points points{data.values.data(), data.size(), data.dims, 1};
    SplitMix random(seed);
    Tile tile(data.dims, Tile::rows_for(data.dims));
    std::vector<uint32_t> rows(data.size());
    std::iota(rows.begin(), rows.end(), 0);
    const std::vector<float> origin(data.dims);
    KMeans kmeans(points, rows, origin.data(), k, iterations, random, tile);
    double progress = 0;
    while (!kmeans.finished()) {
        EXPECT_GT(kmeans.advance(), 0u);
        EXPECT_GE(kmeans.progress(), progress);
        progress = kmeans.progress();
    }
    EXPECT_EQ(progress, 1);
    Result result{kmeans.centroids().values, std::vector<uint32_t>(data.size())};
    for (size_t i = 0; i < data.size(); i++) {
        result.nearest[kmeans.rows()[i]] = kmeans.nearest()[i];
    }
    return result;
}

TEST(KMeans, CentroidsAreTheMeansOfTheirPoints) {
    // More elements than are kept as a matrix, and fewer.
    for (const uint32_t dims : {3u, 700u}) {
        const DataSet data = mixture(dims, 1600, 30, 1);
        const Result found = run(data, 25, 4);
        const size_t k = found.centroids.size() / dims;
        EXPECT_EQ(k, 25u);
        std::vector<double> sums(k * dims);
        std::vector<size_t> sizes(k);
        for (size_t i = 0; i < data.size(); i++) {
            ASSERT_LT(found.nearest[i], k);
            sizes[found.nearest[i]]++;
            for (uint32_t d = 0; d < dims; d++) {
                sums[found.nearest[i] * dims + d] += data.row(i)[d];
            }
        }
        for (size_t c = 0; c < k; c++) {
            ASSERT_GT(sizes[c], 0u);
            for (uint32_t d = 0; d < dims; d++) {
                ASSERT_NEAR(found.centroids[c * dims + d],
                            sums[c * dims + d] / static_cast<double>(sizes[c]), 1e-5);
            }
        }
    }
}

TEST(KMeans, IterationsLessenTheError) {
    const DataSet data = mixture(12, 3000, 100, 1);
    const double once = ClusterQuality(data, run(data, 60, 1).centroids).error;
    const double twice = ClusterQuality(data, run(data, 60, 2).centroids).error;
    const double often = ClusterQuality(data, run(data, 60, 10).centroids).error;
    EXPECT_LT(twice, once);
    EXPECT_LT(often, twice);
    EXPECT_LT(often, 1.05 * ClusterQuality(data, plain_kmeans(data, 60, 10, 1)).error);
}

TEST(KMeans, AsManyCentroidsAsPointsAreThePoints) {
    const DataSet data = mixture(4, 50, 5, 1);
    const Result found = run(data, 80, 5);
    EXPECT_EQ(found.centroids.size(), data.values.size());
    EXPECT_EQ(ClusterQuality(data, found.centroids).error, 0);
}

// All of the rare points are outside the candidates for seeds, for most seeds of the generator.
TEST(KMeans, CentroidsTooManyMoveToTheErrors) {
    DataSet data{2, std::vector<float>(2 * 20000, 1)};
    data.add({50, 0});
    data.add({0, 50});
    for (uint64_t seed = 0; seed < 20; seed++) {
        const Result found = run(data, 3, 8, seed);
        EXPECT_EQ(found.centroids.size(), 6u) << seed;
        EXPECT_LT(ClusterQuality(data, found.centroids).error, 1e-6) << seed;
    }
}

TEST(KMeans, EqualPointsShareOneCentroid) {
    DataSet data{7};
    std::mt19937 random(1);
    const std::vector<float> point = random_point(7, 1, random);
    for (int i = 0; i < 500; i++) {
        data.add(point);
    }
    EXPECT_EQ(run(data, 10, 5).centroids, point);
}

TEST(Tile, ComparesAsPlainCodeDoes) {
    for (const uint32_t dims : {1u, 5u, 33u, 100u}) {
        std::mt19937 random(dims);
        const DataSet data = mixture(dims, 50, 7, dims);
        const std::vector<float> origin = random_point(dims, 3, random);
        Centroids centroids;
        for (size_t i = 40; i < 50; i++) {
            std::vector<float> centroid(dims);
            Points{data.values.data(), 50, dims, 0.5f}.relative(i, origin.data(), centroid.data());
            centroids.add(centroid.data(), dims);
        }
        Tile tile(dims, 40);
        std::vector<uint32_t> rows(40);
        std::iota(rows.begin(), rows.end(), 0);
        const Points points{data.values.data(), 50, dims, 0.5f};
        tile.fill(points, rows.data(), 20, origin.data());
        tile.fill(points, rows.data() + 20, 20, origin.data(), 20);
        tile.compare(centroids, 30, 10);
        for (size_t i = 0; i < 30; i++) {
            const Nearest nearest = tile.nearest(i);
            EXPECT_EQ(nearest.distance, tile.distance(i, nearest.index));
            for (size_t c = 0; c < 10; c++) {
                const double exact = squared_distance(data.row(10 + i), data.row(40 + c), dims) / 4;
                EXPECT_NEAR(tile.distance(i, c), exact, 1e-4 * (1 + exact));
                EXPECT_LE(nearest.distance, tile.distance(i, c));
            }
        }
    }
}

}  // namespace
}  // namespace pgslab
