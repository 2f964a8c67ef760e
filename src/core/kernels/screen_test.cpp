// A block's vectors against a bar, over every instruction set.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/kernels_under_test.h"

namespace pgslab {
namespace {

class KernelScreen : public testing::TestWithParam<const Kernels *> {};

// Of a block whose numbers are small integers, so that no instruction set rounds.
struct Screened {
    std::array<uint32_t, 32> sums;
    std::vector<float> add = std::vector<float>(32), rescale = add, error = add;
    Screen by = {3, -40, 2, 5, 0x1p-134F, 0};

    explicit Screened(unsigned seed) {
        std::mt19937 random(seed);
        for (size_t v = 0; v < 32; v++) {
            sums[v] = random() % 64;
            add[v] = static_cast<float>(random() % 100);
            rescale[v] = static_cast<float>(static_cast<int>(random() % 9) - 4);
            error[v] = static_cast<float>(random() % 8);
        }
    }

    uint32_t screen(const Kernels &k, float *estimate, float *margin) const {
        Unaligned<float> a(add, 4), r(rescale, 12), e(error, 8);
        return k.screen(sums.data(), {a.data(), r.data(), e.data()}, by, estimate, margin);
    }
};

TEST_P(KernelScreen, KeepsWhatIsNotSurelyBeyondTheBar) {
    for (unsigned seed = 0; seed < 50; seed++) {
        Screened block(seed);
        block.by.bar = static_cast<float>(seed) * 8 - 200;
        float estimate[32], margin[32];
        const uint32_t kept = block.screen(*GetParam(), estimate, margin);
        for (size_t v = 0; v < 32; v++) {
            const float product = -40 + 2 * static_cast<float>(block.sums[v]);
            EXPECT_EQ(estimate[v], block.add[v] + 3 + block.rescale[v] * product);
            EXPECT_EQ(margin[v], 5 * block.error[v]);
            EXPECT_EQ(kept >> v & 1, estimate[v] - margin[v] < block.by.bar) << v;
        }
    }
}

// They left the range of float32, so nothing is known of them.
TEST_P(KernelScreen, KeepsWhatIsNoFiniteNumber) {
    Screened block(1);
    block.by.bar = -1e30F;
    block.add[3] = INFINITY;
    block.add[7] = NAN;
    block.add[20] = -INFINITY;
    block.rescale[31] = 3e38F;
    block.sums[31] = 63;
    float estimate[32], margin[32];
    EXPECT_EQ(block.screen(*GetParam(), estimate, margin), 1U << 3 | 1U << 7 | 1U << 20 | 1U << 31);
    block.by.bar = INFINITY;
    EXPECT_EQ(block.screen(*GetParam(), estimate, margin), ~0U);
}

TEST_P(KernelScreen, AllowsForUnderflowNoMoreThanTheError) {
    Screened block(2);
    block.error.assign(32, 0);
    block.error[5] = 1;
    block.by.per_error = 0;
    float estimate[32], margin[32];
    block.screen(*GetParam(), estimate, margin);
    for (size_t v = 0; v < 32; v++) {
        EXPECT_EQ(margin[v], v == 5 ? 0x1p-134F : 0);
    }
}

// Whether a product is rounded by itself depends on the instruction set.
TEST_P(KernelScreen, IsAsPreciseAsFloatsAre) {
    for (unsigned seed = 0; seed < 20; seed++) {
        Screened block(seed);
        block.add = normal_vector(32, seed);
        block.rescale = normal_vector(32, seed + 100);
        block.by = {0.3F, -1.7F, 0.013F, 0.77F, 0x1p-134F, 0.5F};
        float estimate[32], margin[32];
        const uint32_t kept = block.screen(*GetParam(), estimate, margin);
        for (size_t v = 0; v < 32; v++) {
            const double product = -1.7F + double{0.013F} * block.sums[v];
            const double expected = double{block.add[v]} + 0.3F + block.rescale[v] * product;
            EXPECT_NEAR(estimate[v], expected, 1e-5);
            EXPECT_NEAR(margin[v], double{0.77F} * block.error[v], 1e-5);
            EXPECT_EQ(kept >> v & 1, estimate[v] - margin[v] < 0.5F);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, KernelScreen, testing::ValuesIn(kernels_under_test()), isa_of);

}  // namespace
}  // namespace pgslab
