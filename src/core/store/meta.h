// The metapage: making it, believing it, and what its manifest says of the pages of the dictionary
// and of segments. Whoever changes it ends with finish_meta().
#pragma once

#include <cstdint>
#include <vector>

#include "pgslab/status.h"
#include "store/format.h"
#include "store/page.h"

namespace pgslab {

inline const Meta &meta_of(const Page &page) noexcept {
    return *reinterpret_cast<const Meta *>(page.payload);
}
inline Meta &meta_of(Page &page) noexcept {
    return *reinterpret_cast<Meta *>(page.payload);
}

// Formats the page as the metapage of an index without rows, whose content is zeros.
void init_manifest(Page &page, IndexKind kind, const Columns &columns, const TableKinds &kinds,
                   const char *embedder, const char *revision) noexcept;

// Sets pd_lower and checksum after a change of the manifest.
void finish_meta(Page &page) noexcept;

// PGS_CORRUPT or PGS_UNSUPPORTED unless the page is a metapage of an index of that kind whose
// manifest can be believed: all other functions take that for granted. The content is not looked
// at.
PgsStatus check_manifest(const Page &page, IndexKind kind, PgsError *error) noexcept;

// PGS_CORRUPT unless every block that the manifest of a metapage that can be believed names is
// named once. May throw std::bad_alloc.
PgsStatus check_owners(const Meta &meta, PgsError *error);

// PGS_CORRUPT where a part has fewer tombstones, as counted by part, than the manifest says.
PgsStatus check_tombstones(const Meta &meta, const std::vector<uint64_t> &counted,
                           PgsError *error) noexcept;

// What may be expected on the i-th page of the dictionary, or of a segment.
PageIdentity dictionary_page(const Meta &meta, uint32_t i) noexcept;
PageIdentity segment_page(const TableKinds &kinds, const Segment &segment, uint32_t i) noexcept;

}  // namespace pgslab
