// For tests of the manifest: tables as maintenance would make them, and what must always be true.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "format/layout.h"
#include "format/manifest.h"
#include "format/meta.h"

namespace pgslab {

inline constexpr uint32_t kFewLists = 9;

inline PgsOptions options(int dims = 100) {
    return {dims, PGS_L2, PGS_F16, "", 0, 4};
}

// Who owns each block, as text; fails where two do or nobody does.
inline void expect_one_owner(const Meta &meta) {
    std::vector<std::string> owner(meta.end_block);
    auto claim = [&](const char *who, uint64_t block, uint64_t blocks) {
        for (uint64_t b = block; b < block + blocks; b++) {
            ASSERT_LT(b, meta.end_block) << who;
            ASSERT_EQ(owner[b], "") << who << ", block " << b;
            owner[b] = who;
        }
    };
    const SlotShape shape = slot_shape(meta);
    claim("metapage", 0, 1);
    claim("growing", meta.growing.block, meta.growing.blocks);
    claim("codebook", meta.codebook.run.block, meta.codebook.run.blocks);
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Segment &segment = meta.segment[i];
        claim("segment", segment.block, segment.directory_blocks + segment.list_blocks);
    }
    for (uint32_t e = 0; e < meta.extents; e++) {
        const Extent &extent = meta.extent[e];
        claim("records", extent.record_block, record_blocks(extent.slots));
        claim("codes", extent.refine_block, refine_blocks(extent.slots, shape.refine));
        claim("slab", extent.slab_block, slab_blocks(extent.slots, shape.item));
    }
    for (uint32_t i = 0; i < meta.spares; i++) {
        claim("spare", meta.spare[i].run.block, meta.spare[i].run.blocks);
    }
    EXPECT_EQ(std::count(owner.begin(), owner.end(), ""), 0);
}

// In the order of their blocks, and neighbours of the same time as one.
inline void expect_spares_in_order(const Meta &meta) {
    for (uint32_t i = 1; i < meta.spares; i++) {
        const Spare &a = meta.spare[i - 1];
        const Spare &b = meta.spare[i];
        ASSERT_LT(a.run.block, b.run.block);
        ASSERT_FALSE(a.since == b.since && a.since != kWorking &&
                     a.run.block + a.run.blocks == b.run.block)
            << "neighbours " << i - 1 << " and " << i;
    }
}

inline void expect_sound(const Page &page) {
    PgsError error = {};
    ASSERT_EQ(check_meta(page, &error), PGS_OK) << error.detail;
    expect_one_owner(meta_of(page));
    expect_spares_in_order(meta_of(page));
}

inline uint64_t capacity_of(const Meta &meta, uint32_t part) {
    uint64_t capacity = 0;
    each_extent_of(meta, part, [&](const ExtentPlace &place) {
        capacity += place.extent.slots;
        return false;
    });
    return capacity;
}

// A codebook, parts of extents of so many slots and a segment; 0 leaves one out.
struct Wanted {
    uint32_t lists;
    uint32_t slots;
    uint32_t rows;
    uint32_t parts = slots == 0 ? 0 : 1;
    uint32_t extents = 1;  // of each part, of so many slots each
};

inline uint32_t blocks_for(const Meta &meta, const Wanted &wanted) {
    uint64_t blocks = wanted.lists == 0 ? 0 : codebook_blocks(meta.dims, wanted.lists);
    blocks += wanted.parts * wanted.extents * extent_blocks(wanted.slots, slot_shape(meta));
    const uint32_t lists = wanted.lists == 0 ? meta.codebook.lists : wanted.lists;
    blocks += wanted.rows == 0 ? 0 : directory_blocks(lists) + list_blocks(meta.dims, wanted.rows);
    return static_cast<uint32_t>(blocks);
}

// Their description, one after the other from the run's beginning.
inline Replacement described(const Meta &meta, const Reservation &reserved, const Wanted &wanted) {
    Replacement made = {};
    made.runs = 1;
    made.run[0] = reserved.run;
    made.used[0] = blocks_for(meta, wanted);
    uint32_t block = reserved.run.block;
    uint32_t id = reserved.first_id;
    const SlotShape shape = slot_shape(meta);
    const uint32_t lists = wanted.lists == 0 ? meta.codebook.lists : wanted.lists;
    const uint32_t codebook_id = wanted.lists == 0 ? meta.codebook.id : id;
    if (wanted.lists != 0) {
        const uint32_t blocks = codebook_blocks(meta.dims, wanted.lists);
        made.codebook = {id++, wanted.lists, {block, blocks}, 1000 + id, reserved.generation};
        block += blocks;
    }
    for (uint32_t i = 0; i < wanted.parts; i++) {
        const uint64_t slots = uint64_t{wanted.slots} * wanted.extents;
        made.part[i] = {id++,
                        PartState::kSealed,
                        static_cast<uint16_t>(wanted.extents),
                        reserved.generation,
                        slots,
                        0,
                        slots,
                        codebook_id,
                        0};
        for (uint32_t e = i * wanted.extents; e < (i + 1) * wanted.extents; e++) {
            const uint32_t refine = block + record_blocks(wanted.slots);
            const uint32_t slab = refine + refine_blocks(wanted.slots, shape.refine);
            made.extent[e] = {block, slab, shape.refine == 0 ? 0 : refine, wanted.slots};
            block = slab + slab_blocks(wanted.slots, shape.item);
        }
    }
    made.new_parts = wanted.parts;
    if (wanted.rows != 0) {
        made.segment = {id,
                        block,
                        directory_blocks(lists),
                        list_blocks(meta.dims, wanted.rows),
                        reserved.generation,
                        wanted.rows};
    }
    return made;
}

// The same on two runs: parts on one, what refers to them on the other.
inline Replacement described(const Meta &meta, const Reservation &for_parts, const Wanted &parts,
                             const Reservation &for_codes, const Wanted &codes) {
    Replacement made = described(meta, for_parts, parts);
    const Replacement others = described(meta, for_codes, codes);
    made.run[made.runs] = others.run[0];
    made.used[made.runs++] = others.used[0];
    made.codebook = others.codebook;
    made.segment = others.segment;
    for (uint32_t i = 0; i < made.new_parts && made.codebook.id != 0; i++) {
        made.part[i].codebook = made.codebook.id;
    }
    return made;
}

inline void grow(Page &page) {
    PgsGrowth growth;
    ASSERT_EQ(reserve_growth(page, growth, nullptr), PGS_OK);
    ASSERT_EQ(publish_growth(page, growth, nullptr), PGS_OK);
}

inline Page begun(const PgsOptions &with = options()) {
    Page page;
    init_meta(page, with);
    if (meta_of(page).code_bits != 0) {
        set_codebook(page, kFewLists, 1);
    }
    return page;
}

inline Reservation reserve(Page &page, uint32_t blocks, uint32_t ids = 3) {
    Reservation reserved = {};
    PgsError error = {};
    EXPECT_EQ(reserve_run(page, blocks, ids, reserved, &error), PGS_OK) << error.detail;
    return reserved;
}

// Publishes what is wanted on a run of its own, in the place of nothing.
inline void publish(Page &page, const Wanted &wanted) {
    const Reservation reserved = reserve(page, blocks_for(meta_of(page), wanted));
    const Replacement made = described(meta_of(page), reserved, wanted);
    PgsError error = {};
    ASSERT_EQ(publish_replacement(page, made, 1, &error), PGS_OK) << error.detail;
}

}  // namespace pgslab
