// Search over indexes as maintenance leaves them: rows in several segments, above watermarks, and
// in parts of an earlier codebook.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "ivf/testing/scanner.h"
#include "ivf/testing/segments.h"
#include "ivf/testing/table.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

constexpr int kDims = 40;
constexpr uint32_t kLists = 12;

class Sidecar : public testing::TestWithParam<std::tuple<PgsMetric, int>> {
  protected:
    PgsMetric metric() const { return std::get<0>(GetParam()); }
    int bits() const { return std::get<1>(GetParam()); }

    template <typename Draw>
    Table table(Random &random, uint32_t rows, Draw &draw) const {
        return Table(
            random, {kDims, metric(), PGS_F16, "", "", bits()}, rows, [&] { return draw(); },
            kLists);
    }

    // A query with a distance to every row.
    Vector query_of(Random &random, const Table &table) const {
        for (;;) {
            Vector query = neighbour(random, table.some_vector(random));
            if (metric() != PGS_COSINE || pgs_norm(query.data(), kDims) > 0) {
                return query;
            }
        }
    }
};

struct Ordinary {
    explicit Ordinary(Random &r) : random(r) {}
    Vector operator()() const { return hard_vector(random, kDims, Kind::kOrdinary); }
    Random &random;
};

uint64_t at_random(Random &random, uint64_t slots) {
    const uint64_t choices[] = {0, slots, random() % (slots + 1)};
    return choices[random() % 3];
}

// Some number of segments, watermarks anywhere, and by chance one part without codes of use.
void shape_at_random(MemoryIndex &index, Random &random) {
    if (random() % 2 == 0) {
        make_stale(index, random, random() % 2);
    }
    resegment(index, random, random() % 6,
              [&](uint32_t, uint64_t slots) { return at_random(random, slots); });
}

void expect_all_once(const Table &table, const std::vector<ScannedRow> &rows) {
    std::set<uint32_t> numbers;
    for (const ScannedRow &row : rows) {
        ASSERT_TRUE(numbers.insert(number_of(row.tid)).second) << "twice";
        ASSERT_TRUE(table.live().contains(number_of(row.tid))) << "not live";
    }
    ASSERT_EQ(numbers.size(), table.live().size());
}

TEST_P(Sidecar, IsSoundAndHasItsRowsWhateverItsShape) {
    Random random(41);
    HardDraw draw(random, kDims);
    for (int round = 0; round < 6; round++) {
        Table t = table(random, 900, draw);
        shape_at_random(t.index(), random);
        EXPECT_EQ(verify(t.index().store()).rows.size(), t.live().size());
    }
}

TEST_P(Sidecar, ExactSearchComesAsABruteForceSort) {
    Random random(42);
    HardDraw draw(random, kDims);
    for (int round = 0; round < 6; round++) {
        Table t = table(random, 900, draw);
        shape_at_random(t.index(), random);
        for (int i = 0; i < 3; i++) {
            const Vector query = query_of(random, t);
            const auto rows = scan_all(t.index(), query);
            expect_all_once(t, rows);
            ASSERT_EQ(t.values(rows, query), t.brute_force(query));
        }
    }
}

TEST_P(Sidecar, ApproximateSearchComesInOrderAndEndsWithTheLastRow) {
    Random random(43);
    HardDraw draw(random, kDims);
    for (int round = 0; round < 6; round++) {
        Table t = table(random, 900, draw);
        shape_at_random(t.index(), random);
        for (size_t memory : {size_t{0}, size_t{1} << 20}) {
            for (uint32_t probes : {0u, 1u, 5u}) {
                for (uint32_t refine : {0u, 1u, 30u}) {
                    Scanner scanner(memory);
                    const Vector query = query_of(random, t);
                    scanner.start(t.index(), query.data(), false,
                                  {false, false, 0.8, probes, refine, 10});
                    expect_as_approximate(scanner.rest(), t.live_values(query));
                }
            }
        }
    }
}

// By the number of their tid.
std::map<uint32_t, uint32_t> lists_of_rows(const MemoryIndex &index) {
    std::map<uint32_t, uint32_t> lists;
    for (uint32_t i = 0; i < pgs_record_pages(&index.meta()); i++) {
        const PgsRecordPage where = pgs_record_page(&index.meta(), i);
        const auto *records =
            reinterpret_cast<const VectorRecord *>(index.store().read(where.block).payload);
        for (uint32_t r = 0; r < index.count_records(where); r++) {
            lists[number_of(tid_of(records[r]))] = records[r].list;
        }
    }
    return lists;
}

