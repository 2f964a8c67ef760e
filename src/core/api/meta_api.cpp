// pgslab/index.h: the metapage; and growth, of pgslab/insert.h.
#include <cstring>

#include "api/kind.h"
#include "api/page_kinds.h"
#include "inverted/meta.h"
#include "ivf/meta.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"
#include "store/free_space.h"
#include "store/growth.h"
#include "store/layout.h"
#include "store/manifest.h"

using namespace pgslab;

static_assert(PGS_L2 == static_cast<int>(Metric::kL2) &&
              PGS_INNER_PRODUCT == static_cast<int>(Metric::kInnerProduct));
static_assert(PGS_COSINE == static_cast<int>(Metric::kCosine) &&
              PGS_L1 == static_cast<int>(Metric::kL1));
static_assert(PGS_HAMMING == static_cast<int>(Metric::kHamming) &&
              PGS_JACCARD == static_cast<int>(Metric::kJaccard));
static_assert(PGS_F16 == static_cast<int>(Storage::kF16) &&
              PGS_F32 == static_cast<int>(Storage::kF32) &&
              PGS_I8 == static_cast<int>(Storage::kI8) &&
              PGS_BITS == static_cast<int>(Storage::kBits));
static_assert(PGS_MAX_TEXT + 1 == kTextBytes);

void pgs_meta_init(void *page, const PgsOptions *options) {
    init_meta(as_page(page), *options);
}

int pgs_auto_refine_bits(int dims) {
    // A stored vector of few dimensions is as quickly compared as its code.
    constexpr int kFewDims = 32;
    return dims <= kFewDims ? 0 : 4;
}

int pgs_most_dims(int refine_bits) {
    return static_cast<int>(
        std::min<uint32_t>(most_dims(static_cast<uint32_t>(refine_bits)), PGS_MAX_DIMS));
}

PgsStatus pgs_meta_check(const void *page, PgsError *error) {
    return is_inverted(meta_of(as_page(page))) ? inverted::check_inverted(as_page(page), error)
                                               : check_meta(as_page(page), error);
}

// A codebook without lists is no more than the index's shape, and has no identity on the metapage.
static uint64_t identity_of_codebook(const Meta &meta) {
    const Vectors &vectors = vectors_of(meta);
    if (vectors.lists != 0) {
        return meta.dictionary.identity;
    }
    const uint64_t of_vectors =
        uint64_t{vectors.dims} | static_cast<uint64_t>(vectors.metric) << 32 |
        static_cast<uint64_t>(vectors.storage) << 40 | uint64_t{vectors.refine_bits} << 48;
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
    uint64_t keys;
    std::memcpy(&keys, vectors.keys.data(), sizeof keys);
    return of_vectors ^ keys * kOdd;
}

uint64_t pgs_meta_codebook(const void *meta_page) {
    const Meta &meta = meta_of(as_page(meta_page));
    return is_inverted(meta) ? 0 : identity_of_codebook(meta);
}

// What only an index of vectors has.
static void describe_vectors(const Meta &meta, PgsMetaInfo *info) {
    const Vectors &vectors = vectors_of(meta);
    info->dims = vectors.dims;
    info->metric = static_cast<PgsMetric>(vectors.metric);
    info->storage = static_cast<PgsStorage>(vectors.storage);
    info->item_bytes = meta.columns.column[kSlabColumn].item;
    info->codebook_blocks = meta.dictionary.run.blocks;
    info->lists = vectors.lists;
    info->refine_bits = vectors.refine_bits;
    info->prefix_dims = static_cast<int>(vectors.prefix * kPrefixUnit);
    info->signs = vectors.element == Element::kSigns;
    info->keys = key_columns(vectors.keys);
    info->codebook_identity = identity_of_codebook(meta);
    info->calibration_queries = vectors.calibration.queries;
}

// What only an index of documents has.
static void describe_documents(const Meta &meta, PgsMetaInfo *info) {
    const inverted::Inverted &index = inverted::inverted_of(meta);
    info->inverted = true;
    info->weights = static_cast<int>(index.weights);
    info->dims = static_cast<int>(index.dims);
    info->k1 = index.k1;
    info->b = index.b;
    info->keys = key_columns(index.keys);
}

void pgs_meta_info(const void *meta_page, PgsMetaInfo *info) {
    const Meta &meta = meta_of(as_page(meta_page));
    *info = {};
    is_inverted(meta) ? describe_documents(meta, info) : describe_vectors(meta, info);
    info->format_version = meta.version;
    std::memcpy(info->embedder, meta.embedder, sizeof info->embedder);
    std::memcpy(info->revision, meta.revision, sizeof info->revision);
    info->generation = meta.generation;
    info->end_block = meta.end_block;
    info->formatted_end = formatted_end(meta);
    info->in_progress_blocks = meta.growth.run.blocks;
    for (uint32_t i = 0; i < meta.spares; i++) {
        info->spare_blocks += meta.spare[i].run.blocks;
    }
    info->code_bytes_written = meta.other_bytes_written;
    info->vector_bytes_written = meta.value_bytes_written;
    info->segments = meta.segments;
    for (uint32_t i = 0; i < meta.segments; i++) {
        info->segment_blocks += meta.segment[i].run.blocks;
    }
    for (uint32_t p = 0; p < meta.parts; p++) {
        info->sealed_parts += meta.part[p].state == PartState::kSealed ? 1 : 0;
        info->sealed_slots += meta.part[p].slots;
        info->counted_tombstones += meta.part[p].tombstones;
        info->flushed_slots += meta.part[p].flushed;
    }
    info->open_capacity = open_capacity(meta);
    each_extent(meta, [&](const ExtentPlace &place) {
        uint32_t *const second = info->inverted ? &info->piece_blocks : &info->slab_blocks;
        uint32_t *const blocks[] = {&info->record_blocks, second, &info->refine_blocks};
        for (uint32_t c = 0; c < place.column_count; c++) {
            *blocks[c] += static_cast<uint32_t>(
                column_blocks(meta.columns.column[c], place.extent.slots) * place.extent.strides);
        }
        return false;
    });
}

uint64_t pgs_meta_generation(const void *meta_page) {
    return meta_of(as_page(meta_page)).generation;
}

uint64_t pgs_meta_tombstones(const void *meta_page, uint32_t part) {
    return meta_of(as_page(meta_page)).part[part].tombstones;
}

void pgs_meta_set_tombstones(void *meta_page, uint32_t part, uint64_t tombstones) {
    set_tombstones(as_page(meta_page), part, tombstones);
}

uint64_t pgs_meta_flushed(const void *meta, uint32_t part) {
    return meta_of(as_page(meta)).part[part].flushed;
}

PgsStatus pgs_growth_next(const void *meta, PgsGrowth *growth, PgsError *error) {
    return next_growth(meta_of(as_page(meta)), *growth, error);
}

PgsStatus pgs_growth_reserve(void *meta_page, PgsError *error) {
    return reserve_growth(as_page(meta_page), error);
}

void pgs_growth_format(const void *meta, const PgsGrowth *growth, uint32_t i, void *page) {
    format_growth(meta_of(as_page(meta)), *growth, i, as_page(page));
}

PgsStatus pgs_growth_publish(void *meta_page, const PgsGrowth *growth, PgsError *error) {
    return publish_growth(as_page(meta_page), *growth, error);
}
