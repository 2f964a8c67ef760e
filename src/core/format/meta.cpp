#include "format/meta.h"

#include <cstring>
#include <limits>

#include "base/error.h"

namespace pgslab {

namespace {

// An id no part gets, so that there is always one that comes after.
constexpr uint32_t kLastPart = std::numeric_limits<uint32_t>::max();

bool is_metric(Metric metric) noexcept {
    return metric >= Metric::kL2 && metric <= Metric::kL1;
}

bool is_storage(Storage storage) noexcept {
    return storage == Storage::kF16 || storage == Storage::kF32;
}

// The scalar fields, before anything is read through them.
PgsStatus check_fields(const Meta &meta, PgsError *error) noexcept {
    if (meta.dims < 1 || meta.dims > PGS_MAX_DIMS) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the metapage says %u dimensions", meta.dims);
    }
    if (!is_metric(meta.metric) || !is_storage(meta.storage) || meta.code_bits != 0) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage says metric %u, storage %u, code bits %u",
                    static_cast<unsigned>(meta.metric), static_cast<unsigned>(meta.storage),
                    meta.code_bits);
    }
    if (meta.generation == 0 || meta.next_part == 0) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the metapage says generation %llu, part %u",
                    static_cast<unsigned long long>(meta.generation), meta.next_part);
    }
    if (meta.embedder[kEmbedderBytes - 1] != '\0') {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the metapage's embedder name has no end");
    }
    return PGS_OK;
}

bool run_is_inside(uint64_t block, uint64_t blocks, const Meta &meta) noexcept {
    return block > kMetaBlock && blocks > 0 && block + blocks <= meta.end_block;
}

bool overlap(uint64_t block_a, uint64_t blocks_a, uint64_t block_b, uint64_t blocks_b) noexcept {
    return block_a < block_b + blocks_b && block_b < block_a + blocks_a;
}

// The runs of an extent: its records and its slab.
struct ExtentRuns {
    Run records;
    Run slab;
};

ExtentRuns runs_of(const Extent &extent, uint32_t item) noexcept {
    return {{extent.record_block, record_blocks(extent.slots)},
            {extent.slab_block, slab_blocks(extent.slots, item)}};
}

// It lies inside the index, has room for a slot, and no block that its slots do not need.
bool growing_is_possible(const Meta &meta) noexcept {
    const Run &run = meta.growing;
    const uint32_t item = item_bytes(meta);
    const uint32_t slots = slots_fitting(run.blocks, item);
    return run_is_inside(run.block, run.blocks, meta) && slots > 0 &&
           extent_blocks(slots, item) == run.blocks;
}

PgsStatus check_extents(const Meta &meta, PgsError *error) noexcept {
    const uint32_t item = item_bytes(meta);
    uint64_t blocks = 1;
    for (uint32_t e = 0; e < meta.extents; e++) {
        // First in integers that hold any extent's blocks.
        const bool fits = extent_blocks(meta.extent[e].slots, item) < meta.end_block;
        const ExtentRuns runs = runs_of(meta.extent[e], item);
        if (!fits || !run_is_inside(runs.records.block, runs.records.blocks, meta) ||
            !run_is_inside(runs.slab.block, runs.slab.blocks, meta) ||
            overlap(runs.records.block, runs.records.blocks, runs.slab.block, runs.slab.blocks)) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "extent %u of the manifest lies outside the index", e);
        }
        blocks += runs.records.blocks + runs.slab.blocks;
    }
    if (meta.growing.blocks != 0 && !growing_is_possible(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the growing extent is impossible");
    }
    // Necessary for every block to have one owner; slab_check() also looks that no two extents
    // overlap.
    if (blocks + meta.growing.blocks != meta.end_block) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the manifest names %llu blocks of %u",
                    static_cast<unsigned long long>(blocks + meta.growing.blocks), meta.end_block);
    }
    return PGS_OK;
}

PgsStatus check_parts(const Meta &meta, PgsError *error) noexcept {
    uint32_t extents = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        const Part &part = meta.part[p];
        uint64_t capacity = 0;
        for (uint32_t e = 0; e < part.extents && extents + e < meta.extents; e++) {
            capacity += meta.extent[extents + e].slots;
        }
        extents += part.extents;
        const bool last = p + 1 == meta.parts;
        const bool state_is_right =
            part.state == PartState::kSealed || (part.state == PartState::kOpen && last);
        if (!state_is_right || part.id == 0 || part.id >= meta.next_part || part.extents == 0 ||
            part.slots > capacity || part.tombstones > capacity || part.generation == 0 ||
            part.generation > meta.generation) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "part number %u of the manifest is impossible", p);
        }
    }
    if (extents != meta.extents) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the manifest's parts have %u extents of %u",
                    extents, meta.extents);
    }
    return PGS_OK;
}

uint32_t meta_bytes(const Meta &meta) noexcept {
    return static_cast<uint32_t>(offsetof(Meta, extent) + meta.extents * sizeof(Extent));
}

uint64_t open_part_blocks(const Meta &meta) noexcept {
    uint64_t blocks = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        if (place.open) {
            blocks += record_blocks(place.extent.slots) +
                      slab_blocks(place.extent.slots, item_bytes(meta));
        }
        return false;
    });
    return blocks;
}

