// The queries that an index measures itself with: rows drawn at random, queries made of drawn rows,
// since people ask for what is not like the rows, and queries that somebody gave.
//
// They come in rounds, each with some of every kind, so that a measurement may end after any. In
// some rounds many rows are searched for: these queries tell about all numbers of rows, at a price.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cluster/random.h"
#include "ivf/sampler.h"

namespace pgslab {

class CalibrationQueries {
  public:
    // A row; a row with noise; half of a row's elements; a row moved by half of the difference of
    // two others; the middle of two rows; given.
    enum Kind : uint32_t { kRow, kNoise, kHalf, kDifference, kMiddle, kGiven, kKinds };

    // What rows and given refer to must outlive it. given: float[dims] each. of_sets: vectors stand
    // for sets, of which noise draws elements anew, each as often as rows have it. May throw
    // std::bad_alloc.
    CalibrationQueries(const DrawnRows &rows, std::span<const float> given, bool of_sets = false);

    // Drawn rows that are made queries of: of those that are the same one, or where most rows are
    // copies the measurement would say how easily copies are found.
    uint32_t rows() const noexcept { return static_cast<uint32_t>(distinct_.size()); }
    uint32_t rounds() const noexcept;
    uint32_t queries() const noexcept;  // of all rounds
    uint32_t queries_of(uint32_t round) const noexcept;
    static bool is_deep(uint32_t round) noexcept { return round % kDeepEvery == 0; }

    // Makes the i-th query of a round.
    void make(uint32_t round, uint32_t i);

    // Makes the i-th drawn row, in an order that has nothing to do with where they lie.
    void make_row(uint32_t i);

    Kind kind() const noexcept { return kind_; }
    const float *vector() const noexcept { return vector_.data(); }

    // The addresses of the rows that the query is made of and would find first.
    std::vector<uint64_t> made_of() const;
    bool is_made_of(uint64_t address) const noexcept;

  private:
    static constexpr Kind kRound[] = {kRow, kNoise, kRow, kHalf, kDifference, kMiddle};
    static constexpr uint32_t kDeepEvery = 6;

    uint32_t row_at(uint32_t i) const noexcept;
    uint32_t given() const noexcept;
    uint32_t given_before(uint32_t round) const noexcept;
    void make_of(uint32_t row, uint32_t other, uint32_t third);
    double with_noise(double x, uint32_t d);
    void find_distinct();
    void measure_elements();

    DrawnRows rows_;
    std::vector<uint32_t> distinct_;  // of rows_, ascending
    std::span<const float> given_;
    std::vector<float> deviation_;  // standard, of each element
    std::vector<float> share_;      // of sets, that have each element
    SplitMix random_;
    Kind kind_ = kRow;
    uint32_t row_ = 0;    // that the query in hand is made of,
    uint32_t other_ = 0;  // and the other one of kMiddle
    std::vector<float> vector_;
};

}  // namespace pgslab
