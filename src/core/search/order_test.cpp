// The order of rows that what is stored cannot tell apart, or hardly: the operator's, whatever the
// search, at a price that is paid only for such rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ivf/testing/order.h"
#include "ivf/testing/scanner.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

constexpr int kDims = 24;
constexpr uint32_t kRows = 700;

struct Stored {
    PgsMetric metric;
    PgsStorage storage;
    int refine_bits;
};

class Order : public testing::TestWithParam<Stored> {
  protected:
    PgsOptions options() const {
        return {kDims, GetParam().metric, GetParam().storage, "", "", GetParam().refine_bits};
    }

    template <typename Draw>
    Table table(Random &random, uint32_t rows, Draw draw) const {
        return Table(random, options(), rows, draw, 8);
    }
};

// Draws of rows that are alike in one way or another.
std::vector<std::pair<std::string, std::function<Vector()>>> alike(Random &random) {
    const Vector base = hard_vector(random, kDims, Kind::kOrdinary);
    const auto jitter = [&random](const Vector &from, double size) {
        Vector v = from;
        const Vector noise = scaled_normal(random, from.size(), size);
        for (size_t i = 0; i < v.size(); i++) {
            v[i] += noise[i];
        }
        return v;
    };
    return {
        {"five vectors and their copies",
         [&random, some = std::vector<Vector>{hard_vector(random, kDims, Kind::kOrdinary),
                                              hard_vector(random, kDims, Kind::kOrdinary),
                                              hard_vector(random, kDims, Kind::kIntegers), base,
                                              jitter(base, 1e-5)}] {
             return some[random() % some.size()];
         }},
        {"next to one vector", [=] { return jitter(base, 1e-4); }},
        {"far from the origin", [=] { return jitter(Vector(kDims, 300.0f), 0.1); }},
        {"whole numbers", [&random] { return hard_vector(random, kDims, Kind::kIntegers); }},
        {"both coarse and fine",
         [=, &random] {
             Vector v = jitter(Vector(kDims), 1);
             v[0] += random() % 2 == 0 ? 0.0f : 3e4f;
             return v;
         }},
    };
}

TEST_P(Order, OfAnExactSearchIsThatOfABruteForceSort) {
    Random random(61);
    for (const auto &[what, draw] : alike(random)) {
        SCOPED_TRACE(what);
        const Table t = table(random, kRows, draw);
        for (int i = 0; i < 4; i++) {
            const Vector query = i % 2 == 0 ? draw() : t.some_vector(random);
            const auto rows = scan_all(t.index(), query);
            ASSERT_EQ(t.values(rows, query), t.brute_force(query));
        }
    }
}

TEST_P(Order, OfAnApproximateSearchIsKeptFromPassToPass) {
    Random random(62);
    for (const auto &[what, draw] : alike(random)) {
        SCOPED_TRACE(what);
        const Table t = table(random, kRows, draw);
        for (uint32_t rows : {0u, 1u, 10u}) {
            for (uint32_t probes : {0u, 1u}) {
                const Vector query = rows == 1 ? t.some_vector(random) : draw();
                Scanner scanner(probes == 0 ? 1 << 20 : 0);
                scanner.start(t.index(), query.data(), false, {false, false, 0.8, probes, 0, rows});
                ASSERT_NO_FATAL_FAILURE(
                    expect_as_approximate(scanner.rest(), t.live_values(query)));
                EXPECT_LT(scanner.work().passes, 30u);
            }
        }
    }
}

// All vectors are compared, so it finds what an exact search finds, whatever it is told to spend.
TEST_P(Order, WithoutCodesAnApproximateSearchIsExact) {
    if (GetParam().metric != PGS_L1) {
        return;  // these have codes of one bit
    }
    Random random(67);
    for (const auto &[what, draw] : alike(random)) {
        SCOPED_TRACE(what);
        const Table t = table(random, kRows, draw);
        for (uint32_t rerank : {0u, 1u, 20u}) {
            const Vector query = rerank == 1 ? t.some_vector(random) : draw();
            Scanner scanner;
            scanner.start(t.index(), query.data(), false, {false, false, 0.5, 1, rerank, 10});
            ASSERT_EQ(t.values(scanner.rest(), query), t.brute_force(query));
        }
    }
}

// A row that is asked for and not seen is not returned; the others come in order.
TEST_P(Order, RowsThatNobodySeesChangeNothingForTheOthers) {
    Random random(63);
    for (const auto &[what, draw] : alike(random)) {
        SCOPED_TRACE(what);
        const Table t = table(random, kRows, draw);
        for (const PgsEffort &effort : {kExact, effort_for(0.9, 3)}) {
            const Vector query = draw();
            Scanner scanner;
            scanner.start(t.index(), query.data(), false, effort);
            RowValues visible = t.live_values(query);
            std::set<uint32_t> hidden;
            for (const auto &[number, vector] : t.live()) {
                if (random() % 3 == 0) {
                    hidden.insert(number);
                    scanner.hide(number);
                    visible.erase(number);
                }
            }
            auto rows = scanner.rest();
            std::erase_if(
                rows, [&](const ScannedRow &row) { return hidden.contains(number_of(row.tid)); });
            ASSERT_NO_FATAL_FAILURE(expect_in_order(rows, visible));
            ASSERT_TRUE(!effort.exact || rows.size() == visible.size());
        }
    }
}

