// No exception leaves the core: what may allocate runs inside guard(), and GCC proves of all else
// that it throws nothing (scripts/check/no_exception_leaves.sh).
#pragma once

#include <exception>
#include <new>
#include <stdexcept>

#include "base/error.h"

namespace pgslab {

// Runs body, which returns a PgsStatus. The core throws nothing itself; containers throw for want
// of memory, and anything else would be a fault of ours.
template <typename Body>
PgsStatus guard(PgsError *error, Body body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return fail(error, PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "out of memory");
    } catch (const std::length_error &) {
        return fail(error, PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "out of memory");
    } catch (const std::exception &exception) {
        return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "unexpected exception: %s",
                    exception.what());
    }
}

}  // namespace pgslab
