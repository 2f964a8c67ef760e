#include "index/task.h"

#include "base/error.h"

namespace pgslab {

PgsStatus Task::row(const uint8_t *, uint32_t, PgsError *error) {
    return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "the task has asked for no row");
}

}  // namespace pgslab
