// Growth, maintenance and what crashes leave, in any order: the metapage can be believed
// throughout.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>

#include "ivf/testing/manifests.h"
#include "store/layout.h"
#include "store/manifest.h"
#include "store/meta.h"

namespace pgslab {
namespace {

class Life {
  public:
    Life(uint32_t seed, const PgsOptions &with)
        : random_(seed), thrift_(3 + seed % 3 * 15), page_(begun(with)) {}

    const Page &page() const { return page_; }
    uint32_t refused() const { return refused_; }

    void step() {
        switch (random_() % 10) {
            case 0:
            case 1:
                return grow_open();
            case 2:
                return close();
            case 3:
                return abandon();
            case 4:
                xid_ += random_() % 5;
                reclaim_runs(page_, xid_ - random_() % 20);
                return;
            case 5:
                cut_end(page_);
                return;
            default:
                return replace();
        }
    }

  private:
    const Meta &meta() const { return meta_of(page_); }

    // A growth that a crash cut off is taken up by the next.
    void grow_open() {
        PgsGrowth growth;
        const Page before = page_;
        if (reserve_growth(page_, nullptr) == PGS_FULL) {
            return refuse(before);
        }
        if (random_() % 4 != 0) {
            ASSERT_EQ(next_growth(meta(), growth, nullptr), PGS_OK);
            ASSERT_EQ(publish_growth(page_, growth, nullptr), PGS_OK);
        }
    }

    void close() {
        if (open_part(meta()) != nullptr) {
            const uint32_t last = meta().parts - 1u;
            const uint64_t coded = meta().part[last].flushed;
            close_open_part(page_, coded + random_() % (capacity_of(meta(), last) - coded + 1));
        }
    }

    bool reserve_checked(uint32_t blocks, Reservation &reserved) {
        const Page before = page_;
        const Spare *const spares = meta_of(before).spare;
        const Spare *const end = spares + meta_of(before).spares;
        const Spare *const first = std::find_if(spares, end, [&](const Spare &spare) {
            return spare.since == kFree && spare.run.blocks >= blocks;
        });
        if (reserve_run(page_, blocks, 5, reserved, nullptr) == PGS_FULL) {
            refuse(before);
            return false;
        }
        EXPECT_EQ(reserved.run.blocks, blocks);
        if (first != end) {
            EXPECT_EQ(reserved.run.block, first->run.block);
        }
        EXPECT_EQ(meta().end_block == meta_of(before).end_block, first != end);
        return true;
    }

    void abandon() {
        Reservation reserved;
        reserve_checked(1 + static_cast<uint32_t>(random_() % 60), reserved);
    }

    // Flushes, merges, rewrites and new codebooks.
    void replace() {
        const bool codes = vectors_of(meta()).code_bits != 0;
        Wanted wanted = {};
        wanted.lists = codes && random_() % 6 == 0 ? 1 + static_cast<uint32_t>(random_() % 20) : 0;
        wanted.slots = random_() % 2 == 0 ? 1 + static_cast<uint32_t>(random_() % 900) : 0;
        wanted.parts = wanted.slots == 0 ? 0 : 1 + static_cast<uint32_t>(random_() % 3);
        wanted.rows = codes && random_() % 4 != 0 ? 1 + static_cast<uint32_t>(random_() % 900) : 0;
        wanted.extents = 1 + static_cast<uint32_t>(random_() % 3);
        Replacement made = {};
        if (!reserve_for(wanted, made)) {
            return;
        }
        choose_replaced(made, wanted.lists != 0);
        made.other_bytes = random_();
        made.value_bytes = random_();
        const Page before = page_;
        xid_ += random_() % 3;
        if (publish_replacement(page_, made, xid_, nullptr) == PGS_FULL) {
            return refuse(before);
        }
        expect_published(meta_of(before), made);
    }

    // On one run, or parts on one of their own; with some blocks too many.
    bool reserve_for(const Wanted &wanted, Replacement &made) {
        const uint32_t more = random_() % 3 == 0 ? static_cast<uint32_t>(random_() % 9) : 0;
        Wanted codes = wanted;
        codes.parts = 0;
        const Wanted parts = {0, wanted.slots, 0, wanted.parts, wanted.extents};
        const bool apart = random_() % 2 == 0 && blocks_for(meta(), codes) > 0 && parts.parts > 0;
        Reservation first, second;
        if (!apart) {
            const uint32_t blocks = std::max(blocks_for(meta(), wanted) + more, 1u);
            const bool reserved = reserve_checked(blocks, first);
            made = reserved ? described(meta(), first, wanted) : made;
            return reserved;
        }
        if (!reserve_checked(blocks_for(meta(), parts), first) ||
            !reserve_checked(blocks_for(meta(), codes) + more, second)) {
            return false;
        }
        made = described(meta(), first, parts, second, codes);
        return true;
    }

