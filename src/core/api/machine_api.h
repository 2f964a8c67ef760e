// How the boundary keeps its callers to the protocol of machines.
#pragma once

#include "index/machine.h"
#include "pgslab_core.h"

namespace pgslab {

// An answer of that kind has come: PGS_MISUSE unless the machine awaits it. Then it awaits none.
PgsStatus take_answer(Machine &machine, PgsRequestKind kind, PgsError *error) noexcept;

}  // namespace pgslab
