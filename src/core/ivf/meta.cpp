#include "ivf/meta.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

#include "base/error.h"
#include "ivf/format.h"
#include "ivf/lessons.h"
#include "ivf/segment_layout.h"
#include "store/meta.h"

namespace pgslab {

namespace {

bool is_metric(Metric metric) noexcept {
    return metric >= Metric::kL2 && metric <= Metric::kJaccard;
}

bool is_storage(Storage storage) noexcept {
    return storage >= Storage::kF16 && storage <= Storage::kBits;
}

// Sets are stored as bits, all else is not; and those are no wider than a refinement code would be.
bool fits_metric(const Vectors &vectors) noexcept {
    return is_of_sets(vectors.metric)
               ? vectors.storage == Storage::kBits && vectors.refine_bits == 0
               : vectors.storage != Storage::kBits;
}

bool element_is_possible(const Vectors &vectors) noexcept {
    return vectors.element == Element::kFloat32 ||
           (vectors.element == Element::kSigns && vectors.metric == Metric::kHamming);
}

// One bit, then four, eight or none; or no codes at all.
bool bits_are_possible(const Vectors &vectors) noexcept {
    if (vectors.code_bits == 0) {
        return vectors.refine_bits == 0;
    }
    return vectors.code_bits == 1 && vectors.metric != Metric::kL1 &&
           (vectors.refine_bits == 0 || vectors.refine_bits == 4 || vectors.refine_bits == 8) &&
           coded_dims(vectors) <= most_dims(vectors.refine_bits);
}

// Codes of a prefix say less than those of all dims; there are none of sets.
bool prefix_is_possible(const Vectors &vectors) noexcept {
    return vectors.prefix == 0 || (vectors.code_bits != 0 && !is_of_sets(vectors.metric) &&
                                   vectors.prefix * kPrefixUnit < vectors.dims);
}

Vectors vectors_of_options(const PgsOptions &options) noexcept {
    Vectors vectors = {};
    vectors.element = options.signs ? Element::kSigns : Element::kFloat32;
    vectors.dims = static_cast<uint16_t>(options.dims);
    vectors.metric = static_cast<Metric>(options.metric);
    vectors.storage = static_cast<Storage>(options.storage);
    vectors.code_bits = options.metric == PGS_L1 ? 0 : 1;
    vectors.refine_bits = static_cast<uint8_t>(vectors.code_bits == 0 ? 0 : options.refine_bits);
    vectors.prefix = static_cast<uint8_t>(static_cast<uint32_t>(options.prefix_dims) / kPrefixUnit);
    vectors.keys = key_formats(options.keys);
    return vectors;
}

PgsStatus check_shape(const Meta &meta, PgsError *error) noexcept {
    const Vectors &vectors = vectors_of(meta);
    if (vectors.dims < 1 || vectors.dims > PGS_MAX_DIMS) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the metapage says %u dimensions",
                    vectors.dims);
    }
    if (!is_metric(vectors.metric) || !is_storage(vectors.storage) || !fits_metric(vectors) ||
        !bits_are_possible(vectors)) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage says metric %u, storage %u, code bits %u and %u",
                    static_cast<unsigned>(vectors.metric), static_cast<unsigned>(vectors.storage),
                    vectors.code_bits, vectors.refine_bits);
    }
    if (!prefix_is_possible(vectors)) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage says codes of %u of %u dimensions", vectors.prefix * kPrefixUnit,
                    vectors.dims);
    }
    const PgsKeyColumns keys = key_columns(vectors.keys);
    if (!are_possible(keys) || key_formats(keys) != vectors.keys) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the filter columns are impossible");
    }
    const Columns columns = columns_of(vectors);
    if (!element_is_possible(vectors) ||
        std::memcmp(&columns, &meta.columns, sizeof columns) != 0 ||
        std::memcmp(&kTableKinds, &meta.kinds, sizeof kTableKinds) != 0) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the columns are not those of %u dimensions",
                    vectors.dims);
    }
    return PGS_OK;
}

// There is a codebook exactly where there are codes, of the size its lists need; and an offset at
// most where there is one and vectors are not stored as they are.
bool codebook_fits(const Meta &meta) noexcept {
    const Vectors &vectors = vectors_of(meta);
    if (vectors.offset_checksum != 0 &&
        (vectors.code_bits == 0 || vectors.storage == Storage::kF32 ||
         vectors.storage == Storage::kBits)) {
        return false;
    }
    if (vectors.code_bits == 0) {
        return meta.dictionary.id == 0 && vectors.lists == 0;
    }
    return meta.dictionary.id != 0 && vectors.lists > 0 && vectors.lists <= kMaxLists &&
           codebook_blocks(vectors.dims, vectors.lists, vectors.offset_checksum != 0) ==
               meta.dictionary.run.blocks;
}

bool segment_fits(const Segment &segment, const Meta &meta) noexcept {
    const Vectors &vectors = vectors_of(meta);
    return vectors.code_bits == 1 && segment.first_blocks == directory_blocks(vectors.lists) &&
           segment.run.blocks == SegmentLayout(segment_shape(vectors)).blocks(segment.rows);
}

PgsStatus check_sizes(const Meta &meta, PgsError *error) noexcept {
    if (!codebook_fits(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the codebook is impossible");
    }
    for (uint32_t i = 0; i < meta.segments; i++) {
        if (!segment_fits(meta.segment[i], meta)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "segment number %u is impossible", i);
        }
    }
    return PGS_OK;
}

