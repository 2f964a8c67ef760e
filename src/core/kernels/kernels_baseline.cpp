// Kernels for what every CPU of the platform has: SSE2 on x86-64, NEON on arm64.
#include <simde/x86/fma.h>
#include <simde/x86/sse2.h>
#include <simde/x86/ssse3.h>
#include <string.h>

#include "kernels/isa_tables.h"

namespace pgslab {

namespace {
#include "kernels/simd128.inc.h"

#include "kernels/kernels.inc.h"  // over what the line above defines
}  // namespace

constexpr Kernels baseline_kernels = make_kernels("baseline");

}  // namespace pgslab
