// Kernels for AVX-512 F, BW, VL and DQ, and those that VPOPCNTDQ is for. Empty on other
// architectures.
#include "kernels/isa_tables.h"

#if defined(__x86_64__) || defined(__i386__)

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512VL__) || \
    !defined(__AVX512DQ__)
#error "compile this file with -mavx512f -mavx512bw -mavx512vl -mavx512dq"
#endif

#include <immintrin.h>
#include <simde/x86/avx2.h>
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

namespace pgslab {

namespace {
#include "kernels/simd512.inc.h"

#include "kernels/kernels.inc.h"  // over what the line above defines

#include "kernels/bits512.inc.h"

constexpr Kernels make_popcnt_kernels() {
    Kernels kernels = make_kernels("avx512popcnt");
    kernels.bits_differing = bits_differing_512;
    kernels.bits_shared = bits_shared_512;
    return kernels;
}
}  // namespace

constexpr Kernels avx512_kernels = make_kernels("avx512");
constexpr Kernels avx512popcnt_kernels = make_popcnt_kernels();

}  // namespace pgslab

#endif
