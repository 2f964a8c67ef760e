// How the boundary keeps its callers to the protocol of machines.
#pragma once

#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "store/machine.h"

namespace pgslab {

// An answer of that kind has come: PGS_MISUSE unless the machine awaits it. Then it awaits none.
PgsStatus take_answer(Machine &machine, PgsRequestKind kind, PgsError *error) noexcept;

// PGS_MISUSE unless the machine wants nothing more.
PgsStatus require_done(const Machine &machine, PgsError *error) noexcept;

// Forgets what was asked for: it begins anew.
void begin_anew(Machine &machine) noexcept;

}  // namespace pgslab
