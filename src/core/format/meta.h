// The metapage: making it, believing it, and changing its manifest. Every change ends with
// seal_meta().
#pragma once

#include <cstdint>

#include "format/format.h"
#include "format/layout.h"
#include "format/page.h"
#include "pgslab_core.h"

namespace pgslab {

inline const Meta &meta_of(const Page &page) noexcept {
    return *reinterpret_cast<const Meta *>(page.payload);
}
inline Meta &meta_of(Page &page) noexcept {
    return *reinterpret_cast<Meta *>(page.payload);
}

// Formats the page as the metapage of an index without rows.
void init_meta(Page &page, const PgsOptions &options) noexcept;

// Sets pd_lower and checksum after a change of the manifest.
void seal_meta(Page &page) noexcept;

// PGS_CORRUPT or PGS_UNSUPPORTED unless the page can be believed: all other functions take that for
// granted.
PgsStatus check_meta(const Page &page, PgsError *error) noexcept;

// The first steps of a new extent of the open part and the last: see PgsGrowth.
PgsStatus reserve_growth(Page &page, PgsGrowth &growth, PgsError *error) noexcept;
PgsStatus publish_growth(Page &page, const PgsGrowth &growth, PgsError *error) noexcept;

// Adds a sealed part of one extent, whose blocks end the index.
void add_sealed_part(Page &page, const Extent &extent) noexcept;

// What may be expected on a block of an extent: the i-th page of its record stripe or of its slab
// stripe.
PageIdentity record_identity(const ExtentPlace &place, uint32_t i) noexcept;
PageIdentity slab_identity(const ExtentPlace &place, uint32_t i) noexcept;

}  // namespace pgslab
