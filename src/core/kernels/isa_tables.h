// isa_tables.h - where each instruction set's translation unit leaves its kernels for dispatch.cpp.
#pragma once

#include "kernels/kernels.h"

namespace pgslab {

extern const Kernels baseline_kernels;
#if defined(__x86_64__) || defined(__i386__)
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
extern const Kernels avx512popcnt_kernels;
#endif

}  // namespace pgslab