// A first pass of one list has the rows of that list and no others, wherever they are; but rows
// without lists it cannot leave out.
TEST_P(Sidecar, AFirstPassHasTheRowsOfItsListsFromSegmentsAndSidecarAlike) {
    Random random(44);
    const Ordinary draw(random);
    for (int round = 0; round < 9; round++) {
        Table t = table(random, 900, draw);
        const bool stale = round % 3 == 0;
        if (stale) {
            make_stale(t.index(), random, static_cast<uint32_t>(round / 3) % 2);
        }
        // Most of the time rows in segments and in the sidecar, of either part.
        resegment(t.index(), random, 1 + random() % 4, [&](uint32_t, uint64_t slots) {
            return round == 1 ? slots : 1 + random() % (slots - 1);
        });
        const auto lists = lists_of_rows(t.index());
        for (int i = 0; i < 8; i++) {
            const Vector &query = t.some_vector(random);
            Scanner scanner(1 << 20);
            scanner.start(t.index(), query.data(), false, {false, false, 0.9, 1, 0, 5000});
            std::set<uint32_t> first, others;
            while (const auto row = scanner.next()) {
                (scanner.work().passes == 1 ? first : others).insert(number_of(row->tid));
            }
            EXPECT_LE(first.size() + others.size(), t.live().size());
            // Which list it was: that of any row of the first pass whose part has lists.
            std::map<uint32_t, std::set<uint32_t>> by_list;
            const uint32_t half = 450;  // the first part's
            for (const auto &[number, vector] : t.live()) {
                const bool of_stale = stale && (number < half) == (round / 3 % 2 == 0);
                by_list[of_stale ? UINT32_MAX : lists.at(number)].insert(number);
            }
            int whole = 0;
            for (const auto &[list, numbers] : by_list) {
                const bool in =
                    std::includes(first.begin(), first.end(), numbers.begin(), numbers.end());
                const bool out = std::none_of(numbers.begin(), numbers.end(),
                                              [&](uint32_t n) { return first.contains(n); });
                EXPECT_TRUE(in || out) << "list " << list << " in part";
                EXPECT_TRUE(list != UINT32_MAX || in) << "rows without lists are missing";
                whole += in && list != UINT32_MAX ? 1 : 0;
            }
            EXPECT_EQ(whole, 1);
        }
    }
}

TEST_P(Sidecar, AQueryThatIsARowFindsItWhereverItIs) {
    if (metric() == PGS_INNER_PRODUCT) {
        return;  // others may have a larger one
    }
    Random random(45);
    const Ordinary draw(random);
    for (int round = 0; round < 6; round++) {
        Table t = table(random, 900, draw);
        shape_at_random(t.index(), random);
        int found = 0;
        for (int i = 0; i < 50; i++) {
            const auto row = std::next(t.live().begin(), random() % t.live().size());
            Scanner scanner(1 << 20);
            scanner.start(t.index(), row->second.data(), false, {false, false, 0.9, 1, 0, 10});
            found += number_of(scanner.next()->tid) == row->first ? 1 : 0;
        }
        EXPECT_GE(found, 49);
    }
}

// What a sidecar costs: its rows in the lists visited.
TEST_P(Sidecar, RowsOfOtherListsAreNotLookedAt) {
    Random random(46);
    const Ordinary draw(random);
    Table t = table(random, 4000, draw);
    const auto lists = lists_of_rows(t.index());
    std::map<uint32_t, uint64_t> open_rows;
    for (const auto &[number, vector] : t.live()) {
        open_rows[lists.at(number)] += number >= 2000 ? 1 : 0;
    }
    uint64_t most = 0;
    for (const auto &[list, n] : open_rows) {
        most = std::max(most, n);
    }
    for (int i = 0; i < 10; i++) {
        Scanner scanner(1 << 20);
        scanner.start(t.index(), t.some_vector(random).data(), false,
                      {false, false, 0.9, 1, 30, 1});
        scanner.next();
        const PgsWork work = scanner.work();
        EXPECT_EQ(work.passes, 1u);
        // With refinement codes, those; without, vectors, and 30 more of what the list left.
        const uint64_t looked_at = bits() == 0
                                       ? work.compared - std::min<uint64_t>(work.compared, 30)
                                       : work.refined - std::min(work.refined, work.codes);
        EXPECT_LE(looked_at, most);
    }
}

// Neither while growing nor with tombstones.
TEST_P(Sidecar, InsertsAndVacuumsGoOnAboveTheWatermark) {
    Random random(47);
    HardDraw draw(random, kDims);
    Table t = table(random, 900, draw);
    resegment(t.index(), random, 3, [&](uint32_t, uint64_t slots) { return slots - slots / 3; });
    for (int i = 0; i < 500; i++) {
        t.insert(draw());
    }
    EXPECT_EQ(verify(t.index().store()).rows.size(), t.live().size());
    const Vector query = query_of(random, t);
    expect_all_once(t, scan_all(t.index(), query));
    Scanner scanner(0);
    scanner.start(t.index(), query.data(), false, effort_for(0.9, 10));
    expect_as_approximate(scanner.rest(), t.live_values(query));
}

INSTANTIATE_TEST_SUITE_P(All, Sidecar,
                         testing::Combine(testing::Values(PGS_L2, PGS_INNER_PRODUCT, PGS_COSINE),
                                          testing::Values(0, 4, 8)));

}  // namespace
}  // namespace pgslab
