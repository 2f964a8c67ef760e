#include "search/calibration_queries.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace pgslab {

namespace {

// So many there are even of few distinct rows.
constexpr uint32_t kFewRounds = 8;

// Standard deviations of the noise that makes a query unlike its row.
constexpr double kNoiseLevel = 0.5;

// Share of a set's elements that noise draws anew.
constexpr double kDrawnAnew = 0.25;

// About normal, with variance 1.
double normal(SplitMix &random) noexcept {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += random.uniform();
    }
    return sum - 6;
}

}  // namespace

CalibrationQueries::CalibrationQueries(const DrawnRows &rows, std::span<const float> given,
                                       bool of_sets)
    : rows_(rows), given_(given), share_(of_sets ? rows.dims : 0), random_(1), vector_(rows.dims) {
    find_distinct();
    measure_elements();
}

void CalibrationQueries::find_distinct() {
    const uint32_t dims = rows_.dims;
    const auto is_less = [&](uint32_t a, uint32_t b) {
        const float *const x = rows_.vector(a);
        const float *const y = rows_.vector(b);
        return std::lexicographical_compare(x, x + dims, y, y + dims);
    };
    const auto is_same = [&](uint32_t a, uint32_t b) {
        return std::equal(rows_.vector(a), rows_.vector(a) + dims, rows_.vector(b));
    };
    distinct_.resize(rows_.vectors());
    std::iota(distinct_.begin(), distinct_.end(), 0);
    std::stable_sort(distinct_.begin(), distinct_.end(), is_less);
    distinct_.erase(std::unique(distinct_.begin(), distinct_.end(), is_same), distinct_.end());
    std::sort(distinct_.begin(), distinct_.end());
}

void CalibrationQueries::measure_elements() {
    const uint32_t n = rows_.vectors();
    deviation_.resize(rows_.dims);
    for (uint32_t d = 0; d < rows_.dims && n > 0; d++) {
        double sum = 0;
        double squares = 0;
        for (uint32_t i = 0; i < n; i++) {
            const double x = rows_.vector(i)[d];
            sum += x;
            squares += x * x;
        }
        const double mean = sum / n;
        deviation_[d] = static_cast<float>(std::sqrt(std::max(0.0, squares / n - mean * mean)));
    }
    for (uint32_t d = 0; d < share_.size(); d++) {
        for (uint32_t i = 0; i < n; i++) {
            share_[d] += rows_.vector(i)[d] > 0 ? 1.0F / static_cast<float>(n) : 0;
        }
    }
}

// ---- rounds

// Each drawn row is a query once; where there are few, as most are copies of one another, more
// often.
uint32_t CalibrationQueries::rounds() const noexcept {
    return std::max({rows() / 2, std::min(rows_.vectors() / 2, kFewRounds), 1U});
}

uint32_t CalibrationQueries::given() const noexcept {
    return static_cast<uint32_t>(given_.size() / rows_.dims);
}

uint32_t CalibrationQueries::given_before(uint32_t round) const noexcept {
    return static_cast<uint32_t>(uint64_t{given()} * round / rounds());
}

uint32_t CalibrationQueries::queries() const noexcept {
    return rounds() * static_cast<uint32_t>(std::size(kRound)) + given();
}

uint32_t CalibrationQueries::queries_of(uint32_t round) const noexcept {
    return static_cast<uint32_t>(std::size(kRound)) + given_before(round + 1) - given_before(round);
}

// A large prime has no factor in common with the number of rows.
uint32_t CalibrationQueries::row_at(uint32_t i) const noexcept {
    constexpr uint64_t kPrime = 1000003;
    return distinct_[i * kPrime % rows()];
}

// ---- a query

void CalibrationQueries::make_row(uint32_t i) {
    kind_ = kRow;
    row_ = row_at(i);
    std::copy_n(rows_.vector(row_), rows_.dims, vector_.begin());
}

void CalibrationQueries::make(uint32_t round, uint32_t i) {
    if (i >= std::size(kRound)) {
        const size_t at = given_before(round) + i - std::size(kRound);
        kind_ = kGiven;
        std::copy_n(given_.begin() + static_cast<ptrdiff_t>(at * rows_.dims), rows_.dims,
                    vector_.begin());
    } else if (kRound[i] == kRow) {
        make_row(2 * round + (i > 0 ? 1 : 0));
    } else {
        kind_ = kRound[i];
        const uint32_t n = 2 * round + i;
        row_ = row_at(n);
        other_ = row_at(n + 1 + rows() / 3);
        make_of(row_, other_, row_at(n + 2 + rows() / 2));
    }
}

double CalibrationQueries::with_noise(double x, uint32_t d) {
    if (share_.empty()) {
        return x + kNoiseLevel * deviation_[d] * normal(random_);
    }
    const bool is_drawn = random_.uniform() < kDrawnAnew;
    const bool has = random_.uniform() < share_[d];
    return is_drawn ? has : x;
}

void CalibrationQueries::make_of(uint32_t row, uint32_t other, uint32_t third) {
    for (uint32_t d = 0; d < rows_.dims; d++) {
        double x = rows_.vector(row)[d];
        const double y = rows_.vector(other)[d];
        switch (kind_) {
            case kNoise:
                x = with_noise(x, d);
                break;
            case kHalf:
                x = random_.uniform() < 0.5 ? x : 0;
                break;
            case kDifference:
                x += (y - rows_.vector(third)[d]) / 2;
                break;
            default:
                x = (x + y) / 2;
                break;
        }
        constexpr double kMost = std::numeric_limits<float>::max();
        vector_[d] = static_cast<float>(std::clamp(x, -kMost, kMost));
    }
}

std::vector<uint64_t> CalibrationQueries::made_of() const {
    std::vector<uint64_t> addresses;
    if (kind_ != kGiven) {
        addresses.push_back(rows_.addresses[row_]);
    }
    if (kind_ == kMiddle) {
        addresses.push_back(rows_.addresses[other_]);
    }
    return addresses;
}

bool CalibrationQueries::is_made_of(uint64_t address) const noexcept {
    return kind_ != kGiven && (address == rows_.addresses[row_] ||
                               (kind_ == kMiddle && address == rows_.addresses[other_]));
}

}  // namespace pgslab
