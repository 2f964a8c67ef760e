// Manifests made up for what decides by them alone.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "format/layout.h"
#include "pgslab/maintain.h"

namespace pgslab {

constexpr PgsPolicy policy_of(uint32_t seal_rows, double dead_share = 0.2, uint32_t dead_bytes = 0,
                              uint32_t lists = 0) {
    PgsPolicy policy = {};
    policy.seal_rows = seal_rows;
    policy.dead_share = dead_share;
    policy.dead_bytes = dead_bytes;
    policy.lists = lists;
    return policy;
}
inline constexpr PgsPolicy kPolicy = policy_of(0);
inline constexpr uint32_t kCodebook = 3;

// One open part, no segment.
inline Meta empty_index() {
    Meta meta = {};
    meta.dims = 768;
    meta.metric = Metric::kL2;
    meta.storage = Storage::kF16;
    meta.code_bits = 1;
    meta.refine_bits = 4;
    meta.codebook.id = kCodebook;
    meta.codebook.lists = 100;
    meta.calibration.rows = 1000;
    meta.parts = 1;
    meta.part[0] = {7, PartState::kOpen, 1, 1, 0, 0, 0, kCodebook, 0};
    meta.extents = 1;
    return meta;
}

// So many slots, all of them in segments.
inline Part sealed_part(uint32_t id, uint64_t slots) {
    return {id, PartState::kSealed, 1, 1, slots, 0, slots, kCodebook, 0};
}

// Two sealed parts and an open one, each too large to be put together with others.
inline Meta three_parts() {
    Meta meta = empty_index();
    meta.parts = 3;
    meta.part[2] = meta.part[0];
    meta.part[0] = sealed_part(2, 10'000);
    meta.part[1] = sealed_part(4, 10'000);
    meta.extents = 3;
    return meta;
}

// The same behind free runs of so many blocks, with a block in use after each: the open part first,
// each part in one extent.
inline Meta with_free_runs(const std::vector<uint32_t> &lengths) {
    Meta meta = three_parts();
    const SlotShape shape = slot_shape(meta);
    uint32_t block = 1;
    for (const uint32_t length : lengths) {
        meta.spare[meta.spares++] = {{block, length}, kFree};
        block += length + 1;
    }
    for (const uint32_t p : {2u, 1u, 0u}) {
        const uint32_t refine = block + record_blocks(10'000);
        const uint32_t slab = refine + refine_blocks(10'000, shape.refine);
        meta.extent[p] = {block, slab, refine, 10'000};
        block += static_cast<uint32_t>(extent_blocks(10'000, shape));
    }
    meta.end_block = block;
    return meta;
}

}  // namespace pgslab
