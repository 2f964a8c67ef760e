// For tests of the manifest: tables as maintenance would make them, and what must always be true.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/testing/tables.h"
#include "store/growth.h"
#include "store/manifest.h"

namespace pgslab {

inline constexpr uint32_t kFewLists = 9;

inline PgsOptions options(int dims = 100) {
    return {dims, PGS_L2, PGS_F16, "", "", 4};
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
    claim("metapage", 0, 1);
    claim("growth", meta.growth.run.block, meta.growth.run.blocks);
    claim("codebook", meta.dictionary.run.block, meta.dictionary.run.blocks);
    for (uint32_t i = 0; i < meta.segments; i++) {
        claim("segment", meta.segment[i].run.block, meta.segment[i].run.blocks);
    }
    for (uint32_t e = 0; e < meta.extents; e++) {
        const Extent &extent = meta.extent[e];
        claim("extent", extent.block, stride_blocks(meta.columns, extent.slots) * extent.strides);
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
        capacity += place.capacity();
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

inline uint32_t lists_of(const Meta &meta, const Wanted &wanted) {
    return wanted.lists == 0 ? vectors_of(meta).lists : wanted.lists;
}

inline uint32_t blocks_for(const Meta &meta, const Wanted &wanted) {
    const uint32_t dims = vectors_of(meta).dims;
    uint64_t blocks = wanted.lists == 0 ? 0 : codebook_blocks(dims, wanted.lists, false);
    blocks += wanted.parts * wanted.extents * stride_blocks(meta.columns, wanted.slots);
    blocks += wanted.rows == 0
                  ? 0
                  : directory_blocks(lists_of(meta, wanted)) + list_blocks(dims, wanted.rows);
    return static_cast<uint32_t>(blocks);
}

// Their description, one after the other from the run's beginning.
inline Replacement described(const Meta &meta, const Reservation &reserved, const Wanted &wanted) {
    const uint32_t dims = vectors_of(meta).dims;
    Replacement made = {};
    made.runs = 1;
    made.run[0] = reserved.run;
    made.used[0] = blocks_for(meta, wanted);
    uint32_t block = reserved.run.block;
    uint64_t id = reserved.first_id;
    const uint64_t codebook_id = wanted.lists == 0 ? meta.dictionary.id : id;
    if (wanted.lists != 0) {
        const uint32_t blocks = codebook_blocks(dims, wanted.lists, false);
        made.dictionary = {id, 1001 + id, reserved.generation, {block, blocks}};
        id++;
        block += blocks;
    }
    uint16_t handle = kFirstWrittenHandle;
    for (uint32_t i = 0; i < wanted.parts; i++) {
        const uint64_t slots = uint64_t{wanted.slots} * wanted.extents;
        handle = free_handle(meta, handle);
        made.part[i] = {id++,
                        reserved.generation,
                        slots,
                        0,
                        slots,
                        codebook_id,
                        handle++,
                        PartState::kSealed,
                        static_cast<uint16_t>(wanted.extents),
                        0};
        for (uint32_t e = i * wanted.extents; e < (i + 1) * wanted.extents; e++) {
            made.extent[e] = {block, wanted.slots, 1};
            block += static_cast<uint32_t>(stride_blocks(meta.columns, wanted.slots));
        }
    }
    made.new_parts = wanted.parts;
    if (wanted.rows != 0) {
        const uint32_t directory = directory_blocks(lists_of(meta, wanted));
        made.segment = {id,          reserved.generation,
                        wanted.rows, {block, directory + list_blocks(dims, wanted.rows)},
                        directory,   0};
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
    made.dictionary = others.dictionary;
    made.segment = others.segment;
    for (uint32_t i = 0; i < made.new_parts && made.dictionary.id != 0; i++) {
        made.part[i].dictionary = made.dictionary.id;
    }
    return made;
}

// The open part's next stride.
inline void grow(Page &page) {
    PgsGrowth growth;
    PgsError error = {};
    ASSERT_EQ(reserve_growth(page, &error), PGS_OK) << error.detail;
    ASSERT_EQ(next_growth(meta_of(page), growth, &error), PGS_OK) << error.detail;
    ASSERT_EQ(publish_growth(page, growth, &error), PGS_OK) << error.detail;
}

// So many slots more at least, in moments: of what is reserved all strides but the first continue
// that one, and are published as one here.
inline void grow_by(Page &page, uint64_t slots) {
    Meta &meta = meta_of(page);
    const uint64_t wanted = slots + (open_part(meta) ? capacity_of(meta, meta.parts - 1u) : 0);
    while (open_part(meta) == nullptr || capacity_of(meta, meta.parts - 1u) < wanted) {
        ASSERT_NO_FATAL_FAILURE(grow(page));
        const uint64_t capacity = capacity_of(meta, meta.parts - 1u);
        Reserve &growth = meta.growth;
        if (growth.run.blocks == 0 || capacity >= wanted) {
            continue;
        }
        const auto stride = static_cast<uint32_t>(stride_blocks(meta.columns, growth.slots));
        const auto more = static_cast<uint32_t>(std::min<uint64_t>(
            growth.run.blocks / stride, divide_up(wanted - capacity, growth.slots)));
        meta.extent[meta.extents - 1].strides += more;
        growth.run.block += more * stride;
        growth.run.blocks -= more * stride;
        growth = growth.run.blocks == 0 ? Reserve{} : growth;
        finish_meta(page);
    }
}

// Each of these puts something at the index's end into the manifest, in the order of building: the
// codebook; a sealed part of one extent; a segment.
inline void set_codebook(Page &page, uint32_t lists, uint64_t identity) {
    Meta &meta = meta_of(page);
    const uint32_t blocks = codebook_blocks(vectors_of(meta).dims, lists, false);
    meta.dictionary = {meta.next_id++, identity, meta.generation, {meta.end_block, blocks}};
    vectors_of(meta).lists = lists;
    meta.end_block += blocks;
    finish_meta(page);
}

inline void add_sealed_part(Page &page, uint32_t slots) {
    Meta &meta = meta_of(page);
    const uint16_t handle = free_handle(meta, kFirstWrittenHandle);
    meta.part[meta.parts++] = {
        meta.next_id++, meta.generation,    slots, 0, slots, meta.dictionary.id,
        handle,         PartState::kSealed, 1,     0};
    meta.extent[meta.extents++] = {meta.end_block, slots, 1};
    meta.end_block += static_cast<uint32_t>(stride_blocks(meta.columns, slots));
    finish_meta(page);
}

inline void add_segment(Page &page, uint64_t rows) {
    Meta &meta = meta_of(page);
    const uint32_t directory = directory_blocks(vectors_of(meta).lists);
    const auto blocks =
        static_cast<uint32_t>(SegmentLayout(segment_shape(vectors_of(meta))).blocks(rows));
    meta.segment[meta.segments++] = {meta.next_id++,           meta.generation, rows,
                                     {meta.end_block, blocks}, directory,       0};
    meta.end_block += blocks;
    finish_meta(page);
}

inline void set_spread(Page &page, const Spread &trained) {
    vectors_of(meta_of(page)).trained = trained;
    finish_meta(page);
}

inline Page begun(const PgsOptions &with = options()) {
    Page page;
    init_meta(page, with);
    if (vectors_of(meta_of(page)).code_bits != 0) {
        set_codebook(page, kFewLists, 1);
    }
    return page;
}

// Without codes, an open part of so many extents.
inline Page with_open_extents(uint32_t extents) {
    Page page = begun({3, PGS_L1, PGS_F32, "", "", 0});
    Meta &meta = meta_of(page);
    meta.part[0] = {meta.next_id++, meta.generation, 0, 0, 0, 0, 1, PartState::kOpen, 0, 0};
    meta.parts = 1;
    while (meta.extents < extents) {
        meta.extent[meta.extents++] = {meta.end_block, 5, 1};
        meta.part[0].extents++;
        meta.end_block += static_cast<uint32_t>(stride_blocks(meta.columns, 5));
    }
    finish_meta(page);
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
    if (wanted.lists != 0) {
        add_coded(meta_of(page), wanted.lists, {});
        finish_meta(page);
    }
}

}  // namespace pgslab
