#include "format/meta.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

#include "base/error.h"
#include "format/free_space.h"

namespace pgslab {

namespace {

// An id nothing gets, so that there is always one that comes after.
constexpr uint32_t kLastId = kMaxPartId;

// Of a segment.
constexpr uint64_t kMostRows = 0xFFFFFFFF;

// Of a part, for make_address().
constexpr uint64_t kMostSlots = uint64_t{1} << kAddressSlotBits;

bool is_metric(Metric metric) noexcept {
    return metric >= Metric::kL2 && metric <= Metric::kL1;
}

bool is_storage(Storage storage) noexcept {
    return storage == Storage::kF16 || storage == Storage::kF32;
}

// One bit, then four, eight or none; or no codes at all.
bool bits_are_possible(const Meta &meta) noexcept {
    if (meta.code_bits == 0) {
        return meta.refine_bits == 0;
    }
    return meta.code_bits == 1 && meta.metric != Metric::kL1 &&
           (meta.refine_bits == 0 || meta.refine_bits == 4 || meta.refine_bits == 8) &&
           meta.dims <= most_dims(meta.refine_bits);
}

// The scalar fields, before anything is read through them.
PgsStatus check_fields(const Meta &meta, PgsError *error) noexcept {
    if (meta.dims < 1 || meta.dims > PGS_MAX_DIMS) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the metapage says %u dimensions", meta.dims);
    }
    if (!is_metric(meta.metric) || !is_storage(meta.storage) || !bits_are_possible(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage says metric %u, storage %u, code bits %u and %u",
                    static_cast<unsigned>(meta.metric), static_cast<unsigned>(meta.storage),
                    meta.code_bits, meta.refine_bits);
    }
    if (meta.generation == 0 || meta.next_id == 0 || meta.next_id > kLastId) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the metapage says generation %llu, next id %u",
                    static_cast<unsigned long long>(meta.generation), meta.next_id);
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

// The extent's runs lie inside the index and apart from one another.
bool extent_is_possible(const Extent &extent, const Meta &meta) noexcept {
    const SlotShape shape = slot_shape(meta);
    // First in integers that hold any extent's blocks.
    if (extent_blocks(extent.slots, shape) >= meta.end_block) {
        return false;
    }
    const Run runs[] = {{extent.record_block, record_blocks(extent.slots)},
                        {extent.slab_block, slab_blocks(extent.slots, shape.item)},
                        {extent.refine_block, refine_blocks(extent.slots, shape.refine)}};
    const int count = shape.refine == 0 ? 2 : 3;
    for (int i = 0; i < count; i++) {
        if (!run_is_inside(runs[i].block, runs[i].blocks, meta)) {
            return false;
        }
        for (int j = 0; j < i; j++) {
            if (overlap(runs[i].block, runs[i].blocks, runs[j].block, runs[j].blocks)) {
                return false;
            }
        }
    }
    return shape.refine != 0 || extent.refine_block == 0;
}

// There is a codebook exactly where there are codes, of the size its lists need.
bool codebook_is_possible(const Meta &meta) noexcept {
    const CodebookRef &ref = meta.codebook;
    if (meta.code_bits == 0) {
        return ref.id == 0 && ref.run.blocks == 0 && ref.lists == 0;
    }
    return ref.id != 0 && ref.id < meta.next_id && ref.lists > 0 && ref.lists <= kMaxLists &&
           ref.generation > 0 && ref.generation <= meta.generation &&
           run_is_inside(ref.run.block, ref.run.blocks, meta) &&
           codebook_blocks(meta.dims, ref.lists) == ref.run.blocks;
}

bool segment_is_possible(const Segment &segment, const Meta &meta) noexcept {
    const uint64_t blocks = uint64_t{segment.directory_blocks} + segment.list_blocks;
    return meta.code_bits == 1 && segment.id != 0 && segment.id < meta.next_id &&
           segment.generation > 0 && segment.generation <= meta.generation &&
           segment.directory_blocks == directory_blocks(meta.codebook.lists) && segment.rows > 0 &&
           segment.rows <= kMostRows &&
           segment.list_blocks == list_blocks(meta.dims, segment.rows) &&
           run_is_inside(segment.block, blocks, meta);
}

// It lies inside the index, has room for a slot, and no block that its slots do not need.
bool growing_is_possible(const Meta &meta) noexcept {
    const Run &run = meta.growing;
    const SlotShape shape = slot_shape(meta);
    const uint32_t slots = slots_fitting(run.blocks, shape);
    return run_is_inside(run.block, run.blocks, meta) && slots > 0 &&
           extent_blocks(slots, shape) == run.blocks;
}

// Everything the metapage says is on blocks. Adding up to the index's end is necessary for every
// block to have one owner; slab_check() also looks that no two owners overlap.
PgsStatus check_blocks(const Meta &meta, PgsError *error) noexcept {
    uint64_t blocks = 1;
    if (!codebook_is_possible(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the codebook is impossible");
    }
    blocks += meta.codebook.run.blocks;
    for (uint32_t i = 0; i < meta.segments; i++) {
        if (!segment_is_possible(meta.segment[i], meta)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "segment number %u is impossible", i);
        }
        blocks += uint64_t{meta.segment[i].directory_blocks} + meta.segment[i].list_blocks;
    }
    for (uint32_t e = 0; e < meta.extents; e++) {
        if (!extent_is_possible(meta.extent[e], meta)) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "extent %u of the manifest lies outside the index", e);
        }
        blocks += extent_blocks(meta.extent[e].slots, slot_shape(meta));
    }
    if (meta.growing.blocks != 0 && !growing_is_possible(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the growing extent is impossible");
    }
    blocks += meta.growing.blocks;
    for (uint32_t i = 0; i < meta.spares; i++) {
        const Run &run = meta.spare[i].run;
        if (!run_is_inside(run.block, run.blocks, meta)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "spare run number %u is impossible", i);
        }
        blocks += run.blocks;
    }
    if (blocks != meta.end_block) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the manifest names %llu blocks of %u",
                    static_cast<unsigned long long>(blocks), meta.end_block);
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
        if (!state_is_right || part.id == 0 || part.id >= meta.next_id || part.extents == 0 ||
            part.slots > capacity || capacity > kMostSlots || part.tombstones > capacity ||
            part.coded > (part.state == PartState::kOpen ? capacity : part.slots) ||
            (part.codebook != meta.codebook.id && part.coded != 0) || part.generation == 0 ||
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

// Parts, segments and the codebook take their ids from one counter.
PgsStatus check_ids(const Meta &meta, PgsError *error) noexcept {
    uint32_t ids[kMaxParts + kMaxSegments + 1];
    uint32_t count = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        ids[count++] = meta.part[p].id;
    }
    for (uint32_t i = 0; i < meta.segments; i++) {
        ids[count++] = meta.segment[i].id;
    }
    ids[count++] = meta.codebook.id;
    std::sort(ids, ids + count);
    const uint32_t *twice = std::adjacent_find(ids, ids + count);
    if (twice != ids + count) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the manifest has id %u twice", *twice);
    }
    return PGS_OK;
}

