// svec_merge.h - walks two sparse vectors together, in the order of their indices.
#pragma once

#include <cstdint>

#include "pgslab/svec.h"

namespace pgslab {

// visit(index, x, y) for each index that both vectors have.
template <typename Visit>
void for_each_in_both(const PgsSvec &a, const PgsSvec &b, Visit visit) {
    std::int32_t i = 0;
    std::int32_t j = 0;
    while (i < a.nnz && j < b.nnz) {
        const std::int32_t left = a.indices[i];
        const std::int32_t right = b.indices[j];
        if (left == right)
            visit(left, a.values[i], b.values[j]);
        // Without a branch: which side is behind cannot be predicted.
        i += left <= right ? 1 : 0;
        j += right <= left ? 1 : 0;
    }
}

// visit(index, x, y) for each index that either vector has; where one lacks it, its value is 0.
template <typename Visit>
void for_each_in_either(const PgsSvec &a, const PgsSvec &b, Visit visit) {
    std::int32_t i = 0;
    std::int32_t j = 0;
    while (i < a.nnz && j < b.nnz) {
        const std::int32_t left = a.indices[i];
        const std::int32_t right = b.indices[j];
        const float x = left <= right ? a.values[i] : 0.0F;
        const float y = right <= left ? b.values[j] : 0.0F;
        visit(left < right ? left : right, x, y);
        i += left <= right ? 1 : 0;
        j += right <= left ? 1 : 0;
    }
    for (; i < a.nnz; ++i)
        visit(a.indices[i], a.values[i], 0.0F);
    for (; j < b.nnz; ++j)
        visit(b.indices[j], 0.0F, b.values[j]);
}

}  // namespace pgslab
