// How much work a wanted recall takes, by what the index measured of itself.
#pragma once

#include "ivf/codebook.h"
#include "ivf/meta.h"
#include "pgslab/scan.h"

namespace pgslab {

// The curve's point for a recall: between two measured ones by interpolation, beyond them the
// nearest one. Without any, by a rule of thumb.
Level level_for(const Calibration &calibration, double recall) noexcept;

// The recall that was measured of queries which came so far, to a margin, for so many rows. Not a
// number where it is below the least level.
double recall_at(const Calibration &calibration, double rows, double margin) noexcept;

// What was learnt of a class of rows, where a search is to find that recall.
double learnt_for(const Calibration &calibration, uint32_t row_class, double recall) noexcept;

// See pgs_expected_work().
void expected_work(const Meta &meta, const PgsEffort &effort, PgsWork &work) noexcept;

// See pgs_expected_filtering().
PgsFiltering expected_filtering(const PgsEffort &effort, double lists, double slots, double share,
                                PgsWork &work) noexcept;

// About how many of the lists an approximate search visits; and where this share of the rows
// satisfies its filter, and so many would be visited without one.
double lists_expected(const Level &level, const PgsEffort &effort, double lists) noexcept;
double lists_with_filter(double without, double share, double lists) noexcept;

// Whether rows that satisfy the filter are few enough to compare them all, where an approximate
// search would visit so many lists.
bool are_few(double matches, const PgsEffort &effort, double lists) noexcept;

// Whether a search of all rows compares refinement codes before vectors. Bounds of codes that
// always hold have to allow for the most that bytes may lose of a vector, and would rule hardly any
// out; and there are none of codes of a prefix.
bool is_worth_refining(const Shape &shape, bool exact) noexcept;

// Whether an exact search looks for them list by list, rather than at all rows. Without refinement
// codes it keeps them all until their vectors were read.
bool is_worth_lists(double share, double matches, bool refines) noexcept;

// Whether rows that the filter names are few enough to compare them all, rather than to scan codes
// of the lists that have some: so many of them, of so many rows, where so many lists would be
// visited without a filter.
bool are_few_named(double named, double rows, const PgsEffort &effort, double visited,
                   double lists) noexcept;

// Whether they are so few that it takes less to look them up in the table than to walk over the
// records of all rows of the index.
bool are_few_to_look_up(double named, double rows, uint32_t dims) noexcept;

// Whether it takes less to look so many up than to find each by postings.
bool is_worth_look_up(double named, uint32_t dims) noexcept;

// See pgs_expected_named().
PgsFiltering expected_named(const PgsEffort &effort, double lists, double rows, double share,
                            PgsWork &work) noexcept;

// Rows the caller will take, and the rather more of them that the first pass of a scan is made for.
uint32_t rows_expected(const PgsEffort &effort) noexcept;
uint32_t rows_wanted(const PgsEffort &effort) noexcept;
uint32_t rows_wanted(uint32_t expected) noexcept;

// Standard deviations bounds of codes hold for where nothing else is known.
constexpr float kUsualDeviations = 1.9f;

}  // namespace pgslab
