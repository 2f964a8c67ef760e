// Assertions end the process where they are looked at, and cost nothing elsewhere.
#include "base/assert.h"

#include <gtest/gtest.h>

namespace pgslab {
namespace {

TEST(Assert, WhatHoldsPasses) {
    int evaluated = 0;
    PGSLAB_ASSERT(++evaluated > 0);
#ifdef PGSLAB_ASSERTIONS
    EXPECT_EQ(evaluated, 1);
#else
    EXPECT_EQ(evaluated, 0) << "a release looks at it";
#endif
}

TEST(AssertDeathTest, WhatDoesNotHoldIsNamedWithItsPlace) {
    EXPECT_DEATH(assertion_failed("rows <= capacity", "search.cpp", 7),
                 "search.cpp:7: assertion failed: rows <= capacity");
}

#ifdef PGSLAB_ASSERTIONS
TEST(AssertDeathTest, WhatDoesNotHoldEndsTheProcess) {
    EXPECT_DEATH(PGSLAB_ASSERT(1 + 1 == 3),
                 "assert_test.cpp:[0-9]+: assertion failed: 1 \\+ 1 == 3");
}
#endif

}  // namespace
}  // namespace pgslab
