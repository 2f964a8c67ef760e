// The AVX-512 kernels once more, over SIMDe's emulation of 512-bit vectors, for tests on CPUs
// without AVX-512. What is compiled here is the same simd512.inc.h and kernels.inc.h; only the
// instructions differ. Native AVX-512 code runs in the tests only where the CPU has it.
//
// GCC notes (-Wpsabi) that compilers before 4.6 passed 64-byte vectors otherwise. None crosses a
// translation unit here.
#include <simde/x86/avx512/abs.h>
#include <simde/x86/avx512/add.h>
#include <simde/x86/avx512/and.h>
#include <simde/x86/avx512/broadcast.h>
#include <simde/x86/avx512/cmp.h>
#include <simde/x86/avx512/cvt.h>
#include <simde/x86/avx512/fmadd.h>
#include <simde/x86/avx512/fnmadd.h>
#include <simde/x86/avx512/loadu.h>
#include <simde/x86/avx512/madd.h>
#include <simde/x86/avx512/maddubs.h>
#include <simde/x86/avx512/min.h>
#include <simde/x86/avx512/set1.h>
#include <simde/x86/avx512/shuffle.h>
#include <simde/x86/avx512/slli.h>
#include <simde/x86/avx512/srli.h>
#include <simde/x86/avx512/srlv.h>
#include <simde/x86/avx512/storeu.h>
#include <simde/x86/avx512/sub.h>
#include <string.h>

#include "kernels/kernels_under_test.h"

namespace pgslab {

namespace {
#include "kernels/simd512.inc.h"

#include "kernels/kernels.inc.h"  // over what the line above defines
}  // namespace

constexpr Kernels emulated_avx512_kernels = make_kernels("avx512_emulated");

}  // namespace pgslab
