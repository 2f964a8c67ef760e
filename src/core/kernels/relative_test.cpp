// Vectors relative to an origin, and sums in float64, over every instruction set.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/kernels_under_test.h"

namespace pgslab {
namespace {

constexpr size_t sizes[] = {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 100, 784};

template <typename T>
bool same_bits(const std::vector<T> &a, const std::vector<T> &b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

class KernelRelative : public testing::TestWithParam<const Kernels *> {};

// The scale is a power of two, so that it does not matter whether a product is rounded by itself.
TEST_P(KernelRelative, SubtractsTheOriginAndSumsTheSquares) {
    const Kernels &k = *GetParam();
    for (const size_t n : sizes) {
        const std::vector<float> p = normal_vector(n, 1), origin = normal_vector(n, 2);
        Unaligned<float> left(p, n % 64), right(origin, n * 5 % 64), out(n, n * 7 % 64);
        Lanes lanes;
        k.relative(lanes, left.data(), 0.25f, right.data(), out.data(), n);
        std::vector<float> expected(n);
        for (size_t i = 0; i < n; i++) {
            expected[i] = p[i] * 0.25f - origin[i];
        }
        EXPECT_TRUE(same_bits(out.copy(), expected)) << n;
        Lanes squares;
        k.dot_f32(squares, expected.data(), expected.data(), n, 0);
        EXPECT_EQ(std::memcmp(&lanes, &squares, sizeof lanes), 0) << n;
    }
}

TEST_P(KernelRelative, AddsToWhatTheLanesHold) {
    const std::vector<float> p(70, 3.0f), origin(70, 1.0f);
    std::vector<float> out(70);
    Lanes lanes;
    GetParam()->relative(lanes, p.data(), 1, origin.data(), out.data(), p.size());
    GetParam()->relative(lanes, p.data(), 1, origin.data(), out.data(), p.size());
    EXPECT_EQ(sum(lanes), 2 * 70 * 4);
}

TEST_P(KernelRelative, AddsInDouble) {
    for (const size_t n : sizes) {
        const std::vector<float> x = normal_vector(n, 3);
        std::vector<double> expected(n, 0x1p30);
        std::vector<double> sums = expected;
        for (int time = 0; time < 2; time++) {
            GetParam()->add_to(sums.data(), x.data(), n);
            for (size_t i = 0; i < n; i++) {
                expected[i] += x[i];
            }
        }
        EXPECT_TRUE(same_bits(sums, expected)) << n;
    }
}

INSTANTIATE_TEST_SUITE_P(Isa, KernelRelative, testing::ValuesIn(kernels_under_test()), isa_of);

}  // namespace
}  // namespace pgslab
