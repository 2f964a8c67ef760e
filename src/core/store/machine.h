// What everything in the core is that reads an index: a machine that is asked what it wants next
// and is given that, until it is done. So the core does no input or output, and whoever can drive
// one machine can drive them all. See pgs_next().
#pragma once

#include <cstdint>
#include <span>

#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "store/format.h"

// Has the boundary's name, which hands out pointers to it.
struct PgsMachine {
    PgsMachine() = default;
    PgsMachine(const PgsMachine &) = delete;
    PgsMachine &operator=(const PgsMachine &) = delete;
    virtual ~PgsMachine() = default;

    // Says what is wanted next in a request that was all zeros; the same again for as long as it
    // has no answer, if it awaits one. May throw std::bad_alloc, as page() may.
    virtual PgsStatus next(PgsRequest &request, PgsError *error) = 0;

    // The page that was asked for.
    virtual PgsStatus page(const pgslab::Page &page, PgsError *error) = 0;

    // What the last next() has found out of pages that will be asked for later.
    virtual std::span<const PgsUpcoming> upcoming() const noexcept { return {}; }

    // The boundary's: which answer it is to have next, PGS_REQUEST_DONE for none; and whether it
    // has said that it wants nothing more.
    PgsRequestKind awaited = PGS_REQUEST_DONE;
    bool done = false;
};

namespace pgslab {

using Machine = PgsMachine;

// Asks for a block's page; PGS_NO_BLOCK: there is nothing more to ask for.
inline void ask_for_page(PgsRequest &request, uint32_t block) noexcept {
    request.kind = block == PGS_NO_BLOCK ? PGS_REQUEST_DONE : PGS_REQUEST_PAGE;
    request.block = block;
}

}  // namespace pgslab
