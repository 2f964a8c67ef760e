// The addresses of a table's rows, by a number.
#pragma once

#include <cstdint>

#include "pgslab/index.h"

namespace pgslab {

// The i-th of the tids a heap gives out.
inline PgsTid tid_number(uint32_t i) {
    return {i / 100, static_cast<uint16_t>(i % 100 + 1)};
}
inline uint32_t number_of(PgsTid tid) {
    return tid.block * 100 + tid.offset - 1;
}

}  // namespace pgslab
