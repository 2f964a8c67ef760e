// What maintenance an index needs, by its manifest.
#pragma once

#include <cstdint>

#include "format/format.h"
#include "pgslab/maintain.h"

namespace pgslab {

// Rows of the sidecar from which on it should be sealed.
uint64_t seal_rows(const PgsPolicy &policy) noexcept;

// See pgs_stale_parts().
uint32_t stale_parts(const Meta &meta) noexcept;

// See pgs_needs().
void find_needs(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy,
                PgsNeeds &needs) noexcept;

}  // namespace pgslab