// In comparisons that NaN fails.
bool level_is_possible(const Level &level) noexcept {
    constexpr float kMostWork = 0x1p48f;  // more than there can be of anything
    const float work[] = {level.lists, level.codes, level.refined, level.exact};
    return level.recall >= 0 && level.recall <= 1 && std::isfinite(level.reach) &&
           level.deviations >= 0 && std::isfinite(level.deviations) &&
           std::all_of(std::begin(work), std::end(work),
                       [](float w) { return w >= 0 && w <= kMostWork; });
}

PgsStatus check_calibration(const Meta &meta, PgsError *error) noexcept {
    for (uint32_t i = 0; i < kLevels; i++) {
        const Level &level = meta.calibration.level[i];
        if (!level_is_possible(level) ||
            (i > 0 && level.recall < meta.calibration.level[i - 1].recall)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "level %u of the calibration is impossible",
                        i);
        }
    }
    return PGS_OK;
}

PgsStatus check_spread(const Meta &meta, PgsError *error) noexcept {
    for (const Spread &spread : {meta.trained, meta.coded}) {
        if (!std::isfinite(spread.sum) || !(spread.sum >= 0)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "the spread of lists is impossible");
        }
    }
    return PGS_OK;
}

uint32_t meta_bytes(const Meta &meta) noexcept {
    return static_cast<uint32_t>(offsetof(Meta, extent) + meta.extents * sizeof(Extent));
}

