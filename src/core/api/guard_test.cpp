// guard() tells want of memory from a fault of ours, and lets nothing out.
#include "api/guard.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace pgslab {
namespace {

PgsError error_of(void (*body)()) {
    PgsError error = {};
    const PgsStatus status = guard(&error, [&] {
        body();
        return PGS_OK;
    });
    EXPECT_EQ(status, error.status);
    return error;
}

TEST(Guard, WantOfMemoryIsCalledSo) {
    EXPECT_EQ(error_of([] { throw std::bad_alloc(); }).status, PGS_OUT_OF_MEMORY);
    EXPECT_EQ(error_of([] { std::vector<int>().reserve(SIZE_MAX); }).status, PGS_OUT_OF_MEMORY);
}

TEST(Guard, AnyOtherExceptionIsAFaultOfOurs) {
    const PgsError error = error_of([] { throw std::out_of_range("beyond the end"); });
    EXPECT_EQ(error.status, PGS_INTERNAL);
    EXPECT_STREQ(error.detail, "unexpected exception: beyond the end");
}

TEST(Guard, AStatusIsPassedOn) {
    EXPECT_EQ(guard(nullptr, [] { return PGS_FULL; }), PGS_FULL);
}

}  // namespace
}  // namespace pgslab