// In comparisons that NaN fails.
bool level_is_possible(const Level &level) noexcept {
    constexpr float kMostWork = 0x1p48f;  // more than there can be of anything
    const float work[] = {level.lists, level.codes, level.refined, level.compared};
    return level.recall >= 0 && level.recall <= 1 && level.deviations >= 0 &&
           std::isfinite(level.deviations) &&
           std::all_of(std::begin(level.margin), std::end(level.margin),
                       [](float m) { return std::isfinite(m); }) &&
           std::all_of(std::begin(work), std::end(work),
                       [](float w) { return w >= 0 && w <= kMostWork; });
}

PgsStatus check_calibration(const Vectors &vectors, PgsError *error) noexcept {
    const Level *const level = vectors.calibration.level;
    if (!(vectors.calibration.unit >= 0) || !std::isfinite(vectors.calibration.unit)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the unit of projections is impossible");
    }
    for (uint32_t i = 0; i < kLevels; i++) {
        if (!level_is_possible(level[i]) || (i > 0 && level[i].recall < level[i - 1].recall)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "level %u of the calibration is impossible",
                        i);
        }
    }
    return PGS_OK;
}

// A rank among some rows is one among as many more as there are.
float scaled(float candidates, uint64_t rows, uint64_t now) noexcept {
    return rows == 0 ? candidates
                     : static_cast<float>(candidates * (static_cast<double>(now) / rows));
}

// What the table has told does not depend on how signs are searched.
void keep_candidates(const Calibration &former, Calibration &calibration) noexcept {
    for (uint32_t i = 0; i < kLevels; i++) {
        calibration.level[i].refined =
            scaled(former.level[i].refined, former.rows, calibration.rows);
    }
}

PgsStatus check_statistics(const Vectors &vectors, PgsError *error) noexcept {
    for (const Spread &spread : {vectors.trained, vectors.coded}) {
        if (!std::isfinite(spread.sum) || !(spread.sum >= 0)) {
            return fail(error, PGS_CORRUPT, kMetaBlock, "the spread of lists is impossible");
        }
    }
    if (vectors.calibrated > vectors.coded.rows) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the calibration knows of more new rows than there are");
    }
    return PGS_OK;
}

}  // namespace

bool is_possible(const PgsOptions &options) noexcept {
    if (options.dims < 1 || options.dims > PGS_MAX_DIMS || !are_possible(options.keys) ||
        std::strlen(options.embedder) > PGS_MAX_TEXT ||
        std::strlen(options.revision) > PGS_MAX_TEXT) {
        return false;
    }
    const Vectors vectors = vectors_of_options(options);
    const bool bits_fit = options.metric == PGS_L1 || options.refine_bits == vectors.refine_bits;
    const bool prefix_fits =
        options.prefix_dims == static_cast<int>(vectors.prefix * kPrefixUnit) &&
        prefix_is_possible(vectors);
    return bits_fit && prefix_fits && is_metric(vectors.metric) && is_storage(vectors.storage) &&
           fits_metric(vectors) && bits_are_possible(vectors) && element_is_possible(vectors);
}

void init_meta(Page &page, const PgsOptions &options) noexcept {
    const Vectors vectors = vectors_of_options(options);
    init_manifest(page, kVectorIndex, columns_of(vectors), kTableKinds, options.embedder,
                  options.revision);
    vectors_of(meta_of(page)) = vectors;
    finish_meta(page);
}

PgsStatus check_meta(const Page &page, PgsError *error) noexcept {
    if (PgsStatus status = check_manifest(page, kVectorIndex, error)) {
        return status;
    }
    const Meta &meta = meta_of(page);
    if (PgsStatus status = check_shape(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_sizes(meta, error)) {
        return status;
    }
    if (PgsStatus status = check_statistics(vectors_of(meta), error)) {
        return status;
    }
    return check_calibration(vectors_of(meta), error);
}

void add_coded(Meta &meta, uint32_t new_lists, const Spread &spread) noexcept {
    Vectors &vectors = vectors_of(meta);
    if (new_lists > 0) {
        vectors.lists = new_lists;
        vectors.trained = spread;
        vectors.coded = {};
        vectors.calibrated = 0;
    } else {
        vectors.coded.sum += spread.sum;
        vectors.coded.rows += spread.rows;
    }
}

void set_candidates(Page &page, const std::array<float, kLevels> &candidates,
                    uint64_t rows) noexcept {
    Calibration &calibration = vectors_of(meta_of(page)).calibration;
    for (uint32_t i = 0; i < kLevels; i++) {
        calibration.level[i].refined = scaled(candidates[i], rows, calibration.rows);
    }
    finish_meta(page);
}

void set_calibration(Page &page, const Calibration &calibration, const Lessons *before) noexcept {
    Vectors &vectors = vectors_of(meta_of(page));
    const Calibration former = vectors.calibration;
    const Lessons &now = former.learnt;
    vectors.calibration = calibration;
    if (vectors.element == Element::kSigns) {
        keep_candidates(former, vectors.calibration);
    }
    for (uint32_t i = 0; before != nullptr && i < kLevels; i++) {
        for (uint32_t c = 0; c < kRowClasses; c++) {
            const int since = now.more[i][c] - before->more[i][c];
            vectors.calibration.learnt.more[i][c] =
                static_cast<uint16_t>(std::clamp(calibration.learnt.more[i][c] + since, 0, 65535));
        }
    }
    if (before != nullptr) {
        keep_order(vectors.calibration);
    }
    vectors.calibrated = vectors.coded.rows;
    finish_meta(page);
}

}  // namespace pgslab
