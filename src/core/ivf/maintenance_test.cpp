// Inserts, vacuums, maintenance and calibrations in random order: whatever came before, the index
// is whole, gives its rows, and scans that began earlier do not notice.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <ostream>
#include <string>
#include <vector>

#include "ivf/meta.h"
#include "ivf/testing/living_table.h"
#include "ivf/testing/table.h"

namespace pgslab {
namespace {

struct Case {
    PgsMetric metric;
    PgsStorage storage;
    int dims;
    int refine_bits;
    uint32_t lists;
    int prefix_dims = 0;
};

void PrintTo(const Case &c, std::ostream *out) {
    *out << "metric " << c.metric << ", storage " << c.storage << ", " << c.dims << " dims, "
         << c.refine_bits << " bits, " << c.lists << " lists";
}

// For every other index none; of the others some have two and addresses, some four, among them a
// set.
PgsKeyColumns keys_for(uint32_t seed) {
    constexpr PgsKeyColumns kKeys[] = {
        {}, {3, {{4, 1}, {8, 1}, {8, 1, true}}}, {}, {4, {{8, 1}, {4, 3}, {4, 1}, {8, 2}}}};
    return kKeys[seed % 4];
}

class Life {
  public:
    Life(const Case &c, uint32_t seed)
        : random_(seed),
          draw_(random_, static_cast<size_t>(c.dims)),
          table_(
              {c.dims, c.metric, c.storage, "", "", c.refine_bits, keys_for(seed), c.prefix_dims},
              60 + seed % 40, c.lists, [this] { return draw_(); }) {}

    // One thing that may happen, and its name.
    std::string step() {
        begin_scan();
        const uint32_t what = random_() % 15;
        switch (what) {
            case 0:
            case 1:
                insert(1 + random_() % 90);
                return "insert";
            case 2:
                return vacuum();
            case 3:
                table_.kill(random_, 20);
                return "kill";
            case 4:
            case 5:
                return flush_some();
            case 6:
                return merge_some();
            case 7:
                close_part();
                return "close";
            case 8:
                return compact();
            case 9:
                return recluster_all();
            case 10:
                return recode();
            case 11:
                return give_back();
            case 12:
                return calibrate();
            case 13:
                return move_one();
            default:
                return recover();
        }
    }

    void check() {
        table_.check(random_);
        advance_scans();
    }

    void finish() {
        for (LongScan &scan : scans_) {
            scan.finish();
        }
    }

  private:
    MemoryIndex &index() { return table_.index(); }
    bool has_codes() { return index().info().lists > 0; }
    template <NumberSet Set>
    Set some_of(Set set) {
        return {set.bits & static_cast<uint32_t>(random_())};
    }
    Meanwhile inserts() {
        return [this] {
            if (random_() % 3 == 0) {
                insert(1);
            }
        };
    }

    void insert(uint32_t n) {
        const std::set<uint32_t> before = table_.numbers();
        table_.insert(n);
        for (uint32_t number : table_.numbers()) {
            for (LongScan &scan : scans_) {
                scan.inserted(number);
            }
        }
    }

    std::string vacuum() {
        for (uint32_t number :
             table_.vacuum(random_, table_.rows() > 600 ? 2 : 2 + random_() % 9)) {
            for (LongScan &scan : scans_) {
                scan.deleted(number);
            }
        }
        return "vacuum";
    }

    // Parts whose codes refer to the index's codebook; or the others.
    PgsParts parts(bool current, PgsParts of) {
        const Meta &meta = meta_of(index().meta());
        for (uint32_t p = 0; p < meta.parts; p++) {
            if ((meta.part[p].dictionary == meta.dictionary.id) != current) {
                remove(of, p);
            }
        }
        return of;
    }

    std::string flush_some() {
        const Meta &meta = meta_of(index().meta());
        const PgsParts current = parts(true, {(1u << meta.parts) - 1});
        if (!has_codes() || !has_any(current)) {
            return "nothing to flush";
        }
        make_room();
        uint32_t part = 0;
        do {
            part = random_() % meta.parts;
        } while (!has(current, part));
        const size_t memory = random_() % 2 == 0 ? size_t{1} << 20 : random_() % 20000;
        flush(index(), part, memory, table_.new_xid(), inserts());
        return "flush part number " + std::to_string(part);
    }

    void make_room() {
        if (index().info().segments + 2 > kMaxSegments) {
            merge(index(), all_segments(index()), {}, table_.new_xid());
        }
    }

    std::string merge_some() {
        merge(index(), some_of(all_segments(index())), {}, table_.new_xid(), inserts());
        return "merge";
    }

    void close_part() {
        if (meta_of(index().meta()).parts + 2u < kMaxParts) {
            close(index());
        }
    }

