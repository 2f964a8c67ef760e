// What a walk of an index of vectors may read besides the records.
#pragma once

#include "ivf/format.h"
#include "store/walker.h"

namespace pgslab {

// The stored vectors, without their padding.
inline WalkTable slab_table(const Meta &meta) noexcept {
    const Vectors &vectors = vectors_of(meta);
    return {kSlabColumn, vector_bytes(vectors.dims, vectors.storage)};
}

// The refinement codes, with their tails.
inline WalkTable refine_table(const Meta &meta) noexcept {
    return {kRefineColumn, meta.columns.column[kRefineColumn].item};
}

}  // namespace pgslab
