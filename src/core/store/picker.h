// Which job maintenance does next. needs.h says what is due; here is in what order it is done, what
// has to come before what, and when a goal has been reached.
//
// The manifest says nearly everything: a job that has been done is no longer due, whoever has done
// it. A goal remembers only what the manifest cannot say, so that it comes to its end although rows
// come in meanwhile, or something that was tried has been in vain.
#pragma once

#include <cstdint>

#include "pgslab/maintain.h"
#include "store/format.h"
#include "store/needs.h"

namespace pgslab {

// See pgs_pick_job().
PgsJob pick_job(const Meta &meta, uint64_t open_slots, const PgsPolicy &policy, const OwnNeeds &own,
                PgsGoal &goal) noexcept;

}  // namespace pgslab
