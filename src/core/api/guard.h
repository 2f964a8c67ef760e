// No exception leaves the core: what allocates runs inside guard().
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
