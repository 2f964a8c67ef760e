// Invariants: what holds whatever the pages say and whatever the caller asks, so that only a bug of
// ours can break it.
//
// PGSLAB_ASSERT(condition) states one where it is relied on. Debug, sanitizer and fuzz builds
// (PGSLAB_ASSERTIONS) look whether it holds, and end the process where it does not. A release
// compiles the condition and never evaluates it. So what a damaged page can bring about is not to
// be asserted but to be checked and reported, as PGS_CORRUPT.
#pragma once

namespace pgslab {

// Prints the condition and where it stands to stderr, and aborts.
[[noreturn]] void assertion_failed(const char *condition, const char *file, int line) noexcept;

}  // namespace pgslab

#ifdef PGSLAB_ASSERTIONS
#define PGSLAB_ASSERT(condition)        \
    ((condition) ? static_cast<void>(0) \
                 : ::pgslab::assertion_failed(#condition, __FILE__, __LINE__))
#else
#define PGSLAB_ASSERT(condition) static_cast<void>(sizeof(!(condition)))
#endif
