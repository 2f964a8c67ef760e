// Which kind of index a metapage is of.
#pragma once

#include "inverted/format.h"
#include "store/format.h"

namespace pgslab {

inline bool is_inverted(const Meta &meta) noexcept {
    return meta.kind == inverted::kInvertedIndex;
}

}  // namespace pgslab
