// isa.h - which instruction sets this CPU, and its operating system, can run.
#pragma once

namespace pgslab {

// From the narrowest to the widest. The baseline is what the compiler may assume everywhere: SSE2
// on x86-64, NEON on arm64.
enum class Isa {
    Baseline,
    Avx2,          // AVX2, FMA and F16C
    Avx512,        // what Avx2 has, and AVX-512 F, BW, VL and DQ
    Avx512Popcnt,  // what Avx512 has, and VPOPCNTDQ
};

// True when code compiled for `isa` may run here, its registers' saving by the system included.
bool cpu_has(Isa isa) noexcept;

}  // namespace pgslab
