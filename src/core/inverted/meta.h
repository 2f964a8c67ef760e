// What the metapage keeps of an index of documents besides where its tables are.
#pragma once

#include "inverted/format.h"
#include "pgslab/inverted.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

// Whether there can be an index of these options.
bool is_possible(const PgsInvertedOptions &options) noexcept;

// Formats the page as the metapage of an index without documents.
void init_inverted(Page &page, const PgsInvertedOptions &options) noexcept;

// PGS_CORRUPT or PGS_UNSUPPORTED unless the page is the metapage of an index of documents that can
// be believed: all other functions take that for granted.
PgsStatus check_inverted(const Page &page, PgsError *error) noexcept;

}  // namespace pgslab::inverted