// All copies are as far from the query, so whatever was returned before, none is left out.
TEST_P(Order, CopiesByTheThousandAllComeOutAtALinearPrice) {
    Random random(64);
    const Vector same = hard_vector(random, kDims, Kind::kOrdinary);
    const Table t = table(random, 4000, [&] { return same; });
    for (const PgsEffort &effort : {kExact, effort_for(0.9), effort_for(0.9, 2500)}) {
        for (size_t memory : {size_t{0}, size_t{1} << 20}) {
            Scanner scanner(memory);
            const Vector query = neighbour(random, hard_vector(random, kDims, Kind::kOrdinary));
            scanner.start(t.index(), query.data(), false, effort);
            EXPECT_EQ(scanner.rest().size(), t.live().size());
            EXPECT_LE(scanner.work().looked_up, 4 * t.live().size());
            EXPECT_LE(scanner.work().compared, 8 * t.live().size());
        }
    }
}

TEST_P(Order, OfOrdinaryRowsFewAreLookedUp) {
    Random random(65);
    const Table t =
        table(random, 2000, [&] { return hard_vector(random, kDims, Kind::kOrdinary); });
    uint64_t looked_up = 0;
    for (int i = 0; i < 40; i++) {
        const Vector query = hard_vector(random, kDims, Kind::kOrdinary);
        Scanner scanner(1 << 20);
        scanner.start(t.index(), query.data(), false, i % 2 == 0 ? kExact : effort_for(0.9, 10));
        for (int row = 0; row < 10; row++) {
            ASSERT_TRUE(scanner.next().has_value());
        }
        looked_up += scanner.work().looked_up;
    }
    // Less than one for each search, of bytes some; none where the very vectors are stored.
    const bool is_stored = is_of_sets(GetParam().metric) ||
                           (GetParam().storage == PGS_F32 && GetParam().metric != PGS_COSINE);
    EXPECT_LE(looked_up, is_stored ? 0u : GetParam().storage == PGS_I8 ? 400u : 40u);
}

TEST_P(Order, WhatIsStoredExactlyIsNotLookedUp) {
    if (GetParam().metric == PGS_COSINE) {
        return;  // normalised vectors are not whole
    }
    Random random(66);
    const auto draw = [&] {
        Vector v(kDims);
        for (float &x : v) {
            x = static_cast<float>(1 + random() % 127);
        }
        return v;
    };
    const Table t = table(random, 1500, draw);
    for (int i = 0; i < 20; i++) {
        const Vector query = draw();
        Scanner scanner(1 << 20);
        scanner.start(t.index(), query.data(), false, i % 2 == 0 ? kExact : effort_for(0.9, 10));
        scanner.rest();
        EXPECT_EQ(scanner.work().looked_up, 0u);
    }
}

std::string name_of(const testing::TestParamInfo<Stored> &info) {
    const char *const metrics[] = {"", "L2", "InnerProduct", "Cosine", "L1", "Hamming", "Jaccard"};
    const char *const storages[] = {"", "F16", "F32", "I8", "Bits"};
    return metrics[info.param.metric] + std::string(storages[info.param.storage]) + "Refine" +
           std::to_string(info.param.refine_bits);
}

INSTANTIATE_TEST_SUITE_P(
    All, Order,
    testing::Values(Stored{PGS_L2, PGS_F16, 0}, Stored{PGS_L2, PGS_F16, 4},
                    Stored{PGS_L2, PGS_F32, 4}, Stored{PGS_INNER_PRODUCT, PGS_F16, 4},
                    Stored{PGS_INNER_PRODUCT, PGS_F32, 8}, Stored{PGS_COSINE, PGS_F16, 0},
                    Stored{PGS_COSINE, PGS_F16, 4}, Stored{PGS_COSINE, PGS_F32, 4},
                    Stored{PGS_L1, PGS_F16, 0}, Stored{PGS_L1, PGS_F32, 0},
                    Stored{PGS_L2, PGS_I8, 4}, Stored{PGS_INNER_PRODUCT, PGS_I8, 4},
                    Stored{PGS_COSINE, PGS_I8, 8}, Stored{PGS_L1, PGS_I8, 0},
                    Stored{PGS_HAMMING, PGS_BITS, 0}, Stored{PGS_JACCARD, PGS_BITS, 0}),
    name_of);

// Where stored vectors stand for the rows, codes and vectors agree on what is nearer, far from the
// origin as well, where f16 rounds directions; else rows would seem to come too late, and be left
// out.
TEST(OrderOfStoredValues, HasEveryRowOfAnExactSearch) {
    Random random(67);
    const uint32_t dims = 66;
    const auto draw = [&] {
        Vector v = scaled_normal(random, dims, 0.1);
        for (float &x : v) {
            x += 10;
        }
        return v;
    };
    const PgsOptions options = {static_cast<int>(dims), PGS_COSINE, PGS_F16, "", "", 8};
    const Table t(random, options, 1300, draw, 8);
    for (int i = 0; i < 4; i++) {
        const Vector query = i % 2 == 0 ? draw() : t.some_vector(random);
        Scanner scanner;
        scanner.start(t.index(), query.data(), false, {true, true, 0, 0, 0, 0});
        const auto rows = scanner.rest();
        EXPECT_EQ(rows.size(), t.live().size());
        EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                                   [](const auto &a, const auto &b) { return a.bound < b.bound; }));
    }
}

}  // namespace
}  // namespace pgslab
