// Manifests made up for what decides by them alone.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "ivf/meta.h"
#include "pgslab/maintain.h"

namespace pgslab {

constexpr PgsPolicy policy_of(uint32_t flush_rows, double dead_share = 0.2, uint32_t dead_bytes = 0,
                              uint32_t lists = 0) {
    PgsPolicy policy = {};
    policy.flush_rows = flush_rows;
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
    Vectors &vectors = vectors_of(meta);
    vectors.dims = 768;
    vectors.metric = Metric::kL2;
    vectors.storage = Storage::kF16;
    vectors.code_bits = 1;
    vectors.refine_bits = 4;
    vectors.lists = 100;
    vectors.calibration.rows = 1000;
    meta.columns = columns_of(vectors);
    meta.dictionary.id = kCodebook;
    meta.parts = 1;
    meta.part[0] = {7, 1, 0, 0, 0, kCodebook, 1, PartState::kOpen, 1, 0};
    meta.extents = 1;
    return meta;
}

// So many slots, all of them in segments.
inline Part sealed_part(uint32_t id, uint64_t slots) {
    return {id, 1, slots, 0, slots, kCodebook, static_cast<uint16_t>(id), PartState::kSealed, 1, 0};
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
    uint32_t block = 1;
    for (const uint32_t length : lengths) {
        meta.spare[meta.spares++] = {{block, length}, kFree};
        block += length + 1;
    }
    for (const uint32_t p : {2u, 1u, 0u}) {
        meta.extent[p] = {block, 10'000, 1};
        block += static_cast<uint32_t>(stride_blocks(meta.columns, 10'000));
    }
    meta.end_block = block;
    return meta;
}

}  // namespace pgslab
