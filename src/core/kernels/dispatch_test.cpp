// Which kernels are chosen, and by whom.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

std::vector<std::string> available() {
    std::vector<std::string> names;
    for (int i = 0; const char *name = pgs_isa_available(i); i++) {
        names.push_back(name);
    }
    return names;
}

class Dispatch : public testing::Test {
  protected:
    void TearDown() override { ASSERT_TRUE(pgs_isa_force("auto")); }
};

TEST_F(Dispatch, ListsTheBaselineFirst) {
    ASSERT_FALSE(available().empty());
    EXPECT_EQ(available().front(), "baseline");
    EXPECT_EQ(pgs_isa_available(-1), nullptr);
    EXPECT_EQ(pgs_isa_available(static_cast<int>(available().size())), nullptr);
}

TEST_F(Dispatch, UsesWhatIsForced) {
    for (const std::string &name : available()) {
        EXPECT_TRUE(pgs_isa_force(name.c_str()));
        EXPECT_EQ(pgs_isa_name(), name);
        EXPECT_EQ(kernels().isa, name);
    }
}

TEST_F(Dispatch, AutoIsTheBest) {
    ASSERT_TRUE(pgs_isa_force("baseline"));
    EXPECT_TRUE(pgs_isa_force("auto"));
    EXPECT_EQ(pgs_isa_name(), available().back());
}

TEST_F(Dispatch, RefusesWhatItDoesNotKnowAndChangesNothing) {
    for (const std::string &name : available()) {
        ASSERT_TRUE(pgs_isa_force(name.c_str()));
        for (const char *unknown : {"", "AVX2", "avx2 ", "sse9", "avx512_emulated"}) {
            EXPECT_FALSE(pgs_isa_force(unknown)) << unknown;
            EXPECT_EQ(pgs_isa_name(), name);
        }
    }
}

TEST_F(Dispatch, RefusesWhatThisCpuLacks) {
    const std::vector<std::string> names = available();
    for (const char *name : {"avx2", "avx512", "avx512popcnt"}) {
        const bool listed = std::find(names.begin(), names.end(), name) != names.end();
        EXPECT_EQ(pgs_isa_force(name), listed) << name;
    }
}

// The environment is read on first use, so each case needs a process that has not used the kernels.
class DispatchEnvironment : public testing::Test {
  protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

[[noreturn]] void exit_telling_isa(const char *wanted) {
    setenv("PGSLAB_ISA", wanted, 1);
    std::fprintf(stderr, "using %s.", pgs_isa_name());
    std::exit(0);
}

TEST_F(DispatchEnvironment, ForcesOnFirstUse) {
    for (const std::string &name : available()) {
        EXPECT_EXIT(exit_telling_isa(name.c_str()), testing::ExitedWithCode(0),
                    "^using " + name + "\\.$");
    }
}

TEST_F(DispatchEnvironment, SaysSoWhenItCannotBeFollowed) {
    const std::string best = available().back();
    EXPECT_EXIT(exit_telling_isa("sse9"), testing::ExitedWithCode(0),
                "PGSLAB_ISA=sse9 is not available here, using " + best + "\nusing " + best);
}

}  // namespace
}  // namespace pgslab
