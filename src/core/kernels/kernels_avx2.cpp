// Kernels for AVX2, FMA and F16C. Empty on other architectures.
#include "kernels/isa_tables.h"

#if defined(__x86_64__) || defined(__i386__)

#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__)
#error "compile this file with -mavx2 -mfma -mf16c"
#endif

#include <simde/x86/avx2.h>
#include <simde/x86/f16c.h>
#include <simde/x86/fma.h>
#include <string.h>

namespace pgslab {

namespace {
#include "kernels/simd256.inc.h"

#include "kernels/kernels.inc.h"  // over what the line above defines
}  // namespace

constexpr Kernels avx2_kernels = make_kernels("avx2");

}  // namespace pgslab

#endif
