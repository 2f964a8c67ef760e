// The metapage: making it, believing it, and changing its manifest. Every change ends with
// seal_meta().
#pragma once

#include <cstdint>

#include "format/format.h"
#include "format/layout.h"
#include "format/page.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/status.h"

namespace pgslab {

inline const Meta &meta_of(const Page &page) noexcept {
    return *reinterpret_cast<const Meta *>(page.payload);
}
inline Meta &meta_of(Page &page) noexcept {
    return *reinterpret_cast<Meta *>(page.payload);
}

// Whether there can be an index of these options.
bool is_possible(const PgsOptions &options) noexcept;

// Formats the page as the metapage of an index without rows.
void init_meta(Page &page, const PgsOptions &options) noexcept;

// Sets pd_lower and checksum after a change of the manifest.
void seal_meta(Page &page) noexcept;

// PGS_CORRUPT or PGS_UNSUPPORTED unless the page can be believed: all other functions take that for
// granted.
PgsStatus check_meta(const Page &page, PgsError *error) noexcept;

// The first steps of a new extent of the open part and the last: see PgsGrowth. PGS_FULL when the
// manifest has no room for it, PGS_TOO_LARGE when the relation has none, PGS_MISUSE when the extent
// is not the one that was reserved: nothing is changed then.
PgsStatus reserve_growth(Page &page, PgsGrowth &growth, PgsError *error) noexcept;
PgsStatus publish_growth(Page &page, const PgsGrowth &growth, PgsError *error) noexcept;

// Each of these puts something that was written to the blocks at the index's end into the manifest,
// in the order of building: the codebook; a sealed part of one extent; a segment.
void set_codebook(Page &page, uint32_t lists, uint64_t identity) noexcept;
void add_sealed_part(Page &page, const Extent &extent) noexcept;
void add_segment(Page &page, uint64_t rows) noexcept;

void set_spread(Page &page, const Spread &trained) noexcept;
void set_calibration(Page &page, const Calibration &calibration) noexcept;

// What may be expected on a block: the i-th page of one of an extent's tables,
PageIdentity record_identity(const ExtentPlace &place, uint32_t i) noexcept;
PageIdentity slab_identity(const ExtentPlace &place, uint32_t i) noexcept;
PageIdentity refine_identity(const ExtentPlace &place, uint32_t i) noexcept;

// of the codebook, or of a segment's directory or lists.
PageIdentity codebook_identity(const Meta &meta, uint32_t i) noexcept;
PageIdentity directory_identity(const Segment &segment, uint32_t i) noexcept;
PageIdentity list_identity(const Segment &segment, uint32_t i) noexcept;

}  // namespace pgslab