// Everything about the growth that follows from its blocks and from the manifest before it is
// published.
void describe_growth(const Meta &meta, PgsGrowth &growth) noexcept {
    growth = {};
    growth.first_block = meta.growing.block;
    growth.blocks = meta.growing.blocks;
    growth.slots = slots_fitting(growth.blocks, item_bytes(meta));
    growth.record_blocks = record_blocks(growth.slots);
    const Part *open = open_part(meta);
    growth.part = open != nullptr ? open->id : meta.next_part;
    growth.generation = open != nullptr ? open->generation : meta.generation;
    each_extent(meta, [&](const ExtentPlace &place) {
        if (place.open) {
            growth.record_sequence += record_blocks(place.extent.slots);
            growth.slab_sequence += slab_blocks(place.extent.slots, item_bytes(meta));
        }
        return false;
    });
}

}  // namespace

void init_meta(Page &page, const PgsOptions &options) noexcept {
    format_page(page, PageKind::kMeta, 0, 0, 0);
    Meta &meta = meta_of(page);
    meta.magic = kMetaMagic;
    meta.version = kFormatVersion;
    meta.dims = static_cast<uint16_t>(options.dims);
    meta.metric = static_cast<Metric>(options.metric);
    meta.storage = static_cast<Storage>(options.storage);
    meta.revision = options.revision;
    meta.generation = 1;
    meta.end_block = kMetaBlock + 1;
    meta.next_part = 1;
    std::strncpy(meta.embedder, options.embedder, kEmbedderBytes - 1);
    seal_meta(page);
}

void seal_meta(Page &page) noexcept {
    page.server.lower = static_cast<uint16_t>(kPayloadOffset + meta_bytes(meta_of(page)));
    page.slab.checksum = page_checksum(page);
}

PgsStatus check_meta(const Page &page, PgsError *error) noexcept {
    const Meta &meta = meta_of(page);
    if (page.slab.kind != PageKind::kMeta || meta.magic != kMetaMagic) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    is_blank(page) ? "the metapage is all zeros" : "not a slab metapage");
    }
    // Before anything whose meaning may depend on the version, the checksum included.
    if (page.slab.version != kFormatVersion || meta.version != kFormatVersion) {
        return fail(error, PGS_UNSUPPORTED, kMetaBlock,
                    "the index has format version %u, this library reads version %u", meta.version,
                    kFormatVersion);
    }
    if (PgsStatus status = check_page(page, {kMetaBlock, PageKind::kMeta, 0, 0, 0}, true, error)) {
        return status;
    }
    if (meta.parts > kMaxParts || meta.extents > kMaxExtents ||
        used_bytes(page) != meta_bytes(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage has %u parts, %u extents and %u bytes", meta.parts, meta.extents,
                    used_bytes(page));
    }
    if (PgsStatus status = check_fields(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_extents(meta, error)) {
        return status;
    }
    return check_parts(meta, error);
}

PgsStatus reserve_growth(Page &page, PgsGrowth &growth, PgsError *error) noexcept {
    Meta &meta = meta_of(page);
    const bool has_part =
        open_part(meta) != nullptr || (meta.parts < kMaxParts && meta.next_part < kLastPart);
    const uint32_t blocks =
        meta.growing.blocks != 0
            ? 0
            : growth_blocks(open_part_blocks(meta), meta.extents, item_bytes(meta));
    if (!has_part || meta.extents == kMaxExtents ||
        uint64_t{meta.end_block} + blocks > kMaxBlocks) {
        return fail(error, PGS_FULL, kMetaBlock, "the index has %u parts, %u extents and %u blocks",
                    meta.parts, meta.extents, meta.end_block);
    }
    if (meta.growing.blocks == 0) {
        meta.growing = {meta.end_block, blocks};
        meta.end_block += blocks;
        seal_meta(page);
    }
    describe_growth(meta, growth);
    return PGS_OK;
}

PgsStatus publish_growth(Page &page, const PgsGrowth &growth, PgsError *error) noexcept {
    Meta &meta = meta_of(page);
    PgsGrowth now;
    describe_growth(meta, now);
    if (std::memcmp(&now, &growth, sizeof now) != 0) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the growing extent is not the one that was reserved");
    }
    if (open_part(meta) == nullptr) {
        meta.part[meta.parts++] = {growth.part, PartState::kOpen, 0, growth.generation, 0, 0};
        meta.next_part = growth.part + 1;
    }
    meta.part[meta.parts - 1].extents++;
    meta.extent[meta.extents++] = {growth.first_block, growth.first_block + growth.record_blocks,
                                   growth.slots};
    meta.growing = {};
    seal_meta(page);
    return PGS_OK;
}

void add_sealed_part(Page &page, const Extent &extent) noexcept {
    Meta &meta = meta_of(page);
    meta.part[meta.parts++] = {meta.next_part++, PartState::kSealed, 1,
                               meta.generation,  extent.slots,       0};
    meta.extent[meta.extents++] = extent;
    meta.end_block += record_blocks(extent.slots) + slab_blocks(extent.slots, item_bytes(meta));
    seal_meta(page);
}

PageIdentity record_identity(const ExtentPlace &place, uint32_t i) noexcept {
    return {place.extent.record_block + i, PageKind::kRecord, place.part->id,
            place.part->generation, place.record_sequence + i};
}

PageIdentity slab_identity(const ExtentPlace &place, uint32_t i) noexcept {
    return {place.extent.slab_block + i, PageKind::kSlab, place.part->id, place.part->generation,
            place.slab_sequence + i};
}

}  // namespace pgslab
