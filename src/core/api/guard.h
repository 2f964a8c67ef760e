// No exception leaves the core: what may allocate runs inside guard(), and GCC proves of all else
// that it throws nothing (scripts/check/no_exception_leaves.sh).
#pragma once

#include <exception>

#include "base/error.h"

namespace pgslab {

// Runs body, which returns a PgsStatus. The core throws nothing itself and the containers it uses
// throw for want of memory only.
template <typename Body>
PgsStatus guard(PgsError *error, Body body) noexcept {
    try {
        return body();
    } catch (const std::exception &) {
        return fail(error, PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "out of memory");
    }
}

}  // namespace pgslab
