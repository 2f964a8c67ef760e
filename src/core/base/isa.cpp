#include "base/isa.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace pgslab {

#if defined(__x86_64__) || defined(__i386__)

namespace {

// Compilers before GCC 11 have no name for F16C in __builtin_cpu_supports.
bool has_f16c() noexcept {
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}

}  // namespace

// __builtin_cpu_supports also asks XGETBV whether the system saves the wide registers.
bool cpu_has(Isa isa) noexcept {
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512dq");
    switch (isa) {
        case Isa::Baseline:
            return true;
        case Isa::Avx2:
            return avx2;
        case Isa::Avx512:
            return avx512;
        case Isa::Avx512Popcnt:
            return avx512 && __builtin_cpu_supports("avx512vpopcntdq");
    }
    return false;
}

#else

bool cpu_has(Isa isa) noexcept {
    return isa == Isa::Baseline;
}

#endif

}  // namespace pgslab
