// Codebooks: the same after having been written and read, and near enough to what they stand for.
#include "ivf/codebook.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "ivf/testing/codebooks.h"
#include "store/meta.h"

namespace pgslab {
namespace {

const PgsMetric kMetrics[] = {PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE};

double squared_distance(const Vector &a, const Vector &b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); i++) {
        sum += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    }
    return sum;
}

Vector centroid_of(const Codebook &codebook, uint32_t list) {
    Vector c(codebook.shape().padded);
    codebook.centroid(list, c.data());
    return c;
}

uint32_t nearest_of(const Codebook &codebook, const Vector &vector) {
    CodeQuery query;
    query.set(vector.data(), codebook.shape().padded);
    std::vector<float> estimate;
    return codebook.nearest(vector.data(), query, estimate);
}

Meta meta_for(const Codebook &codebook) {
    const Shape &shape = codebook.shape();
    Meta meta = {};
    vectors_of(meta).dims = static_cast<uint16_t>(shape.dims);
    vectors_of(meta).metric = shape.metric;
    vectors_of(meta).storage = shape.storage;
    vectors_of(meta).code_bits = static_cast<uint8_t>(shape.code_bits);
    vectors_of(meta).refine_bits = static_cast<uint8_t>(shape.refine_bits);
    vectors_of(meta).lists = codebook.lists();
    meta.dictionary.identity = codebook.identity();
    return meta;
}

TEST(Codebook, IsTheSameFromItsStripe) {
    Random random(1);
    for (PgsMetric metric : kMetrics) {
        for (int dims : {1, 3, 64, 100, 1000}) {
            for (uint32_t lists : {1u, 2u, 31u, 32u, 33u, 100u}) {
                const Shape shape = shape_for(metric, dims, PGS_F32, lists % 2 == 0 ? 8 : 4);
                const Codebook written = random_codebook(random, shape, lists);
                const auto stripe = written.stripe();
                const Meta meta = meta_for(written);
                ASSERT_EQ(stripe.size(), codebook_layout(shape.dims, lists, false).end);
                ASSERT_EQ(Codebook::check_stripe(meta, stripe.data(), nullptr), PGS_OK);
                const Codebook read(shape_of(meta), stripe.data());
                ASSERT_EQ(read.stripe(), stripe);
                ASSERT_EQ(read.lists(), lists);
                ASSERT_EQ(read.identity(), written.identity());
                ASSERT_EQ(read.refine_step(), written.refine_step());
                ASSERT_EQ(read.errors(), written.errors());

                const Vector x = scaled_normal(random, shape.dims, 1);
                Vector a(shape.padded), b(shape.padded);
                written.to_code_space(x.data(), a.data());
                read.to_code_space(x.data(), b.data());
                ASSERT_EQ(a, b);
                ASSERT_EQ(nearest_of(written, a), nearest_of(read, b));
            }
        }
    }
}

TEST(Codebook, HasItsOffsetInItsStripe) {
    Random random(13);
    for (int dims : {1, 70, 1000}) {
        const Shape shape = shape_for(PGS_L2, dims);
        const Vector offset = scaled_normal(random, shape.dims, 100);
        const Codebook written(shape, 1, std::vector<uint8_t>(rotation_bytes(shape.padded)),
                               Vector(shape.dims), Vector(2 * shape.padded), 0, offset);
        const auto stripe = written.stripe();
        ASSERT_EQ(stripe.size(), codebook_layout(shape.dims, 2, true).end);
        Meta meta = meta_for(written);
        EXPECT_EQ(Codebook::check_stripe(meta, stripe.data(), nullptr), PGS_CORRUPT);
        vectors_of(meta).offset_checksum = written.offset_checksum();
        ASSERT_EQ(Codebook::check_stripe(meta, stripe.data(), nullptr), PGS_OK);
        const Codebook read(shape, stripe.data());
        ASSERT_NE(read.offset(), nullptr);
        EXPECT_EQ(Vector(read.offset(), read.offset() + dims), offset);
        EXPECT_EQ(read.offset_checksum(), written.offset_checksum());
        EXPECT_NEAR(read.offset_norm(), std::sqrt(squared_distance(offset, Vector(shape.dims))),
                    1e-9 * read.offset_norm());
        EXPECT_EQ(read.stripe(), stripe);
    }
}

TEST(Codebook, WithoutListsHasNoStripe) {
    const Codebook none(shape_for(PGS_L1, 10));
    EXPECT_EQ(none.lists(), 0u);
    EXPECT_TRUE(none.stripe().empty());
    EXPECT_EQ(none.shape().code_bits, 0u);
}

