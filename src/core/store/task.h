// Maintenance, a piece at a time: reads tables, writes others to runs, and says what those replace.
//
// A task is given a copy of the metapage that stays true, but for what inserts append, since the
// maintenance lock is held.
#pragma once

#include <cstdint>

#include "pgslab/maintain.h"
#include "pgslab/status.h"
#include "store/machine.h"
#include "store/manifest.h"
#include "store/page.h"

namespace pgslab {

class Task : public Machine {
  public:
    // The answers besides a page: the run that was to be reserved; the next row, or null when there
    // are no more; group: what rows come sorted by, which only the kind of index knows the meaning
    // of. Only what was asked for is given. May throw std::bad_alloc.
    virtual void reserved(const Reservation &reserved) = 0;
    virtual PgsStatus row(const uint8_t *row, uint32_t group, PgsError *error);

    // Of a task that asks for no page.
    PgsStatus page(const Page &page, PgsError *error) override;

    // What it made, and what that replaces, when it is done.
    virtual const Replacement &made() const noexcept = 0;

    // Puts into the manifest, where that has replaced what it should, what else follows from it.
    virtual void amend(Meta &) const noexcept {}

    virtual PgsTaskWork work() const noexcept = 0;
};

}  // namespace pgslab
