// Failures inside the core: a PgsError filled in once, where the fault is seen, and handed up as a
// status.
#pragma once

#include <cstdint>

#include "pgslab/status.h"

namespace pgslab {

// Fills *error (which may be null) and returns status, so that a check reads `return fail(...)`.
// block is the page at fault, or PGS_NO_BLOCK. The text follows printf and is cut to the field.
PgsStatus fail(PgsError *error, PgsStatus status, uint32_t block, const char *format, ...) noexcept
    __attribute__((format(printf, 4, 5)));

}  // namespace pgslab
