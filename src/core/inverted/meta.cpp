#include "inverted/meta.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "inverted/segment_layout.h"
#include "pgslab/svec.h"

namespace pgslab::inverted {

namespace {

bool shape_is_possible(const Inverted &index) noexcept {
    constexpr uint8_t kNothing[sizeof index.reserved] = {};
    const bool is_text = index.weights == Weights::kOccurrences;
    const bool is_sparse =
        index.weights == Weights::kProducts || index.weights == Weights::kCosines;
    // In comparisons that NaN fails.
    const bool scores_fit =
        is_text ? index.k1 >= 0 && index.k1 <= PGS_MAX_K1 && index.b >= 0 && index.b <= 1
                : index.k1 == 0 && index.b == 0;
    return (is_text || is_sparse) && scores_fit &&
           std::memcmp(index.reserved, kNothing, sizeof kNothing) == 0 &&
           (is_text ? index.dims == 0 : index.dims > 0 && index.dims <= PGS_SVEC_MAX_DIMS);
}

bool keys_are_possible(const KeyFormats &formats) noexcept {
    const PgsKeyColumns keys = key_columns(formats);
    return are_possible(keys) && key_formats(keys) == formats;
}

Inverted inverted_of_options(const PgsInvertedOptions &options) noexcept {
    Inverted index = {};
    index.weights = static_cast<Weights>(options.weights);
    index.keys = key_formats(options.keys);
    index.dims = static_cast<uint64_t>(options.dims);
    index.k1 = options.k1;
    index.b = options.b;
    return index;
}

bool segment_fits(const Segment &segment) noexcept {
    return segment.first_blocks == kHeaderPages && segment.rows <= UINT32_MAX;
}

}  // namespace

bool is_possible(const PgsInvertedOptions &options) noexcept {
    return options.dims >= 0 && are_possible(options.keys) &&
           std::strlen(options.embedder) <= PGS_MAX_TEXT &&
           std::strlen(options.revision) <= PGS_MAX_TEXT &&
           shape_is_possible(inverted_of_options(options));
}

void init_inverted(Page &page, const PgsInvertedOptions &options) noexcept {
    const Inverted index = inverted_of_options(options);
    init_manifest(page, kInvertedIndex, inverted_columns(index.keys), kInvertedTableKinds,
                  options.embedder, options.revision);
    inverted_of(meta_of(page)) = index;
    finish_meta(page);
}

PgsStatus check_inverted(const Page &page, PgsError *error) noexcept {
    if (PgsStatus status = check_manifest(page, kInvertedIndex, error)) {
        return status;
    }
    const Meta &meta = meta_of(page);
    const Inverted &index = inverted_of(meta);
    if (!shape_is_possible(index)) {
        return fail(error, PGS_CORRUPT, kMetaBlock,
                    "the metapage says weights %u, %llu dimensions, k1 %g and b %g",
                    static_cast<unsigned>(index.weights),
                    static_cast<unsigned long long>(index.dims), index.k1, index.b);
    }
    if (!keys_are_possible(index.keys)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the filter columns are impossible");
    }
    const Columns columns = inverted_columns(index.keys);
    if (std::memcmp(&columns, &meta.columns, sizeof columns) != 0 ||
        std::memcmp(&kInvertedTableKinds, &meta.kinds, sizeof kInvertedTableKinds) != 0 ||
        has_dictionary(meta)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "the tables are not those of documents");
    }
    if (!std::all_of(meta.segment, meta.segment + meta.segments, segment_fits)) {
        return fail(error, PGS_CORRUPT, kMetaBlock, "a segment is impossible");
    }
    return PGS_OK;
}

}  // namespace pgslab::inverted
