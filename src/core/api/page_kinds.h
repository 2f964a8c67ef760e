// What pages of each kind are called, and what they are for.
#pragma once

#include "inverted/format.h"
#include "ivf/format.h"
#include "pgslab/verify.h"
#include "store/page.h"

namespace pgslab {

struct NamedKind {
    PageKind kind;
    PgsRole role;
    const char *name;
};

// Null for a kind that there is not.
inline const NamedKind *named_kind(PageKind kind) noexcept {
    static constexpr NamedKind kKinds[] = {
        {PageKind::kMeta, PGS_ROLE_META, "meta"},
        {PageKind::kRecord, PGS_ROLE_RECORD, "record"},
        {kSlabPage, PGS_ROLE_SLAB, "slab"},
        {kRefinePage, PGS_ROLE_REFINE, "refine"},
        {kCodebookPage, PGS_ROLE_CODEBOOK, "codebook"},
        {kDirectoryPage, PGS_ROLE_DIRECTORY, "directory"},
        {kListPage, PGS_ROLE_LIST, "list"},
        {inverted::kPiecePage, PGS_ROLE_PIECE, "piece"},
        {inverted::kSegmentHeaderPage, PGS_ROLE_SEGMENT, "segment"},
        {inverted::kPostingPage, PGS_ROLE_POSTING, "posting"},
    };
    for (const NamedKind &named : kKinds) {
        if (named.kind == kind) {
            return &named;
        }
    }
    return nullptr;
}

}  // namespace pgslab
