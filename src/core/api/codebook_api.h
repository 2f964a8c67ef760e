// What the boundary's handles of a codebook and an encoder hold.
#pragma once

#include <memory>

#include "ivf/codebook.h"
#include "ivf/encoder.h"
#include "ivf/meta.h"
#include "pgslab/codebook.h"

struct PgsCodebook {
    std::unique_ptr<const pgslab::Codebook> codebook;
};

namespace pgslab {

// Whether it is the index's present one, or, where there are no lists, has the index's shape.
inline bool is_codebook_of(const Meta &meta, const Codebook &codebook) noexcept {
    return codebook.shape() == shape_of(meta) && codebook.lists() == vectors_of(meta).lists &&
           (codebook.lists() == 0 || codebook.identity() == meta.dictionary.identity);
}

}  // namespace pgslab

struct PgsEncoder {
    pgslab::Encoder encoder;
};
