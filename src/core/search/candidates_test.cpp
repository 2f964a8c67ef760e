// Rows with bounds on their distance come out in the order of the distances, as far as a pass
// promises, whatever the bounds are.
#include "search/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <vector>

namespace pgslab {
namespace {

using Random = std::mt19937;

// What codes say of a row, and what comparing its stored vector does.
struct Offer {
    double lower;
    double value;
    double upper;
    double below = 0;  // how far the evaluated interval reaches to either side of the value
    double above = 0;
};

Candidate candidate(uint64_t address, double key) {
    Candidate row = {};
    row.key = key;
    row.address = address;
    return row;
}

// Few distinct values, so that there are ties; bounds from exact to nothing known.
std::vector<Offer> draw_offers(Random &random, size_t n) {
    std::vector<Offer> offers;
    const int spread = 1 + static_cast<int>(random() % 30);
    for (size_t i = 0; i < n; i++) {
        const double value = static_cast<double>(random() % 50);
        const auto width = [&] { return static_cast<double>(random() % spread); };
        Offer offer = {value - width(), value, value + width()};
        if (random() % 20 == 0) {
            offer.lower = -INFINITY;
            offer.upper = INFINITY;
        }
        if (random() % 3 != 0) {
            offer.below = static_cast<double>(random() % 3);
            offer.above = random() % 20 == 0 ? INFINITY : static_cast<double>(random() % 3);
        }
        offers.push_back(offer);
    }
    return offers;
}

struct Effort {
    size_t evaluated = 0;
    size_t looked_up = 0;
};

// The next row's address as a search comes by it, evaluating and looking up rows until there is
// one.
std::optional<uint64_t> next(Candidates &candidates, const std::vector<Offer> &offers,
                             Effort *effort = nullptr) {
    Effort ignored;
    Effort &done = effort != nullptr ? *effort : ignored;
    for (;;) {
        if (candidates.to_evaluate() != nullptr) {
            Candidate row = candidates.pop_to_evaluate();
            const Offer &offer = offers[row.address];
            row.key = offer.value - offer.below;
            row.upper = offer.value + offer.above;
            row.evaluated = true;
            candidates.add_evaluated(row);
            done.evaluated++;
        } else if (candidates.first() == nullptr) {
            return std::nullopt;
        } else if (candidates.first_is_certain()) {
            return candidates.pop_first().address;
        } else {
            candidates.set_value_of_first(offers[candidates.first()->address].value);
            done.looked_up++;
        }
    }
}

std::vector<uint64_t> emit(Candidates &candidates, const std::vector<Offer> &offers) {
    std::vector<uint64_t> emitted;
    while (const auto address = next(candidates, offers)) {
        emitted.push_back(*address);
    }
    return emitted;
}

// Rows whose value is known from the first.
std::vector<Offer> exactly(size_t n, double value) {
    return std::vector<Offer>(n, Offer{value, value, value});
}

TEST(Candidates, WhatIsEmittedIsWhatAFullSortBeginsWith) {
    Random random(1);
    Candidates candidates;
    for (int round = 0; round < 3000; round++) {
        const size_t n = random() % 200;
        const size_t wanted = 1 + random() % 40;
        const size_t capacity = 1 + random() % 250;
        const auto offers = draw_offers(random, n);
        candidates.begin(wanted, capacity);
        for (size_t i = 0; i < n; i++) {
            candidates.offer(candidate(i, offers[i].lower), offers[i].upper);
        }
        candidates.finish(n + 1, random() % 20);
        const auto emitted = emit(candidates, offers);
        std::vector<double> values, all;
        for (uint64_t i : emitted) {
            values.push_back(offers[i].value);
        }
        for (const Offer &offer : offers) {
            all.push_back(offer.value);
        }
        std::sort(all.begin(), all.end());
        ASSERT_LE(values.size(), all.size());
        ASSERT_TRUE(std::equal(values.begin(), values.end(), all.begin())) << "round " << round;
        if (!candidates.dropped()) {
            ASSERT_EQ(values.size(), n) << "nothing was dropped and rows are missing";
        }
        if (capacity >= n) {
            ASSERT_GE(values.size(), std::min(wanted, n)) << "a pass ended too early";
        }
        auto once = emitted;
        std::sort(once.begin(), once.end());
        ASSERT_EQ(std::unique(once.begin(), once.end()), once.end());
    }
}

TEST(Candidates, TheBarIsJustAboveTheSmallestUpperBounds) {
    Candidates candidates;
    candidates.begin(3, 100);
    candidates.offer(candidate(0, 0), 9);
    candidates.offer(candidate(1, 0), 5);
    EXPECT_EQ(candidates.bar(), INFINITY);
    candidates.offer(candidate(2, 0), 7);
    EXPECT_EQ(candidates.bar(), std::nextafter(9.0, INFINITY));
    candidates.offer(candidate(3, 0), 6);
    EXPECT_EQ(candidates.bar(), std::nextafter(7.0, INFINITY));
    EXPECT_FALSE(candidates.dropped());
    candidates.offer(candidate(4, 7), 8);  // may lie on the bound
    EXPECT_FALSE(candidates.dropped());
    candidates.offer(candidate(5, std::nextafter(7.0, INFINITY)), 8);
    EXPECT_TRUE(candidates.dropped());
}

TEST(Candidates, NoMoreThanTheCapacityIsKept) {
    Random random(2);
    Candidates candidates;
    std::vector<Offer> offers;
    candidates.begin(1, 10);
    for (uint64_t i = 0; i < 1000; i++) {
        const auto key = static_cast<double>(random() % 1000);
        offers.push_back({key, key, INFINITY});
        candidates.offer(candidate(i, key), INFINITY);
    }
    candidates.finish(1000, 0);
    EXPECT_TRUE(candidates.dropped());
    EXPECT_EQ(emit(candidates, offers).size(), 10u);
}

TEST(Candidates, FinishKeepsTheSmallestKeysAndTheBar) {
    Candidates candidates;
    std::vector<Offer> offers;
    candidates.begin(5, 100);
    for (uint64_t i = 0; i < 50; i++) {
        const auto key = static_cast<double>(i * 7 % 50);
        offers.push_back({key, key + 100, INFINITY});  // wrong bounds
        candidates.offer(candidate(i, key), INFINITY);
    }
    candidates.finish(4, 0);
    EXPECT_EQ(candidates.bar(), INFINITY);
    EXPECT_TRUE(candidates.dropped());
    std::vector<double> values;
    for (uint64_t i : emit(candidates, offers)) {
        values.push_back(offers[i].value);
    }
    EXPECT_EQ(values, (std::vector<double>{100, 101, 102, 103}));
}

// What bounds that hold most probably have got wrong among so many comes right.
TEST(Candidates, NothingIsEmittedBeforeTheFirstAreSure) {
    Random random(3);
    Candidates candidates;
    for (int round = 0; round < 500; round++) {
        const size_t n = 1 + random() % 100;
        const size_t sure = random() % 30;
        std::vector<Offer> offers;
        candidates.begin(n, n);
        for (size_t i = 0; i < n; i++) {
            const auto value = static_cast<double>(random() % 1000);
            const double off = static_cast<double>(random() % 200) - 150;
            offers.push_back({value + off, value, INFINITY});
            candidates.offer(candidate(i, value + off), INFINITY);
        }
        candidates.finish(n, sure);
        Effort effort;
        ASSERT_TRUE(next(candidates, offers, &effort).has_value());
        ASSERT_GE(effort.evaluated, std::min(sure, n));
    }
}

TEST(Candidates, OfEqualRowsTheLowerAddressComesFirst) {
    Candidates candidates;
    candidates.begin(10, 10);
    for (uint64_t address : {7, 3, 9, 0}) {
        candidates.offer(candidate(address, 1), INFINITY);
    }
    candidates.finish(10, 0);
    EXPECT_EQ(emit(candidates, exactly(10, 1)), (std::vector<uint64_t>{0, 3, 7, 9}));
}

TEST(Candidates, RowsOfferedWithTheirValueAreNotEvaluated) {
    Candidates candidates;
    candidates.begin(10, 10);
    for (uint64_t address = 0; address < 5; address++) {
        Candidate row = candidate(address, static_cast<double>(5 - address));
        row.upper = row.key;
        row.evaluated = true;
        candidates.offer(row, INFINITY);
    }
    candidates.finish(10, 0);
    EXPECT_EQ(candidates.to_evaluate(), nullptr);
    EXPECT_EQ(emit(candidates, {}), (std::vector<uint64_t>{4, 3, 2, 1, 0}));
}

// Where intervals lie apart nothing is looked up; of two that overlap one is enough, if it turns
// out to lie outside of the other.
TEST(Candidates, OnlyRowsWhoseIntervalsOverlapAreLookedUp) {
    const auto looked_up = [](const std::vector<Offer> &offers) {
        Candidates candidates;
        candidates.begin(10, 10);
        for (uint64_t i = 0; i < offers.size(); i++) {
            candidates.offer(candidate(i, offers[i].lower), offers[i].upper);
        }
        candidates.finish(10, 0);
        Effort effort;
        for (uint64_t i = 0; i < offers.size(); i++) {
            EXPECT_EQ(next(candidates, offers, &effort), i);
        }
        EXPECT_EQ(next(candidates, offers, &effort), std::nullopt);
        return effort.looked_up;
    };
    EXPECT_EQ(looked_up({{0, 1, 9, 1, 1}, {0, 3, 9, 1, 1}, {0, 5, 9, 1, 1}}), 0u);
    EXPECT_EQ(looked_up({{0, 1, 9, 1, 2}, {0, 3, 9, 1, 1}, {0, 5, 9, 1, 1}}), 1u);
    EXPECT_EQ(looked_up({{0, 1, 9, 1, 2}, {0, 2, 9, 2, 1}, {0, 5, 9, 1, 1}}), 2u);
    EXPECT_EQ(looked_up({{0, 1, 9, 0, 0}, {0, 1, 9, 0, 0}, {0, 1, 9, 0, 5}}), 0u);
}

TEST(Candidates, ABoundThatIsNoNumberIsNone) {
    Candidates candidates;
    candidates.begin(3, 10);
    candidates.offer(candidate(0, 1), 5);
    candidates.offer(candidate(1, 1), NAN);
    candidates.offer(candidate(2, 1), 100);
    candidates.offer(candidate(3, 50), 60);
    EXPECT_GE(candidates.bar(), 100) << "of four rows one may be anywhere";
    candidates.offer(candidate(4, NAN), 200);
    candidates.finish(10, 0);
    ASSERT_NE(candidates.to_evaluate(), nullptr);
    EXPECT_EQ(candidates.to_evaluate()->address, 4u);
    EXPECT_EQ(emit(candidates, exactly(5, 1)).size(), 5u);
}

TEST(Candidates, BeginForgetsEverything) {
    Candidates candidates;
    candidates.begin(1, 1);
    for (uint64_t i = 0; i < 10; i++) {
        candidates.offer(candidate(i, 0), 1);
    }
    candidates.drop();
    candidates.finish(1, 1);
    candidates.begin(1, 1);
    EXPECT_FALSE(candidates.dropped());
    EXPECT_EQ(candidates.bar(), INFINITY);
    candidates.finish(1, 1);
    EXPECT_EQ(candidates.to_evaluate(), nullptr);
    EXPECT_EQ(candidates.first(), nullptr);
}

}  // namespace
}  // namespace pgslab
