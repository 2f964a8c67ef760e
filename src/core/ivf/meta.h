// What the metapage keeps of an index of vectors besides where its tables are.
#pragma once

#include <array>
#include <cstdint>

#include "ivf/format.h"
#include "pgslab/index.h"
#include "pgslab/status.h"
#include "store/meta.h"
#include "store/page.h"

namespace pgslab {

// Whether there can be an index of these options.
bool is_possible(const PgsOptions &options) noexcept;

// Formats the page as the metapage of an index of vectors without rows.
void init_meta(Page &page, const PgsOptions &options) noexcept;

// PGS_CORRUPT or PGS_UNSUPPORTED unless the page is the metapage of an index of vectors that can be
// believed: all other functions take that for granted.
PgsStatus check_meta(const Page &page, PgsError *error) noexcept;

// Rows were coded: by a new codebook of so many lists, or, if that is 0, by the index's.
void add_coded(Meta &meta, uint32_t new_lists, const Spread &spread) noexcept;

// Of an index of signs: how many candidates each level takes among so many rows of its table (see
// search/sign_ranks.h); a calibration keeps that.
void set_candidates(Page &page, const std::array<float, kLevels> &candidates,
                    uint64_t rows) noexcept;

// before: what was learnt when the calibration began, if it is made of that; what was learnt since
// stays.
void set_calibration(Page &page, const Calibration &calibration,
                     const Lessons *before = nullptr) noexcept;

}  // namespace pgslab
