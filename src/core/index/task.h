// Maintenance, a piece at a time: reads tables, writes others to a run, and says what those
// replace.
//
// Sans-IO: next() says what is wanted. A task is given a copy of the metapage that stays true, but
// for what inserts append, since the maintenance lock is held.
#pragma once

#include <cstdint>

#include "format/manifest.h"
#include "format/page.h"
#include "pgslab_core.h"

namespace pgslab {

class Task {
  public:
    Task() = default;
    Task(const Task &) = delete;
    Task &operator=(const Task &) = delete;
    virtual ~Task() = default;

    // What is wanted next: see pgs_task_next(). All of these may throw std::bad_alloc.
    virtual PgsStatus next(PgsTaskStep &step, PgsError *error) = 0;

    // The answers: a page that was to be read; the run that was to be reserved.
    virtual PgsStatus page(const Page &page, PgsError *error) = 0;
    virtual void reserved(const Reservation &reserved) = 0;

    // The next row, or null when there are no more: only of a task that asks for rows.
    virtual PgsStatus row(const uint8_t *row, uint32_t list, PgsError *error);

    // What it made, and what that replaces, when it is done.
    virtual const Replacement &made() const noexcept = 0;
    virtual PgsTaskWork work() const noexcept = 0;
};

}  // namespace pgslab
