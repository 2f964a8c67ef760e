// A clustering is as good as plain k-means, has no list that is far too large, and ends with what
// it promises whatever the points are like.
#include "cluster/cluster.h"

#include <gtest/gtest.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <cfloat>

#include "cluster/testing/data_sets.h"
#include "kernels/kernels.h"

namespace pgslab {
namespace {

size_t steps = 0;

// Runs to the end, and checks what holds for all points.
std::vector<float> cluster(const DataSet &data, uint32_t lists, uint64_t seed = 1) {
    Clustering clustering(data.values.data(), data.size(), {data.dims, lists, seed});
    uint64_t before = clustering.done();
    EXPECT_LT(before, clustering.total());
    const uint64_t total = clustering.total();
    for (steps = 1; !clustering.step(); steps++) {
        EXPECT_GE(clustering.done(), before);
        EXPECT_LE(clustering.done(), total);
        EXPECT_EQ(clustering.total(), total);
        before = clustering.done();
        if (steps == 100000) {
            ADD_FAILURE() << "does not end";
            break;
        }
    }
    EXPECT_TRUE(clustering.step());
    EXPECT_EQ(clustering.done(), total);
    const std::vector<float> &centroids = clustering.centroids();
    EXPECT_EQ(centroids.size() % data.dims, 0u);
    EXPECT_GE(centroids.size(), data.dims);
    EXPECT_LE(centroids.size(), size_t{lists} * data.dims);
    EXPECT_TRUE(
        std::all_of(centroids.begin(), centroids.end(), [](float x) { return std::isfinite(x); }));
    return centroids;
}

TEST(Cluster, IsNearlyAsGoodAsPlainKMeans) {
    struct Case {
        uint32_t dims;
        size_t n, blobs;
        uint32_t lists;
    };
    for (const auto &[dims, n, blobs, lists] :
         {Case{2, 3000, 10, 100}, Case{8, 4000, 50, 130}, Case{24, 4000, 300, 130},
          Case{8, 1500, 5, 12}, Case{1, 2000, 3, 60}, Case{70, 2000, 20, 64}}) {
        SCOPED_TRACE(testing::Message() << dims << " dims, " << lists << " lists");
        const DataSet data = mixture(dims, n, blobs, dims);
        const std::vector<float> centroids = cluster(data, lists);
        EXPECT_GE(centroids.size(), size_t{lists} * dims * 9 / 10);
        const double plain = ClusterQuality(data, plain_kmeans(data, lists, 10, dims)).error;
        EXPECT_LE(ClusterQuality(data, centroids).error, 1.1 * plain);
    }
}

TEST(Cluster, FindsWellSeparatedBlobs) {
    for (const uint32_t blobs : {2u, 7u, 20u}) {
        std::mt19937 random(blobs);
        DataSet data{5};
        for (uint32_t b = 0; b < blobs; b++) {
            std::vector<float> centre(5);
            centre[b % 5] = 1000.0f * static_cast<float>(1 + b / 5);
            add_blob(data, 100, centre, 1, random);
        }
        const ClusterQuality found(data, cluster(data, 2 * blobs));
        EXPECT_LT(found.error, 6) << blobs;
    }
}

TEST(Cluster, ListsOfASkewedMixtureAreNotFarAboveTheMean) {
    for (const uint32_t dims : {2u, 16u}) {
        const DataSet data = skewed(dims, 9000, dims);
        const std::vector<float> centroids = cluster(data, 300);
        const ClusterQuality found(data, centroids);
        const size_t lists = centroids.size() / dims;
        EXPECT_GE(lists, 270u);
        EXPECT_LE(found.largest(), 4 * data.size() / lists) << dims;
    }
}

TEST(Cluster, EqualPointsHaveOneCentroid) {
    for (const float value : {0.0f, 1.0f, -0.1f, FLT_MAX, -1e-42f}) {
        for (const uint32_t lists : {1u, 2u, 300u}) {
            const DataSet data{3, std::vector<float>(3 * 5000, value)};
            EXPECT_EQ(cluster(data, lists), std::vector<float>(3, value)) << lists;
        }
    }
}

TEST(Cluster, DuplicatesNeverGetMoreThanACentroidEach) {
    for (const uint32_t different_points : {2u, 10u, 70u}) {
        std::mt19937 random(different_points);
        DataSet some{6}, data{6};
        add_blob(some, different_points, std::vector<float>(6, 100), 1, random);
        for (size_t i = 0; i < 6000; i++) {
            // Some of them very much more often than others.
            const size_t j = std::min({random(), random(), random()}) % different_points;
            data.add({some.row(j), some.row(j) + 6});
        }
        const size_t distinct = different(data);
        const std::vector<float> centroids = cluster(data, 200);
        EXPECT_LE(centroids.size() / 6, distinct);
        EXPECT_LT(ClusterQuality(data, centroids).error, 1e-3) << different_points;
    }
}

TEST(Cluster, DuplicatesDoNotHideTheOtherPoints) {
    std::mt19937 random(1);
    DataSet data{8};
    for (size_t i = 0; i < 8000; i++) {
        if (i % 4 == 0) {
            add_blob(data, 1, std::vector<float>(8, 0.5f), 1, random);
        } else {
            data.add(std::vector<float>(8, 0.25f));
        }
    }
    const std::vector<float> centroids = cluster(data, 200);
    ClusterQuality found(data, centroids);
    EXPECT_GE(centroids.size() / 8, 150u);
    std::sort(found.sizes.begin(), found.sizes.end());
    EXPECT_GE(found.sizes.back(), 6000u);
    EXPECT_LE(found.sizes[found.sizes.size() - 2], 4 * 8000 / (centroids.size() / 8));
}

TEST(Cluster, FewPoints) {
    EXPECT_EQ(cluster({4}, 10), std::vector<float>(4));
    EXPECT_EQ(cluster({2, {3, -4}}, 1), (std::vector<float>{3, -4}));
    EXPECT_EQ(cluster({2, {3, -4}}, 1000), (std::vector<float>{3, -4}));
    for (const size_t n : {2, 3, 30, 100}) {
        for (const uint32_t lists : {1u, 2u, 50u, 5000u}) {
            SCOPED_TRACE(testing::Message() << n << " points, " << lists << " lists");
            const DataSet data = mixture(3, n, 5, 1);
            const std::vector<float> centroids = cluster(data, lists);
            EXPECT_LE(centroids.size(), data.values.size());
            EXPECT_GE(centroids.size(), std::min<size_t>(n, lists) * 3 / 2);
        }
    }
}

TEST(Cluster, OneListIsTheMean) {
    const DataSet data = mixture(9, 1000, 3, 1);
    const std::vector<float> centroids = cluster(data, 1);
    for (uint32_t d = 0; d < 9; d++) {
        double sum = 0;
        for (size_t i = 0; i < data.size(); i++) {
            sum += data.row(i)[d];
        }
        EXPECT_NEAR(centroids[d], sum / 1000, 1e-5);
    }
}

// Scaled by a power of two, the same points have the same centroids, so scaled: up to rounding, so
// what is compared is how good they are.
TEST(Cluster, AnyMagnitude) {
    const DataSet data = mixture(6, 2000, 20, 3);
    const double error = ClusterQuality(data, cluster(data, 60)).error;
    for (const int exponent : {-140, -100, -30, 30, 60, 100, 124}) {
        DataSet scaled = data;
        for (float &x : scaled.values) {
            x = std::ldexp(x, exponent);
        }
        const double scale = std::ldexp(1.0, exponent);
        const double scaled_error =
            ClusterQuality(scaled, cluster(scaled, 60)).error / scale / scale;
        EXPECT_LE(scaled_error, 1.1 * error) << exponent;
    }
}

TEST(Cluster, MixedMagnitudesAndOppositeExtremes) {
    std::mt19937 random(1);
    DataSet data{4};
    for (size_t i = 0; i < 3000; i++) {
        for (uint32_t d = 0; d < 4; d++) {
            const int exponent = static_cast<int>(random() % 270) - 140;
            const float x = std::ldexp(1.0f, std::min(exponent, 127));
            data.values.push_back(random() % 2 == 0 ? x : -x);
        }
    }
    data.add({FLT_MAX, FLT_MAX, FLT_MAX, FLT_MAX});
    data.add({-FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX});
    cluster(data, 100);
    cluster(data, 3);
}

TEST(Cluster, ACommonOffsetDoesNoHarm) {
    const DataSet data = mixture(16, 3000, 40, 3);
    const double error = ClusterQuality(data, cluster(data, 100)).error;
    DataSet moved = data;
    for (float &x : moved.values) {
        x += 50000;
    }
    EXPECT_LE(ClusterQuality(moved, cluster(moved, 100)).error, 1.1 * error + 1e-4);
}

TEST(Cluster, FarApartBlobsAreEachResolved) {
    std::mt19937 random(1);
    DataSet data{4};
    for (int b = 0; b < 4; b++) {
        add_blob(data, 800, std::vector<float>(4, static_cast<float>(b) * 30000), 1, random);
    }
    const double plain = ClusterQuality(data, plain_kmeans(data, 100, 10, 1)).error;
    EXPECT_LE(ClusterQuality(data, cluster(data, 100)).error, 1.1 * plain);
}

TEST(Cluster, OneHotPoints) {
    DataSet data{40};
    for (size_t i = 0; i < 2000; i++) {
        std::vector<float> point(40);
        point[i % 40] = 1;
        data.add(point);
    }
    const std::vector<float> centroids = cluster(data, 64);
    EXPECT_EQ(centroids.size() / 40, 40u);
    EXPECT_EQ(ClusterQuality(data, centroids).error, 0);
}

TEST(Cluster, TheMostDimensions) {
    const DataSet data = mixture(16000, 120, 4, 1);
    const std::vector<float> centroids = cluster(data, 30);
    EXPECT_GE(centroids.size() / 16000, 20u);
}

TEST(Cluster, IsDeterministic) {
    const DataSet data = mixture(20, 3000, 30, 1);
    const std::vector<float> once = cluster(data, 100, 5);
    EXPECT_EQ(cluster(data, 100, 5), once);
    EXPECT_NE(cluster(data, 100, 6), once);
}

TEST(Cluster, WorksWithEveryInstructionSet) {
    const DataSet data = mixture(20, 3000, 30, 1);
    const double plain = ClusterQuality(data, plain_kmeans(data, 100, 10, 1)).error;
    for (int i = 0; const Kernels *k = available_kernels(i); i++) {
        ASSERT_TRUE(force_isa(k->isa));
        EXPECT_LE(ClusterQuality(data, cluster(data, 100)).error, 1.1 * plain) << k->isa;
    }
    force_isa("auto");
}

TEST(Cluster, WorksInSteps) {
    const DataSet data = mixture(64, 12000, 50, 1);
    cluster(data, 400);
    EXPECT_GE(steps, 10u);
}

#if defined(__GLIBC__) && !defined(PGSLAB_SANITIZED)
TEST(Cluster, TakesNoMoreMemoryThanItSays) {
    const auto allocated = [] {
        const struct mallinfo2 info = mallinfo2();
        return info.uordblks + info.hblkhd;
    };
    struct Case {
        uint32_t dims;
        size_t n;
        uint32_t lists;
    };
    for (const auto &[dims, n, lists] :
         {Case{4, 30000, 900}, Case{300, 4000, 100}, Case{300, 4000, 1}, Case{300, 1000, 1000},
          Case{2, 60000, 20}, Case{6000, 100, 20}, Case{1, 10, 1}}) {
        const DataSet data = mixture(dims, n, 20, 1);
        const size_t before = allocated();
        size_t most = 0;
        Clustering clustering(data.values.data(), n, {dims, lists, 1});
        do {
            most = std::max(most, allocated() - before);
        } while (!clustering.step());
        most = std::max(most, allocated() - before);
        const size_t promised = clustering_memory(n, dims, lists);
        EXPECT_LE(most, promised) << dims << " dims, " << lists << " lists";
        EXPECT_LE(promised, 8 * most + (size_t{8} << 20)) << dims << " dims, " << lists << " lists";
    }
}
#endif

}  // namespace
}  // namespace pgslab