    void flush_all() {
        const PgsParts current = parts(true, sealed_parts(index()));
        for (uint32_t p = 0; p < kMaxParts; p++) {
            if (has(current, p)) {
                make_room();
                flush(index(), p, size_t{1} << 20, table_.new_xid());
            }
        }
    }

    // Writes parts anew with all segments; in an index without codes, from their stored rows.
    std::string compact() {
        if (random_() % 2 == 0) {
            close_part();
        }
        const PgsParts chosen = some_of(sealed_parts(index()));
        if (!has_codes()) {
            rewrite(index(), index().codebook(), chosen, table_.new_xid(), inserts());
            return "rewrite";
        }
        flush_all();
        merge(index(), all_segments(index()), parts(true, chosen), table_.new_xid(), inserts());
        return "compact";
    }

    std::string recluster_all() {
        if (!has_codes() || random_() % 2 == 0) {
            return "nothing";
        }
        const Meta &meta = meta_of(index().meta());
        if (random_() % 2 == 0 && meta.parts + 2u < kMaxParts) {
            // Only some parts: the others keep codes by the earlier codebook.
            const auto codebook = train_again(index(), 1 + random_() % 7, random_());
            rewrite(index(), codebook.get(), some_of(sealed_parts(index())), table_.new_xid(),
                    inserts());
            return "recluster some";
        }
        recluster(index(), 1 + random_() % 7, random_(), table_.new_xid(), inserts());
        return "recluster";
    }

    std::string recode() {
        close_part();
        const PgsParts stale = parts(false, sealed_parts(index()));
        make_room();
        if (!has_codes() || !has_any(stale)) {
            return "nothing to recode";
        }
        const PgsParts chosen = random_() % 2 == 0 ? stale : some_of(stale);
        rewrite(index(), index().codebook(), chosen, table_.new_xid(), inserts());
        return "recode";
    }

    // As far as the oldest scan lets go of it.
    std::string give_back() {
        const uint64_t oldest = scans_.empty() ? table_.new_xid() : scans_.front().xid();
        reclaim(index(), oldest);
        if (random_() % 2 == 0) {
            cut_end(index());
        }
        return "reclaim";
    }

    // An extent of a sealed part, or a segment, wherever it lies.
    std::string move_one() {
        const Meta &meta = meta_of(index().meta());
        std::vector<uint32_t> blocks;
        each_extent(meta, [&](const ExtentPlace &place) {
            if (!place.open) {
                blocks.push_back(place.extent.block);
            }
            return false;
        });
        for (uint32_t i = 0; i < meta.segments; i++) {
            blocks.push_back(meta.segment[i].run.block);
        }
        if (blocks.empty()) {
            return "nothing to move";
        }
        move(index(), blocks[random_() % blocks.size()], table_.new_xid(), inserts());
        return "move";
    }

    std::string calibrate() {
        if (has_codes()) {
            index().calibrate(1 + random_() % 12);
        }
        return "calibrate";
    }

    std::string recover() {
        index().recover();
        return "restart";
    }

    void begin_scan() {
        if (scans_.size() < 3) {
            scans_.emplace_back(table_, table_.some_query(random_),
                                static_cast<int>(random_() % 3));
            scans_.back().go_on(random_() % 20);
        }
    }

    void advance_scans() {
        for (LongScan &scan : scans_) {
            scan.go_on(random_() % 8);
        }
        if (random_() % 3 == 0 && !scans_.empty()) {
            scans_.front().finish();
            scans_.pop_front();
        }
    }