    void choose_replaced(Replacement &made, bool all_segments) {
        for (uint32_t p = 0; p < meta().parts; p++) {
            const bool open = meta().part[p].state == PartState::kOpen;
            if (!open && random_() % thrift_ == 0) {
                made.part_id[made.parts++] = meta().part[p].id;
            }
        }
        for (uint32_t i = 0; i < meta().segments; i++) {
            if (all_segments || random_() % thrift_ == 0) {
                made.segment_id[made.segments++] = meta().segment[i].id;
            }
        }
        if (meta().parts > 0 && random_() % 2 == 0) {
            const uint32_t p = static_cast<uint32_t>(random_() % meta().parts);
            const Part &part = meta().part[p];
            const uint64_t most =
                part.state == PartState::kOpen ? capacity_of(meta(), p) : part.slots;
            made.flushed_part = part.id;
            made.flushed = part.flushed + random_() % (most - part.flushed + 1);
        }
    }

    void expect_published(const Meta &before, const Replacement &made) {
        std::set<uint64_t> ids, expected;
        for (uint32_t p = 0; p < meta().parts; p++) {
            const Part &part = meta().part[p];
            ids.insert(part.id);
            if (part.id == made.flushed_part && part.dictionary == meta().dictionary.id) {
                EXPECT_EQ(part.flushed, made.flushed);
            }
        }
        for (uint32_t i = 0; i < meta().segments; i++) {
            ids.insert(meta().segment[i].id);
        }
        for (uint32_t p = 0; p < before.parts; p++) {
            expected.insert(before.part[p].id);
        }
        for (uint32_t i = 0; i < before.segments; i++) {
            expected.insert(before.segment[i].id);
        }
        for (uint32_t i = 0; i < made.parts; i++) {
            expected.erase(made.part_id[i]);
        }
        for (uint32_t i = 0; i < made.segments; i++) {
            expected.erase(made.segment_id[i]);
        }
        for (uint32_t i = 0; i < made.new_parts; i++) {
            expected.insert(made.part[i].id);
        }
        if (made.segment.id != 0) {
            expected.insert(made.segment.id);
        }
        EXPECT_EQ(ids, expected);
        EXPECT_EQ(meta().dictionary.id,
                  made.dictionary.id != 0 ? made.dictionary.id : before.dictionary.id);
        EXPECT_EQ(meta().generation, before.generation + 1);
        EXPECT_EQ(meta().other_bytes_written, before.other_bytes_written + made.other_bytes);
        EXPECT_EQ(meta().value_bytes_written, before.value_bytes_written + made.value_bytes);
    }

    void refuse(const Page &before) {
        refused_++;
        EXPECT_EQ(std::memcmp(&before, &page_, sizeof page_), 0);
    }

    std::mt19937_64 random_;
    uint32_t thrift_;  // one in so many is replaced
    Page page_;
    uint64_t xid_ = 1000;
    uint32_t refused_ = 0;
};

TEST(Manifest, StaysSoundThroughALongLife) {
    uint32_t refused = 0, most_spares = 0, most_parts = 0, most_segments = 0;
    for (uint32_t seed = 0; seed < 40; seed++) {
        const PgsOptions with[] = {options(),
                                   options(3),
                                   {40, PGS_L1, PGS_F32, "", "", 0},
                                   {64, PGS_COSINE, PGS_F16, "", "", 0}};
        Life life(seed, with[seed % 4]);
        for (int i = 0; i < 400; i++) {
            life.step();
            SCOPED_TRACE(testing::Message() << "seed " << seed << ", step " << i);
            expect_sound(life.page());
            ASSERT_FALSE(testing::Test::HasFailure());
            const Meta &meta = meta_of(life.page());
            most_spares = std::max<uint32_t>(most_spares, meta.spares);
            most_parts = std::max<uint32_t>(most_parts, meta.parts);
            most_segments = std::max<uint32_t>(most_segments, meta.segments);
        }
        refused += life.refused();
    }
    // It was a life.
    EXPECT_GT(refused, 0u);
    EXPECT_GT(most_spares, 20u);
    EXPECT_EQ(most_parts, kMaxParts);
    EXPECT_GT(most_segments, 6u);
}

}  // namespace
}  // namespace pgslab
