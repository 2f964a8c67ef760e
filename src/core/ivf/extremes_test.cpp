// Values of every magnitude that float32 has: no finite input makes an index that a check refuses,
// and rows come in the operator's order however large or small they are.
#include <gtest/gtest.h>

#include <cfloat>
#include <functional>
#include <ostream>
#include <string>

#include "ivf/testing/living_table.h"
#include "ivf/testing/table.h"

namespace pgslab {
namespace {

constexpr PgsEffort kStored = {true, true, 0, 0, 0, 0};

struct Case {
    PgsMetric metric;
    PgsStorage storage;
    int refine_bits;
    int dims;
};

void PrintTo(const Case &c, std::ostream *out) {
    *out << "metric " << c.metric << ", storage " << c.storage << ", " << c.refine_bits << " bits, "
         << c.dims << " dims";
}

PgsOptions options_of(const Case &c) {
    return {c.dims, c.metric, c.storage, "", "", c.refine_bits};
}

std::vector<Case> cases(const std::vector<int> &dims) {
    std::vector<Case> all;
    for (PgsMetric metric : {PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE, PGS_L1}) {
        for (PgsStorage storage : {PGS_F16, PGS_F32, PGS_I8}) {
            for (int bits : {0, 4, 8}) {
                for (int d : dims) {
                    if (metric != PGS_L1 || bits == 0) {
                        all.push_back({metric, storage, bits, d});
                    }
                }
            }
        }
    }
    for (PgsMetric metric : {PGS_HAMMING, PGS_JACCARD}) {
        for (int d : dims) {
            all.push_back({metric, PGS_BITS, 0, d});
        }
    }
    return all;
}

// Ways in which a table may be extreme.
using Draw = std::function<Vector()>;

std::vector<std::pair<std::string, Draw>> extreme_draws(Random &random, int dims) {
    const auto n = static_cast<size_t>(dims);
    auto of = [&random, n](Kind kind) {
        return [&random, n, kind] { return hard_vector(random, n, kind); };
    };
    auto mostly = [&random](const Draw &usual, const Draw &other) {
        return [&random, usual, other] { return random() % 16 == 0 ? other() : usual(); };
    };
    auto copies = [&random, n] {
        const float of_few[] = {FLT_MAX, -FLT_MAX, 1e-45f, 0, 1};
        return Vector(n, of_few[random() % std::size(of_few)]);
    };
    return {
        {"huge", of(Kind::kHuge)},
        {"denormal", of(Kind::kDenormal)},
        {"tiny", of(Kind::kTiny)},
        {"large", of(Kind::kLarge)},
        {"mixed", of(Kind::kMixed)},
        {"one-hot", of(Kind::kOneHot)},
        {"ordinary and huge", mostly(of(Kind::kOrdinary), of(Kind::kHuge))},
        {"ordinary and tiny", mostly(of(Kind::kOrdinary), of(Kind::kTiny))},
        {"tiny and large", mostly(of(Kind::kTiny), of(Kind::kLarge))},
        {"huge and zero", mostly(of(Kind::kHuge), of(Kind::kZero))},
        {"zero", of(Kind::kZero)},
        {"copies", copies},
        {"anything", [&random, n] { return any_hard_vector(random, n); }},
    };
}

class Extremes : public testing::TestWithParam<Case> {};

// One table through its life: every task there is, and a calibration after each.
void live_through_all_tasks(LivingTable &table, Random &random, const std::string &what) {
    MemoryIndex &index = table.index();
    auto check = [&](const char *task) {
        SCOPED_TRACE(what + ", after " + task);
        if (index.info().lists > 0) {
            index.calibrate(6);
        }
        table.check(random);
    };
    check("build");
    table.insert(40);
    check("insert");
    table.vacuum(random, 7);
    close(index);
    if (index.info().lists > 0) {
        for (uint32_t part = 0; part < meta_of(index.meta()).parts; part++) {
            flush(index, part, size_t{1} << 20, table.new_xid());
        }
        check("flush");
        merge(index, all_segments(index), {}, table.new_xid());
        check("merge");
        merge(index, all_segments(index), sealed_parts(index), table.new_xid());
        check("merge with parts");
    }
    if (index.info().lists > 0) {
        table.insert(10);
        recluster(index, 2, random(), table.new_xid());
        check("recluster");
    } else {
        rewrite(index, index.codebook(), sealed_parts(index), table.new_xid());
        check("rewrite");
    }
}

TEST_P(Extremes, NoFiniteInputMakesAnIndexThatACheckRefuses) {
    Random random(61);
    const std::vector<std::pair<std::string, Draw>> draws = extreme_draws(random, GetParam().dims);
    for (size_t i = 0; i < draws.size(); i++) {
        LivingTable table(options_of(GetParam()), 80, 3, draws[i].second);
        live_through_all_tasks(table, random, draws[i].first);
        ASSERT_FALSE(HasFailure());
    }
}

// Rows of one kind are inserted where the codebook knows another, or none at all.
TEST_P(Extremes, ACodebookOfOtherMagnitudesRefusesNothing) {
    Random random(62);
    const auto n = static_cast<size_t>(GetParam().dims);
    for (Kind built : {Kind::kOrdinary, Kind::kTiny, Kind::kHuge}) {
        for (Kind inserted : {Kind::kOrdinary, Kind::kDenormal, Kind::kTiny, Kind::kHuge}) {
            Kind kind = built;
            const uint32_t rows = random() % 2 == 0 ? 0 : 60;
            LivingTable table(options_of(GetParam()), rows, 2,
                              [&] { return hard_vector(random, n, kind); });
            kind = inserted;
            live_through_all_tasks(table, random,
                                   "built " + std::to_string(static_cast<int>(built)) +
                                       ", inserted " + std::to_string(static_cast<int>(inserted)));
            ASSERT_FALSE(HasFailure());
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Indexes, Extremes, testing::ValuesIn(cases({2, 70})));

// ---- order

constexpr double kFactors[] = {1e-41, 1e-36, 1e-30, 1e-24, 1e-12, 1, 1e12, 1e19, 1e25, 1e37};

// Deviates that are finite times the largest factor.
Vector draw_scaled(Random &random, int dims, double factor) {
    return times(hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary), factor);
}

class Multiples : public testing::TestWithParam<Case> {
  protected:
    Table table(Random &random, double factor, uint32_t rows, uint32_t lists) const {
        const int dims = GetParam().dims;
        return Table(
            random, options_of(GetParam()), rows,
            [&, factor, dims] { return draw_scaled(random, dims, factor); }, lists);
    }
};

// Share of the true ten nearest among the first ten rows.
double recall_of(const Table &table, const Vector &query, const PgsEffort &effort,
                 uint64_t *codes = nullptr) {
    Scanner scanner(size_t{1} << 20);
    scanner.start(table.index(), query.data(), true, effort);
    const double tenth = table.brute_force(query)[9];
    const double ties = 2e-3 * std::abs(tenth);  // of the stored precision
    int hits = 0;
    for (int i = 0; i < 10; i++) {
        hits += table.value(scanner.next().value(), query) <= tenth + ties ? 1 : 0;
    }
    if (codes != nullptr) {
        *codes += scanner.work().codes + scanner.work().refined + scanner.work().compared;
    }
    return hits / 10.0;
}

TEST_P(Multiples, AreFoundAsOrdinaryVectorsAre) {
    uint64_t ordinary = 0;
    for (double factor : {1.0, 1e-41, 1e-30, 1e-24, 1e25, 1e37}) {
        SCOPED_TRACE(factor);
        Random random(63);
        Table rows = table(random, factor, 1500, 8);
        if (GetParam().metric != PGS_L1) {
            rows.index().calibrate(50);
        }
        constexpr int kQueries = 20;
        double recall = 0;
        uint64_t work = 0;
        for (int i = 0; i < kQueries; i++) {
            const Vector query = draw_scaled(random, GetParam().dims, factor);
            recall += recall_of(rows, query, effort_for(0.95, 10), &work) / kQueries;
        }
        ordinary = factor == 1 ? work : ordinary;
        EXPECT_GE(recall, 0.88);
        // Denormal numbers have few digits, which need not be told apart at the same price.
        if (factor > 1e-40) {
            EXPECT_LE(static_cast<double>(work), 1.3 * static_cast<double>(ordinary));
        }
    }
}

// Rows that came after an index was built on none: its codebook knows nothing of their magnitude.
TEST_P(Multiples, AreFoundWhereTheyWereInserted) {
    for (double factor : kFactors) {
        SCOPED_TRACE(factor);
        Random random(64);
        const int dims = GetParam().dims;
        LivingTable rows(options_of(GetParam()), 0, 1,
                         [&] { return draw_scaled(random, dims, factor); });
        rows.insert(600);
        if (GetParam().metric != PGS_L1) {
            flush(rows.index(), 0, size_t{1} << 20, rows.new_xid());
        }
        double recall = 0;
        constexpr int kQueries = 10;
        for (int i = 0; i < kQueries; i++) {
            recall += rows.recall(draw_scaled(random, dims, factor), 10) / kQueries;
        }
        EXPECT_GE(recall, 0.88);
    }
}

// What recall is measured against: values of the stored vectors, which binary32 keeps as they are.
using ExactMultiples = Multiples;

TEST_P(ExactMultiples, HaveTheOperatorsValues) {
    for (double factor : kFactors) {
        SCOPED_TRACE(factor);
        Random random(65);
        const Table rows = table(random, factor, 400, 3);
        const Vector query = draw_scaled(random, GetParam().dims, factor);
        Scanner scanner;
        scanner.start(rows.index(), query.data(), true, kStored);
        const std::vector<double> truth = rows.brute_force(query);
        size_t i = 0;
        for (const ScannedRow &row : scanner.rest()) {
            const double value = rows.value(row, query);
            EXPECT_NEAR(row.bound, value, 1e-5 * std::abs(truth.front()) + 1e-5 * std::abs(value));
            EXPECT_NEAR(value, truth[i], 1e-5 * std::abs(truth.front())) << i;
            i++;
        }
        EXPECT_EQ(i, truth.size());
    }
}

// Bounds of an exact search, which need not look at all vectors then.
using CodedMultiples = Multiples;

TEST_P(CodedMultiples, AreToldApartByTheirCodes) {
    for (double factor : kFactors) {
        SCOPED_TRACE(factor);
        Random random(66);
        const Table rows = table(random, factor, 1000, 3);
        const Vector query = draw_scaled(random, GetParam().dims, factor);
        Scanner scanner(size_t{1} << 20);
        scanner.start(rows.index(), query.data(), true, kExact);
        const double tenth = rows.brute_force(query)[9];
        while (scanner.next().value().bound <= tenth) {
        }
        EXPECT_LE(scanner.work().compared, factor < 1e-40 ? 900u : 300u);
    }
}

template <typename Wanted>
std::vector<Case> some_cases(Wanted wanted) {
    std::vector<Case> all = cases({32});
    std::erase_if(all, [&](const Case &c) { return !wanted(c); });
    return all;
}

INSTANTIATE_TEST_SUITE_P(Indexes, Multiples, testing::ValuesIn(cases({32})));
INSTANTIATE_TEST_SUITE_P(Indexes, ExactMultiples, testing::ValuesIn(some_cases([](const Case &c) {
                             return c.storage == PGS_F32 && c.metric != PGS_COSINE;
                         })));
INSTANTIATE_TEST_SUITE_P(Indexes, CodedMultiples, testing::ValuesIn(some_cases([](const Case &c) {
                             // Of bytes an exact search compares all vectors.
                             return c.refine_bits != 0 && c.storage != PGS_I8;
                         })));

}  // namespace
}  // namespace pgslab
