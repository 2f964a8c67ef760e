// Large memory that is read here and there.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace pgslab {

// Has the system use huge pages for what lies in there, where it knows them and does so if asked:
// each fresh place costs a walk through the page tables less. A wish, which may come to nothing.
inline void prefer_huge_pages([[maybe_unused]] void *memory,
                              [[maybe_unused]] size_t bytes) noexcept {
#if defined(MADV_HUGEPAGE)
    constexpr uintptr_t kHuge = uintptr_t{2} << 20;
    const auto begin = reinterpret_cast<uintptr_t>(memory);
    const uintptr_t first = (begin + kHuge - 1) / kHuge * kHuge;
    const uintptr_t last = (begin + bytes) / kHuge * kHuge;
    if (first < last) {
        (void)madvise(reinterpret_cast<void *>(first), last - first, MADV_HUGEPAGE);
    }
#endif
}

}  // namespace pgslab
