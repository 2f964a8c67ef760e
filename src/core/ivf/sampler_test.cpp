// Vectors drawn from an index are its own, as stored, and drawn evenly.
#include "ivf/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "api/codebook_api.h"
#include "ivf/testing/table.h"
#include "ivf/training.h"
#include "store/meta.h"
#include "store/slots.h"
#include "store/testing/pump.h"

namespace pgslab {
namespace {

void draw(Sampler &sampler, const PageStore &store) {
    pump(&sampler, store);
}

Sampler sampler_of(const MemoryIndex &index, uint32_t vectors, PgsDraw draw, uint64_t seed) {
    return {index.meta(), *index.codebook()->codebook, vectors, draw, seed};
}

Table make_table(Random &random, int dims, uint32_t rows, PgsStorage storage = PGS_F32) {
    return Table(random, {dims, PGS_L2, storage, "", "", 4}, rows,
                 [&] { return hard_vector(random, static_cast<size_t>(dims), Kind::kOrdinary); });
}

// The record of a slot.
VectorRecord record_of(const MemoryIndex &index, uint64_t address) {
    Slots slots;
    slots.open(meta_of(index.meta()));
    const SlotBytes wanted = slots.item(slots.find(address), kRecordColumn);
    const Page &page = index.store().read(wanted.page.block);
    return *reinterpret_cast<const VectorRecord *>(page.payload + wanted.offset);
}

TEST(Sampler, DrawsLiveRowsOnceWithTheirVectors) {
    Random random(1);
    for (PgsStorage storage : {PGS_F32, PGS_F16}) {
        for (int dims : {1, 3, 100, 768, 5000}) {
            const Table table = make_table(random, dims, dims > 1000 ? 60 : 1500, storage);
            Sampler sampler = sampler_of(table.index(), 50, PGS_DRAW_ALL, 7);
            draw(sampler, table.index().store());
            EXPECT_GT(sampler.vectors(), 20u);
            EXPECT_LE(sampler.vectors(), 50u);
            std::set<uint64_t> drawn;
            for (uint32_t i = 0; i < sampler.vectors(); i++) {
                ASSERT_TRUE(drawn.insert(sampler.address(i)).second) << "twice";
                const VectorRecord record = record_of(table.index(), sampler.address(i));
                const Vector &vector = table.live().at(number_of(tid_of(record)));
                const float rounding = storage == PGS_F32 ? 0 : 0x1p-11f;
                for (size_t d = 0; d < vector.size(); d++) {
                    ASSERT_NEAR(sampler.vector(i)[d], vector[d],
                                rounding * std::abs(vector[d]) + (rounding > 0 ? 1e-7 : 0));
                }
            }
        }
    }
}

TEST(Sampler, DrawsAllWhenAskedForMore) {
    Random random(2);
    const Table table = make_table(random, 10, 500);
    Sampler sampler = sampler_of(table.index(), 100000, PGS_DRAW_ALL, 7);
    draw(sampler, table.index().store());
    EXPECT_EQ(sampler.vectors(), table.live().size());
}

TEST(Sampler, DrawsNothingWhereThereIsNothing) {
    MemoryIndex index({10, PGS_L2, PGS_F32, "", "", 4});
    Sampler empty = sampler_of(index, 10, PGS_DRAW_ALL, 7);
    EXPECT_EQ(ask(&empty).kind, PGS_REQUEST_DONE);
    index.grow();
    Sampler grown = sampler_of(index, 10, PGS_DRAW_ALL, 7);
    draw(grown, index.store());
    EXPECT_EQ(grown.vectors(), 0u);
    Random random(3);
    const Table table = make_table(random, 10, 100);
    Sampler none = sampler_of(table.index(), 0, PGS_DRAW_ALL, 7);
    EXPECT_EQ(ask(&none).kind, PGS_REQUEST_DONE);
}

TEST(Sampler, LeavesOutTombstonesAndKilledRows) {
    Random random(4);
    Table table = make_table(random, 10, 500);
    table.index().vacuum([](PgsTid tid) { return number_of(tid) % 2 == 0; });
    table.index().kill(pgs_record_page(&table.index().meta(), 0), 1);
    Sampler sampler = sampler_of(table.index(), 100000, PGS_DRAW_ALL, 7);
    draw(sampler, table.index().store());
    EXPECT_GT(sampler.vectors(), 100u);
    for (uint32_t i = 0; i < sampler.vectors(); i++) {
        EXPECT_EQ(record_of(table.index(), sampler.address(i)).flags, 0);
    }
}

TEST(Sampler, OfRowsHeldOutDrawsNoOthers) {
    Random random(5);
    const Table table = make_table(random, 10, 3000);
    Sampler sampler = sampler_of(table.index(), 100000, PGS_DRAW_HELD_OUT, 7);
    draw(sampler, table.index().store());
    size_t expected = 0;
    for (const auto &[number, vector] : table.live()) {
        expected += pgs_held_out(tid_number(number)) ? 1 : 0;
    }
    EXPECT_EQ(sampler.vectors(), expected);
    for (uint32_t i = 0; i < sampler.vectors(); i++) {
        EXPECT_TRUE(held_out(tid_of(record_of(table.index(), sampler.address(i)))));
    }
}

TEST(Sampler, ASixteenthIsHeldOut) {
    int held = 0;
    for (uint32_t i = 0; i < 160000; i++) {
        held += pgs_held_out(tid_number(i)) ? 1 : 0;
    }
    EXPECT_NEAR(held, 10000, 500);
}

TEST(Sampler, TheSameSeedDrawsTheSame) {
    Random random(6);
    const Table table = make_table(random, 10, 3000);
    auto addresses = [&](uint64_t seed) {
        Sampler sampler = sampler_of(table.index(), 100, PGS_DRAW_ALL, seed);
        draw(sampler, table.index().store());
        std::vector<uint64_t> drawn;
        for (uint32_t i = 0; i < sampler.vectors(); i++) {
            drawn.push_back(sampler.address(i));
        }
        return drawn;
    };
    EXPECT_EQ(addresses(1), addresses(1));
    EXPECT_NE(addresses(1), addresses(2));
}

// Over many seeds each row is drawn about as often as any other, wherever it lies.
TEST(Sampler, DrawsEvenly) {
    Random random(7);
    std::vector<TestRow> rows;
    for (uint32_t i = 0; i < 1014; i++) {  // three full pages
        rows.push_back({tid_number(i), hard_vector(random, 4, Kind::kOrdinary)});
    }
    const MemoryIndex index({4, PGS_L2, PGS_F32, "", "", 0}, rows);
    std::map<uint64_t, int> drawn;
    constexpr int kSeeds = 600;
    constexpr int kVectors = 100;
    for (int seed = 0; seed < kSeeds; seed++) {
        Sampler sampler = sampler_of(index, kVectors, PGS_DRAW_ALL, static_cast<uint64_t>(seed));
        draw(sampler, index.store());
        ASSERT_EQ(sampler.vectors(), static_cast<uint32_t>(kVectors));
        for (uint32_t i = 0; i < sampler.vectors(); i++) {
            drawn[sampler.address(i)]++;
        }
    }
    const double mean = static_cast<double>(kSeeds) * kVectors / 1014;
    double chi = 0;
    for (uint64_t slot = 0; slot < 1014; slot++) {
        const double off = drawn[make_address(meta_of(index.meta()).part[0].handle, slot)] - mean;
        chi += off * off / mean;
    }
    EXPECT_LT(chi, 1014 + 5 * std::sqrt(2 * 1014.0));
}

}  // namespace
}  // namespace pgslab