TEST(Codebook, CentroidsAreWithinHalfAStepOfWhatWasTrained) {
    Random random(2);
    const Shape shape = shape_for(PGS_L2, 200);
    std::vector<float> trained;
    for (int l = 0; l < 40; l++) {
        const Vector c = hard_vector(random, shape.padded, static_cast<Kind>(l % 5));
        trained.insert(trained.end(), c.begin(), c.end());
    }
    const Codebook codebook(shape, 1, std::vector<uint8_t>(rotation_bytes(shape.padded)),
                            Vector(shape.dims), trained);
    for (uint32_t l = 0; l < 40; l++) {
        const Vector c = centroid_of(codebook, l);
        for (uint32_t i = 0; i < shape.padded; i++) {
            ASSERT_LE(std::abs(static_cast<double>(c[i]) - trained[l * shape.padded + i]),
                      codebook.info(l).scale * 0.5001)
                << "list " << l << ", dimension " << i;
        }
    }
}

TEST(Codebook, CodeSpaceKeepsDistancesAndPutsTheMeanAtItsOrigin) {
    Random random(3);
    for (int dims : {1, 3, 64, 200, 768}) {
        const Codebook codebook = random_codebook(random, shape_for(PGS_L2, dims), 2);
        const uint32_t padded = codebook.shape().padded;
        const Vector x = scaled_normal(random, codebook.shape().dims, 1);
        const Vector y = scaled_normal(random, codebook.shape().dims, 1);
        Vector a(padded), b(padded), origin(padded);
        codebook.to_code_space(x.data(), a.data());
        codebook.to_code_space(y.data(), b.data());
        codebook.to_code_space(codebook.mean().data(), origin.data());
        EXPECT_NEAR(squared_distance(a, b) / squared_distance(x, y), 1, 1e-5);
        EXPECT_EQ(origin, Vector(padded));
        EXPECT_NEAR(codebook.mean_norm(),
                    std::sqrt(squared_distance(codebook.mean(), Vector(x.size()))), 1e-6);
    }
}

TEST(Codebook, AMultipleInAUnitAsLargeIsTheSameInCodeSpace) {
    Random random(11);
    const Shape shape = shape_for(PGS_L2, 100);
    const Vector mean = scaled_normal(random, shape.dims, 1);
    const Vector x = scaled_normal(random, shape.dims, 1);
    std::vector<uint8_t> signs(rotation_bytes(shape.padded));
    draw_rotation(1, shape.padded, signs.data());
    const Codebook one(shape, 1, signs, mean, Vector(shape.padded));
    Vector expected(shape.padded), found(shape.padded);
    one.to_code_space(x.data(), expected.data());
    for (int exponent : {-100, -30, 30, 120}) {
        const Codebook codebook(shape, 1, signs, mean, Vector(shape.padded), exponent);
        codebook.to_code_space(times(x, codebook.unit()).data(), found.data());
        EXPECT_EQ(found, expected) << exponent;
        const auto stripe = codebook.stripe();
        ASSERT_EQ(Codebook::check_stripe(meta_for(codebook), stripe.data(), nullptr), PGS_OK);
        EXPECT_EQ(Codebook(shape, stripe.data()).unit(), codebook.unit());
    }
}

TEST(Codebook, AUnitThatIsNoFloatIsRefused) {
    Random random(12);
    const Codebook codebook = random_codebook(random, shape_for(PGS_L2, 10), 2);
    for (int32_t exponent : {-127, 127, INT32_MIN, INT32_MAX}) {
        std::vector<uint8_t> stripe = codebook.stripe();
        std::memcpy(stripe.data() + offsetof(CodebookHeader, exponent), &exponent, sizeof exponent);
        EXPECT_EQ(Codebook::check_stripe(meta_for(codebook), stripe.data(), nullptr), PGS_CORRUPT);
    }
}

TEST(Codebook, AListAsAQuerySeesIt) {
    Random random(4);
    for (PgsMetric metric : kMetrics) {
        const Codebook codebook = random_codebook(random, shape_for(metric, 300), 20);
        const Vector q = scaled_normal(random, codebook.shape().padded, 1);
        const double norm = std::sqrt(squared_distance(q, Vector(q.size())));
        for (uint32_t l = 0; l < codebook.lists(); l++) {
            const Vector c = centroid_of(codebook, l);
            const ListQuery at = codebook.list_query(q.data(), norm, l);
            double product = 0;
            for (size_t i = 0; i < q.size(); i++) {
                product += static_cast<double>(q[i]) * c[i];
            }
            const double square = squared_distance(q, c);
            EXPECT_NEAR(at.add, metric == PGS_INNER_PRODUCT ? -product : square, 1e-4 * square);
            EXPECT_NEAR(at.distance, std::sqrt(square), 1e-4 * std::sqrt(square));
            EXPECT_NEAR(at.norm, std::sqrt(squared_distance(c, Vector(c.size()))), 1e-4);
        }
    }
}

