// pgslab/index.h: the metapage; and growth, of pgslab/insert.h.
#include <cstring>

#include "format/layout.h"
#include "format/meta.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"

using namespace pgslab;

static_assert(PGS_L2 == static_cast<int>(Metric::kL2) &&
              PGS_INNER_PRODUCT == static_cast<int>(Metric::kInnerProduct));
static_assert(PGS_COSINE == static_cast<int>(Metric::kCosine) &&
              PGS_L1 == static_cast<int>(Metric::kL1));
static_assert(PGS_F16 == static_cast<int>(Storage::kF16) &&
              PGS_F32 == static_cast<int>(Storage::kF32));
static_assert(PGS_MAX_EMBEDDER + 1 == kEmbedderBytes);

void pgs_meta_init(void *page, const PgsOptions *options) {
    init_meta(as_page(page), *options);
}

PgsStatus pgs_meta_check(const void *page, PgsError *error) {
    return check_meta(as_page(page), error);
}

// A codebook without lists is no more than the index's shape, and has no identity on the metapage.
static uint64_t identity_of_codebook(const Meta &meta) {
    if (meta.codebook.lists != 0) {
        return meta.codebook.identity;
    }
    return uint64_t{meta.dims} | static_cast<uint64_t>(meta.metric) << 32 |
           static_cast<uint64_t>(meta.storage) << 40 | uint64_t{meta.refine_bits} << 48;
}

uint64_t pgs_meta_codebook(const void *meta_page) {
    return identity_of_codebook(meta_of(as_page(meta_page)));
}

void pgs_meta_info(const void *meta_page, PgsMetaInfo *info) {
    const Meta &meta = meta_of(as_page(meta_page));
    *info = {};
    info->format_version = meta.version;
    info->dims = meta.dims;
    info->metric = static_cast<PgsMetric>(meta.metric);
    info->storage = static_cast<PgsStorage>(meta.storage);
    std::memcpy(info->embedder, meta.embedder, sizeof info->embedder);
    info->revision = meta.revision;
    info->generation = meta.generation;
    info->end_block = meta.end_block;
    info->in_progress_blocks = meta.growing.blocks;
    for (uint32_t i = 0; i < meta.spares; i++) {
        info->spare_blocks += meta.spare[i].run.blocks;
    }
    info->code_bytes_written = meta.code_bytes_written;
    info->vector_bytes_written = meta.vector_bytes_written;
    info->item_bytes = item_bytes(meta);
    info->codebook_blocks = meta.codebook.run.blocks;
    info->lists = meta.codebook.lists;
    info->refine_bits = meta.refine_bits;
    info->codebook_identity = identity_of_codebook(meta);
    info->calibration_queries = meta.calibration.queries;
    info->segments = meta.segments;
    for (uint32_t i = 0; i < meta.segments; i++) {
        info->segment_blocks += meta.segment[i].directory_blocks + meta.segment[i].list_blocks;
    }
    for (uint32_t p = 0; p < meta.parts; p++) {
        info->sealed_parts += meta.part[p].state == PartState::kSealed ? 1 : 0;
        info->sealed_slots += meta.part[p].slots;
        info->counted_tombstones += meta.part[p].tombstones;
        info->coded_slots += meta.part[p].coded;
    }
    each_extent(meta, [&](const ExtentPlace &place) {
        info->record_blocks += record_blocks(place.extent.slots);
        info->slab_blocks += slab_blocks(place.extent.slots, info->item_bytes);
        info->refine_blocks += refine_blocks(place.extent.slots, slot_shape(meta).refine);
        info->open_capacity += place.open ? place.extent.slots : 0;
        return false;
    });
}

uint64_t pgs_meta_tombstones(const void *meta_page, uint32_t part) {
    return meta_of(as_page(meta_page)).part[part].tombstones;
}

void pgs_meta_set_tombstones(void *meta_page, uint32_t part, uint64_t tombstones) {
    Page &page = as_page(meta_page);
    meta_of(page).part[part].tombstones = tombstones;
    seal_meta(page);
}

PgsStatus pgs_growth_reserve(void *meta_page, PgsGrowth *growth, PgsError *error) {
    return reserve_growth(as_page(meta_page), *growth, error);
}

void pgs_growth_format(const PgsGrowth *growth, uint32_t i, void *page) {
    PageKind kind = PageKind::kRecord;
    uint32_t sequence = growth->record_sequence + i;
    const uint32_t slab = growth->record_blocks + growth->refine_blocks;
    if (i >= slab) {
        kind = PageKind::kSlab;
        sequence = growth->slab_sequence + i - slab;
    } else if (i >= growth->record_blocks) {
        kind = PageKind::kRefine;
        sequence = growth->refine_sequence + i - growth->record_blocks;
    }
    format_page(as_page(page), kind, growth->part, growth->generation, sequence);
}

PgsStatus pgs_growth_publish(void *meta_page, const PgsGrowth *growth, PgsError *error) {
    return publish_growth(as_page(meta_page), *growth, error);
}

PgsRole pgs_block_role(const void *meta_page, uint32_t block) {
    const Meta &meta = meta_of(as_page(meta_page));
    auto within = [block](uint32_t first, uint32_t blocks) {
        return block >= first && block - first < blocks;
    };
    if (block == kMetaBlock) {
        return PGS_ROLE_META;
    }
    if (within(meta.growing.block, meta.growing.blocks)) {
        return PGS_ROLE_IN_PROGRESS;
    }
    if (within(meta.codebook.run.block, meta.codebook.run.blocks)) {
        return PGS_ROLE_CODEBOOK;
    }
    for (uint32_t i = 0; i < meta.segments; i++) {
        const Segment &segment = meta.segment[i];
        if (within(segment.block, segment.directory_blocks)) {
            return PGS_ROLE_DIRECTORY;
        }
        if (within(segment.block + segment.directory_blocks, segment.list_blocks)) {
            return PGS_ROLE_LIST;
        }
    }
    for (uint32_t i = 0; i < meta.spares; i++) {
        if (within(meta.spare[i].run.block, meta.spare[i].run.blocks)) {
            return PGS_ROLE_SPARE;
        }
    }
    const SlotShape shape = slot_shape(meta);
    PgsRole role = PGS_ROLE_BEYOND;
    each_extent(meta, [&](const ExtentPlace &place) {
        const Extent &extent = place.extent;
        if (within(extent.record_block, record_blocks(extent.slots))) {
            role = PGS_ROLE_RECORD;
        } else if (within(extent.slab_block, slab_blocks(extent.slots, shape.item))) {
            role = PGS_ROLE_SLAB;
        } else if (within(extent.refine_block, refine_blocks(extent.slots, shape.refine))) {
            role = PGS_ROLE_REFINE;
        }
        return role != PGS_ROLE_BEYOND;
    });
    return role;
}
