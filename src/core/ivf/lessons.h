// What real queries need beyond the margins that an index has measured, by level and class of rows:
// see search/stop_rule.h for margins.
#pragma once

#include <cstdint>

#include "ivf/format.h"

namespace pgslab {

// The class of so many rows, by which is learnt.
uint32_t class_of(double rows) noexcept;

// Adds to what was learnt of a class of rows from a query that was to find the share recall, or
// takes away from it: see pgs_meta_learn(). Returns whether anything changed.
bool learn(Calibration &calibration, uint32_t row_class, double recall, double more) noexcept;

// Raises what was learnt where a level's margins with it would be below those of the level before:
// more recall takes no less.
void keep_order(Calibration &calibration) noexcept;

}  // namespace pgslab