TEST(Codebook, EstimatesOfCentroidsAreOffByWhatTheySay) {
    Random random(5);
    const Codebook codebook = random_codebook(random, shape_for(PGS_L2, 300), 1000);
    const uint32_t padded = codebook.shape().padded;
    const Vector q = scaled_normal(random, padded, 1);
    CodeQuery query;
    query.set(q.data(), padded);
    Vector estimate;
    codebook.estimate_all(query, estimate);
    int beyond_two = 0;
    for (uint32_t l = 0; l < codebook.lists(); l++) {
        const double off = std::abs(estimate[l] - squared_distance(q, centroid_of(codebook, l)));
        const double deviation = codebook.errors()[l] * query.norm() / std::sqrt(padded - 1.0);
        EXPECT_LT(off, 5 * deviation) << "list " << l;
        beyond_two += off > 2 * deviation ? 1 : 0;
    }
    EXPECT_LT(beyond_two, 100);  // 46 of a normal distribution
    EXPECT_GT(beyond_two, 10);
}

// Three deviations on one side: of the lists that might be nearer hardly any is passed over.
TEST(Codebook, TheNearestListIsFoundNearlyAlways) {
    Random random(6);
    for (int dims : {3, 64, 300}) {
        int wrong = 0;
        for (uint32_t lists : {2u, 33u, 500u}) {
            const Codebook codebook = random_codebook(random, shape_for(PGS_L2, dims), lists);
            for (int i = 0; i < 400; i++) {
                const Vector x = scaled_normal(random, codebook.shape().padded, 0.7);
                const uint32_t found = nearest_of(codebook, x);
                ASSERT_LT(found, lists);
                const double distance = squared_distance(x, centroid_of(codebook, found));
                for (uint32_t l = 0; l < lists; l++) {
                    if (squared_distance(x, centroid_of(codebook, l)) < distance * (1 - 1e-5)) {
                        wrong++;
                        break;
                    }
                }
            }
        }
        EXPECT_LE(wrong, 6) << "of 1200 vectors of " << dims << " dims";
    }
}

TEST(Codebook, ACentroidIsNearestToItself) {
    Random random(7);
    for (int dims : {3, 100, 768}) {
        const Codebook codebook = random_codebook(random, shape_for(PGS_L2, dims), 300);
        for (uint32_t l = 0; l < codebook.lists(); l++) {
            ASSERT_EQ(nearest_of(codebook, centroid_of(codebook, l)), l) << dims << " dims";
        }
    }
}

TEST(Codebook, OfEqualCentroidsTheFirstIsNearest) {
    Random random(8);
    const Shape shape = shape_for(PGS_L2, 64);
    const Vector c = scaled_normal(random, shape.padded, 1);
    std::vector<float> centroids;
    for (int l = 0; l < 70; l++) {
        centroids.insert(centroids.end(), c.begin(), c.end());
    }
    const Codebook codebook(shape, 1, std::vector<uint8_t>(rotation_bytes(shape.padded)),
                            Vector(shape.dims), centroids);
    for (int i = 0; i < 20; i++) {
        ASSERT_EQ(nearest_of(codebook, scaled_normal(random, shape.padded, 1)), 0u);
    }
}

TEST(Codebook, AnyVectorHasSomeList) {
    Random random(9);
    const Codebook codebook = random_codebook(random, shape_for(PGS_L2, 100), 50);
    for (int i = 0; i < 500; i++) {
        const Vector x = any_hard_vector(random, codebook.shape().padded);
        ASSERT_LT(nearest_of(codebook, x), 50u);
    }
    ASSERT_LT(nearest_of(codebook, Vector(codebook.shape().padded, NAN)), 50u);
    ASSERT_LT(nearest_of(codebook, Vector(codebook.shape().padded, INFINITY)), 50u);
}

TEST(Codebook, TakesAboutTheMemoryThatTheBoundarySays) {
    Random random(10);
    const Codebook codebook = random_codebook(random, shape_for(PGS_L2, 768), 1000);
    const double per_element = static_cast<double>(codebook.memory_bytes()) / (768 * 1000);
    EXPECT_GT(per_element, 1.0);
    EXPECT_LT(per_element, 1.35);
}

}  // namespace
}  // namespace pgslab
