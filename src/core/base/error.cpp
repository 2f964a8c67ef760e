#include "base/error.h"

#include <cstdarg>
#include <cstdio>

namespace pgslab {

PgsStatus fail(PgsError *error, PgsStatus status, uint32_t block, const char *format,
               ...) noexcept {
    if (error != nullptr) {
        error->status = status;
        error->block = block;
        va_list args;
        va_start(args, format);
        std::vsnprintf(error->detail, sizeof error->detail, format, args);
        va_end(args);
    }
    return status;
}

}  // namespace pgslab
