// Chooses the kernels once, and answers the boundary's questions about instruction sets.
#include <simde/x86/sse2.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/isa.h"
#include "kernels/isa_tables.h"
#include "kernels/kernels.h"
#include "pgslab/types.h"

namespace pgslab {

namespace {

struct Candidate {
    Isa isa;
    const Kernels *kernels;
};

// Best last.
constexpr Candidate candidates[] = {
    {Isa::Baseline, &baseline_kernels},
#if defined(__x86_64__) || defined(__i386__)
    {Isa::Avx2, &avx2_kernels},
    {Isa::Avx512, &avx512_kernels},
    {Isa::Avx512Popcnt, &avx512popcnt_kernels},
#endif
};

// Null until first use. The tables are constant, so there is nothing a relaxed load could see half
// of; threads that race to choose first choose the same.
constinit std::atomic<const Kernels *> chosen{nullptr};

const Kernels *find(const char *name) noexcept {
    const Kernels *found = nullptr;
    for (int i = 0; const Kernels *k = available_kernels(i); i++) {
        if (std::strcmp(name, "auto") == 0 || std::strcmp(name, k->isa) == 0) {
            found = k;
        }
    }
    return found;
}

const Kernels *choose() noexcept {
    const Kernels *choice = find("auto");
    if (const char *name = std::getenv("PGSLAB_ISA")) {
        if (const Kernels *forced = find(name)) {
            choice = forced;
        } else {
            std::fprintf(stderr, "pgslab: PGSLAB_ISA=%s is not available here, using %s\n", name,
                         choice->isa);
        }
    }
    chosen.store(choice, std::memory_order_relaxed);
    return choice;
}

}  // namespace

const Kernels *available_kernels(int i) noexcept {
    for (const Candidate &candidate : candidates) {
        if (cpu_has(candidate.isa) && i-- == 0) {
            return candidate.kernels;
        }
    }
    return nullptr;
}

const Kernels &kernels() noexcept {
    const Kernels *choice = chosen.load(std::memory_order_relaxed);
    return choice != nullptr ? *choice : *choose();
}

bool force_isa(const char *name) noexcept {
    const Kernels *forced = find(name);
    if (forced == nullptr) {
        return false;
    }
    chosen.store(forced, std::memory_order_relaxed);
    return true;
}

float sum(const Lanes &lanes) noexcept {
    const auto at = [&](int i) { return simde_mm_load_ps(lanes.lane + i); };
    const simde__m128 a = simde_mm_add_ps(at(0), at(16));
    const simde__m128 b = simde_mm_add_ps(at(4), at(20));
    const simde__m128 c = simde_mm_add_ps(at(8), at(24));
    const simde__m128 d = simde_mm_add_ps(at(12), at(28));
    simde__m128 s = simde_mm_add_ps(simde_mm_add_ps(a, c), simde_mm_add_ps(b, d));
    s = simde_mm_add_ps(s, simde_mm_movehl_ps(s, s));
    s = simde_mm_add_ss(s, simde_mm_shuffle_ps(s, s, 1));
    return simde_mm_cvtss_f32(s);
}

}  // namespace pgslab

const char *pgs_isa_available(int i) {
    const pgslab::Kernels *k = i >= 0 ? pgslab::available_kernels(i) : nullptr;
    return k != nullptr ? k->isa : nullptr;
}

const char *pgs_isa_name(void) {
    return pgslab::kernels().isa;
}

bool pgs_isa_force(const char *name) {
    return pgslab::force_isa(name);
}
