// Batch against a sorted list of everything.
#include "index/batch.h"

#include <gtest/gtest.h>

#include <random>

namespace pgslab {
namespace {

// Few different bounds, infinite ones among them, so that slots decide often.
std::vector<Candidate> candidates(std::mt19937 &random, size_t count) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const double bounds[] = {-kInfinity, -1, 0, 0.5, 1, kInfinity};
    std::vector<Candidate> all;
    for (uint64_t slot = 0; slot < count; slot++) {
        all.push_back({bounds[random() % std::size(bounds)], slot, {1, 1}});
    }
    std::shuffle(all.begin(), all.end(), random);
    return all;
}

bool same(const Candidate &a, const Candidate &b) {
    return a.bound == b.bound && a.slot == b.slot;
}

TEST(Batch, PassAfterPassGivesEverythingOnceInOrder) {
    std::mt19937 random(8);
    for (size_t count : {0, 1, 2, 7, 8, 9, 15, 16, 17, 100, 1000}) {
        for (size_t capacity : {1, 2, 8, 100, 2000}) {
            std::vector<Candidate> all = candidates(random, count);
            std::vector<Candidate> sorted = all;
            std::sort(sorted.begin(), sorted.end());

            Batch batch;
            std::vector<Candidate> given;
            bool more = true;
            while (more) {
                const Candidate last = given.empty() ? Candidate{} : given.back();
                batch.begin(capacity, given.empty() ? nullptr : &last);
                for (const Candidate &candidate : all) {
                    batch.add(candidate);
                }
                batch.finish();
                ASSERT_LE(batch.candidates().size(), capacity);
                given.insert(given.end(), batch.candidates().begin(), batch.candidates().end());
                ASSERT_EQ(batch.dropped(), given.size() < count);
                more = batch.dropped();
            }
            ASSERT_TRUE(std::equal(sorted.begin(), sorted.end(), given.begin(), given.end(), same))
                << count << " candidates, " << capacity << " at a time";
        }
    }
}

TEST(Batch, ABatchThatIsJustFullHasDroppedNothing) {
    Batch batch;
    batch.begin(3, nullptr);
    for (uint64_t slot = 0; slot < 3; slot++) {
        batch.add({0, slot, {1, 1}});
    }
    batch.finish();
    EXPECT_FALSE(batch.dropped());
    EXPECT_EQ(batch.candidates().size(), 3u);
}

TEST(Batch, BeginForgets) {
    Batch batch;
    batch.begin(1, nullptr);
    batch.add({0, 0, {1, 1}});
    batch.add({1, 1, {1, 1}});
    batch.finish();
    ASSERT_TRUE(batch.dropped());
    batch.begin(1, nullptr);
    batch.finish();
    EXPECT_FALSE(batch.dropped());
    EXPECT_TRUE(batch.candidates().empty());
}

}  // namespace
}  // namespace pgslab