uint64_t open_part_blocks(const Meta &meta) noexcept {
    uint64_t blocks = 0;
    each_open_extent(meta, [&](const ExtentPlace &place) {
        blocks += extent_blocks(place.extent.slots, slot_shape(meta));
        return false;
    });
    return blocks;
}

// Everything about the growth that follows from its blocks and from the manifest before it is
// published.
void describe_growth(const Meta &meta, PgsGrowth &growth) noexcept {
    const SlotShape shape = slot_shape(meta);
    growth = {};
    growth.first_block = meta.growing.block;
    growth.blocks = meta.growing.blocks;
    growth.slots = slots_fitting(growth.blocks, shape);
    growth.record_blocks = record_blocks(growth.slots);
    growth.refine_blocks = refine_blocks(growth.slots, shape.refine);
    const Part *open = open_part(meta);
    growth.part = open != nullptr ? open->id : meta.next_id;
    growth.generation = open != nullptr ? open->generation : meta.generation;
    each_open_extent(meta, [&](const ExtentPlace &place) {
        growth.record_sequence += record_blocks(place.extent.slots);
        growth.slab_sequence += slab_blocks(place.extent.slots, shape.item);
        growth.refine_sequence += refine_blocks(place.extent.slots, shape.refine);
        return false;
    });
}

// Takes a run of about so many blocks for growing, a free one if it is not much smaller; and no
// more of it than its slots need.
bool take_growing(Meta &meta, uint32_t blocks) noexcept {
    const SlotShape shape = slot_shape(meta);
    const uint32_t least = std::max(growth_blocks(0, 0, 0, shape), blocks / 4);
    meta.growing = take_free_run(meta, least, blocks);
    if (meta.growing.blocks == 0) {
        return take_run(meta, blocks, meta.growing);
    }
    const auto needed =
        static_cast<uint32_t>(extent_blocks(slots_fitting(meta.growing.blocks, shape), shape));
    const Run rest = {meta.growing.block + needed, meta.growing.blocks - needed};
    meta.growing.blocks = needed;
    return add_spare(meta, rest, kFree);
}

void set_shape(Meta &meta, const PgsOptions &options) noexcept {
    meta.dims = static_cast<uint16_t>(options.dims);
    meta.metric = static_cast<Metric>(options.metric);
    meta.storage = static_cast<Storage>(options.storage);
    meta.code_bits = options.metric == PGS_L1 ? 0 : 1;
    meta.refine_bits = static_cast<uint8_t>(meta.code_bits == 0 ? 0 : options.refine_bits);
}

}  // namespace

bool is_possible(const PgsOptions &options) noexcept {
    if (options.dims < 1 || options.dims > PGS_MAX_DIMS ||
        std::strlen(options.embedder) > PGS_MAX_EMBEDDER) {
        return false;
    }
    Meta meta = {};
    set_shape(meta, options);
    const bool bits_fit = options.metric == PGS_L1 || options.refine_bits == meta.refine_bits;
    return bits_fit && is_metric(meta.metric) && is_storage(meta.storage) &&
           bits_are_possible(meta);
}

