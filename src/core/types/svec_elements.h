// svec_elements.h - the elements of a sparse vector that is being made, in whatever order.
#pragma once

#include <algorithm>
#include <cstddef>

#include "pgslab/svec.h"

namespace pgslab {

// By index; elements of one index by value, so that what is computed of them does not depend on the
// order they came in.
inline constexpr auto comes_before = [](const PgsSvecElement &a, const PgsSvecElement &b) noexcept {
    return a.index != b.index ? a.index < b.index : a.value < b.value;
};

// In place and without memory of its own, which std::stable_sort() would take.
inline void sort_elements(PgsSvecElement *elements, std::size_t count) noexcept {
    if (!std::is_sorted(elements, elements + count, comes_before))
        std::sort(elements, elements + count, comes_before);
}

// Closes the gaps that zeros leave; returns how many elements remain.
inline std::size_t drop_zeros(PgsSvecElement *elements, std::size_t count) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i)
        if (elements[i].value != 0)
            elements[kept++] = elements[i];
    return kept;
}

}  // namespace pgslab
