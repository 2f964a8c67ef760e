// The row that a search returned last, and what is known of the operator's value for it.
//
// Where bounds hold only most probably, a search may come upon rows that lie before it. They are
// left out, as rows that were missed, so that rows come in order; rows at the same distance follow.
#pragma once

#include <cstdint>
#include <limits>

#include "pgslab/index.h"
#include "search/candidates.h"

namespace pgslab {

class LastRow {
  public:
    enum class Place {
        kBefore,
        kAfter,   // or at the same distance
        kUnknown  // the value of either has to be found out
    };

    void clear() noexcept { *this = {}; }
    void set(const Candidate &row) noexcept {
        lower_ = row.key;
        upper_ = row.upper;
        tid_ = row.tid;
        address_ = row.address;
    }

    // Where an evaluated row lies.
    Place place_of(const Candidate &row) const noexcept {
        if (row.key >= upper_) {
            return Place::kAfter;
        }
        return row.upper < lower_ ? Place::kBefore : Place::kUnknown;
    }

    bool has_value() const noexcept { return lower_ == upper_; }
    void set_value(double value) noexcept { lower_ = upper_ = value; }

    // The row was not there for who took it: no row that was has a value above its lower bound.
    void set_gone() noexcept { upper_ = lower_; }

    PgsTid tid() const noexcept { return tid_; }
    uint64_t address() const noexcept { return address_; }

  private:
    double lower_ = -std::numeric_limits<double>::infinity();
    double upper_ = -std::numeric_limits<double>::infinity();
    PgsTid tid_ = {};
    uint64_t address_ = 0;
};

}  // namespace pgslab