void init_meta(Page &page, const PgsOptions &options) noexcept {
    format_page(page, PageKind::kMeta, 0, 0, 0);
    Meta &meta = meta_of(page);
    meta.magic = kMetaMagic;
    meta.version = kFormatVersion;
    set_shape(meta, options);
    meta.revision = options.revision;
    meta.generation = 1;
    meta.end_block = kMetaBlock + 1;
    meta.next_id = 1;
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
    if (PgsStatus status = verify_page(page, {kMetaBlock, PageKind::kMeta, 0, 0, 0}, error)) {
        return status;
    }
    if (meta.parts > kMaxParts || meta.extents > kMaxExtents || meta.segments > kMaxSegments ||
        meta.spares > kMaxSpares || used_bytes(page) != meta_bytes(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage has %u parts, %u extents and %u bytes", meta.parts, meta.extents,
                    used_bytes(page));
    }
    if (PgsStatus status = check_fields(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_blocks(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_parts(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_ids(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_spread(meta, error)) {
        return status;
    }
    return check_calibration(meta, error);
}

PgsStatus reserve_growth(Page &page, PgsGrowth &growth, PgsError *error) noexcept {
    Meta &meta = meta_of(page);
    const bool has_part =
        open_part(meta) != nullptr || (meta.parts < kMaxParts && meta.next_id < kLastId);
    if (!has_part || meta.extents == kMaxExtents) {
        return fail(error, PGS_FULL, kMetaBlock, "the index has %u parts, %u extents and %u blocks",
                    meta.parts, meta.extents, meta.end_block);
    }
    if (meta.growing.blocks == 0) {
        const uint32_t blocks =
            growth_blocks(open_part_blocks(meta), meta.end_block, meta.extents, slot_shape(meta));
        if (!take_growing(meta, blocks)) {
            return fail(error, PGS_TOO_LARGE, kMetaBlock, "%u blocks more than the %u it has",
                        blocks, meta.end_block);
        }
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
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK,
                    "the growing extent is not the one that was reserved");
    }
    if (open_part(meta) == nullptr) {
        meta.part[meta.parts++] = {growth.part, PartState::kOpen, 0, growth.generation, 0, 0,
                                   0,           meta.codebook.id, 0};
        meta.next_id = growth.part + 1;
    }
    meta.part[meta.parts - 1].extents++;
    const uint32_t refine = growth.first_block + growth.record_blocks;
    meta.extent[meta.extents++] = {growth.first_block, refine + growth.refine_blocks,
                                   growth.refine_blocks == 0 ? 0 : refine, growth.slots};
    meta.growing = {};
    seal_meta(page);
    return PGS_OK;
}

void set_codebook(Page &page, uint32_t lists, uint64_t identity) noexcept {
    Meta &meta = meta_of(page);
    const uint32_t blocks = codebook_blocks(meta.dims, lists);
    meta.codebook = {meta.next_id++, lists, {meta.end_block, blocks}, identity, meta.generation};
    meta.end_block += blocks;
    seal_meta(page);
}

void add_sealed_part(Page &page, const Extent &extent) noexcept {
    Meta &meta = meta_of(page);
    meta.part[meta.parts++] = {meta.next_id++,  PartState::kSealed, 1,
                               meta.generation, extent.slots,       0,
                               extent.slots,    meta.codebook.id,   0};
    meta.extent[meta.extents++] = extent;
    meta.end_block += static_cast<uint32_t>(extent_blocks(extent.slots, slot_shape(meta)));
    seal_meta(page);
}

void add_segment(Page &page, uint64_t rows) noexcept {
    Meta &meta = meta_of(page);
    const uint32_t directory = directory_blocks(meta.codebook.lists);
    const uint32_t lists = list_blocks(meta.dims, rows);
    meta.segment[meta.segments++] = {meta.next_id++, meta.end_block,  directory,
                                     lists,          meta.generation, rows};
    meta.end_block += directory + lists;
    seal_meta(page);
}

void set_spread(Page &page, const Spread &spread) noexcept {
    meta_of(page).trained = spread;
    seal_meta(page);
}

void set_calibration(Page &page, const Calibration &calibration) noexcept {
    Meta &meta = meta_of(page);
    meta.calibration = calibration;
    meta.calibrated = meta.coded.rows;
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

PageIdentity refine_identity(const ExtentPlace &place, uint32_t i) noexcept {
    return {place.extent.refine_block + i, PageKind::kRefine, place.part->id,
            place.part->generation, place.refine_sequence + i};
}

PageIdentity codebook_identity(const Meta &meta, uint32_t i) noexcept {
    const CodebookRef &ref = meta.codebook;
    return {ref.run.block + i, PageKind::kCodebook, ref.id, ref.generation, i};
}

PageIdentity directory_identity(const Segment &segment, uint32_t i) noexcept {
    return {segment.block + i, PageKind::kDirectory, segment.id, segment.generation, i};
}

PageIdentity list_identity(const Segment &segment, uint32_t i) noexcept {
    return {segment.block + segment.directory_blocks + i, PageKind::kList, segment.id,
            segment.generation, i};
}

}  // namespace pgslab
