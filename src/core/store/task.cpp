#include "store/task.h"

#include "base/error.h"

namespace pgslab {

// Only what was asked for is given: a task that takes no pages has asked for one.

PgsStatus Task::page(const Page &, PgsError *error) {
    return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "a task that takes no pages has asked for one");
}

PgsStatus Task::row(const uint8_t *, uint32_t, PgsError *error) {
    return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "a task that takes no rows has asked for one");
}

}  // namespace pgslab
