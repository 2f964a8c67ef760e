// Calls of the core with one failing allocation, each in turn. The program that uses it has its own
// operator new and delete, which count and fail as is said here.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ivf/testing/memory_index.h"
#include "pgslab_core.h"

namespace pgslab {

inline int64_t live_allocations = 0;
inline bool failing = false;      // one of the allocations that are made now is to fail
inline uint64_t until_fails = 0;  // that many allocations from now; the one after 0 has

// A call has run out of memory, as was wanted.
struct Stopped {};

// Names of functions. Has room from the beginning, so that using it allocates nothing.
class Names {
  public:
    Names() { names_.reserve(100); }
    void add(const char *name) {
        if (std::find(names_.begin(), names_.end(), name) == names_.end()) {
            names_.push_back(name);
        }
    }
    std::vector<std::string> without(const std::vector<std::string> &others) const {
        std::vector<std::string> rest;
        for (const std::string_view name : names_) {
            if (std::find(others.begin(), others.end(), name) == others.end()) {
                rest.emplace_back(name);
            }
        }
        return rest;
    }

  private:
    std::vector<std::string_view> names_;
};

// Calls the core with one failing allocation.
class Caller {
  public:
    // n: the number of the allocation that fails, of all that are made in calls.
    Caller(uint64_t n, Names &called, Names &failed) : called_(called), failed_(failed) {
        until_fails = n;
    }

    bool has_failed() const { return has_failed_; }

    template <typename Call>
    void operator()(const char *function, Call call) {
        called_.add(function);
        const bool could_fail = until_fails > 0;
        failing = true;
        const PgsStatus status = call();
        failing = false;
        const bool fails = could_fail && until_fails == 0;
        EXPECT_EQ(status, fails ? PGS_OUT_OF_MEMORY : PGS_OK) << function;
        if (fails) {
            failed_.add(function);
            has_failed_ = true;
        }
        if (status != PGS_OK) {
            throw Stopped();
        }
    }

    template <typename T, typename Create>
    Owned<T> make(const char *function, void (*destroy)(T *), Create create) {
        T *made = nullptr;
        (*this)(function, [&] { return create(&made); });
        return {made, destroy};
    }

  private:
    Names &called_;
    Names &failed_;
    bool has_failed_ = false;
};

// The life of an object once for each allocation in it, which fails, until none does. All functions
// that were called must have failed, but for those that allocate nothing.
template <typename Life>
void fail_in_turn(Life life, const std::vector<std::string> &allocate_nothing = {}) {
    Names called, failed;
    bool more = true;
    for (uint64_t n = 1; more && !testing::Test::HasFailure(); n++) {
        const int64_t before = live_allocations;
        {
            Caller call(n, called, failed);
            try {
                life(call);
            } catch (const Stopped &) {
            }
            more = call.has_failed();
        }
        ASSERT_EQ(live_allocations, before) << "leaked when allocation " << n << " failed";
    }
    EXPECT_THAT(failed.without({}),
                testing::UnorderedElementsAreArray(called.without(allocate_nothing)));
}

}  // namespace pgslab
