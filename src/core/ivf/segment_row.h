// A row as a segment has it.
#pragma once

#include <cstdint>

#include "quantize/stored.h"

namespace pgslab {

struct SegmentRow {
    uint32_t list;
    uint64_t address;
    const uint8_t *code;  // of one bit, uint8_t[padded / 8]
    ScanFactors factors;
    const uint8_t *keys;  // of its filter columns
};

}  // namespace pgslab