    Random random_;
    HardDraw draw_;
    LivingTable table_;
    std::deque<LongScan> scans_;  // the oldest first
};

class Maintenance : public testing::TestWithParam<Case> {};

TEST_P(Maintenance, InAnyOrderLosesNothing) {
    const bool large = GetParam().dims > 2000;  // so that a part is written in pieces
    const uint32_t seeds = large || std::getenv("PGSLAB_LONG") == nullptr ? 1 : 5;
    const int steps_of_seed = large ? 25 : 130;
    for (uint32_t seed = 1; seed <= seeds; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life life(GetParam(), 1000 * seed + static_cast<uint32_t>(GetParam().dims));
        std::string steps;
        for (int i = 0; i < steps_of_seed; i++) {
            const std::string did = life.step();
            steps += did + "; ";
            life.check();
            ASSERT_FALSE(testing::Test::HasFailure()) << "after step " << i << ": " << steps;
        }
        life.finish();
    }
}

INSTANTIATE_TEST_SUITE_P(
    Indexes, Maintenance,
    testing::Values(Case{PGS_L2, PGS_F16, 3, 4, 3}, Case{PGS_L2, PGS_F32, 100, 8, 4},
                    Case{PGS_L2, PGS_F16, 65, 0, 2}, Case{PGS_L2, PGS_F16, 900, 4, 3},
                    Case{PGS_L2, PGS_F32, 5000, 8, 3}, Case{PGS_INNER_PRODUCT, PGS_F16, 64, 4, 5},
                    Case{PGS_INNER_PRODUCT, PGS_F32, 7, 0, 4}, Case{PGS_COSINE, PGS_F16, 130, 8, 3},
                    Case{PGS_COSINE, PGS_F32, 16, 4, 6}, Case{PGS_COSINE, PGS_F16, 9, 0, 1},
                    Case{PGS_L1, PGS_F16, 20, 0, 0}, Case{PGS_L1, PGS_F32, 1100, 0, 0},
                    Case{PGS_L2, PGS_I8, 130, 4, 4}, Case{PGS_COSINE, PGS_I8, 33, 8, 3},
                    Case{PGS_L2, PGS_F16, 200, 4, 3, 64},
                    Case{PGS_INNER_PRODUCT, PGS_F32, 130, 0, 4, 128},
                    Case{PGS_COSINE, PGS_F16, 300, 8, 3, 128},
                    Case{PGS_HAMMING, PGS_BITS, 768, 0, 4}, Case{PGS_JACCARD, PGS_BITS, 33, 0, 3}));

// A part may be written as several, all of which take their rows from one segment.
double mean_of(const Spread &spread) {
    return spread.sum / static_cast<double>(spread.rows);
}

// Rows of another place are counted as far away when they are flushed, and as near once lists were
// trained with them; merges count nothing.
TEST(MaintenanceOfSpread, CountsEachRowWhenItIsCoded) {
    for (int bits : {0, 4, 8}) {
        Random random(31);
        double place = 0;
        LivingTable table({20, PGS_L2, PGS_F16, "", "", bits}, 200, 3, [&] {
            Vector vector = hard_vector(random, 20, Kind::kOrdinary);
            vector[0] += static_cast<float>(place);
            return vector;
        });
        auto meta = [&] { return meta_of(table.index().store().read(0)); };
        const double built = mean_of(vectors_of(meta()).trained);
        EXPECT_EQ(vectors_of(meta()).trained.rows, 200u);
        EXPECT_GT(built, 0);
        EXPECT_EQ(vectors_of(meta()).coded.rows, 0u);

        table.insert(150);
        flush(table.index(), 1, size_t{1} << 20, 101);
        EXPECT_EQ(vectors_of(meta()).coded.rows, 150u);
        EXPECT_NEAR(mean_of(vectors_of(meta()).coded), built, built / 3) << bits;

        place = 100;
        table.insert(50);
        flush(table.index(), 1, size_t{1} << 20, 102);
        EXPECT_EQ(vectors_of(meta()).coded.rows, 200u);
        EXPECT_GT(mean_of(vectors_of(meta()).coded), 100 * built) << bits;

        const Spread before = vectors_of(meta()).coded;
        merge(table.index(), {7}, {}, 103);
        EXPECT_EQ(vectors_of(meta()).coded.rows, before.rows);
        EXPECT_EQ(vectors_of(meta()).coded.sum, before.sum);

        close(table.index());
        const auto codebook = train_again(table.index(), 4, 5);
        rewrite(table.index(), codebook.get(), {3}, 104);
        EXPECT_EQ(vectors_of(meta()).coded.rows, 0u);
        EXPECT_EQ(vectors_of(meta()).trained.rows, 400u);
        EXPECT_LT(mean_of(vectors_of(meta()).trained), 3 * built) << bits;
    }
}

TEST(MaintenanceOfLargeRows, APartBecomesPieces) {
    Random random(10);
    for (PgsMetric metric : {PGS_L2, PGS_L1}) {
        LivingTable table({16000, metric, PGS_F32, "", "", 0}, 20, 2,
                          [&] { return hard_vector(random, 16000, Kind::kOrdinary); });
        table.insert(130);
        close(table.index());
        const PgsParts all = sealed_parts(table.index());
        ASSERT_EQ(all.bits, 3u);
        if (metric == PGS_L1) {
            rewrite(table.index(), table.index().codebook(), all, table.new_xid());
        } else {
            flush(table.index(), 1, size_t{1} << 20, table.new_xid());
            merge(table.index(), all_segments(table.index()), all, table.new_xid());
        }
        EXPECT_EQ(table.index().info().sealed_parts, 3u);
        EXPECT_EQ(table.index().info().sealed_slots, 150u);
        EXPECT_EQ(table.index().info().segments, metric == PGS_L1 ? 0u : 1u);
        table.check(random);
        table.vacuum(random, 2);
        if (metric == PGS_L2) {
            recluster(table.index(), 3, 4, table.new_xid());
            EXPECT_EQ(table.index().info().sealed_parts, 2u);
            table.check(random);
        }
    }
}

}  // namespace
}  // namespace pgslab
