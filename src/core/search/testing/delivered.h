// What searches find of the rows that they should, over several queries.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace pgslab {

struct Delivered {
    double recall = 0;
    double error = 0;  // standard, of the mean

    // But for a hundredth, and for chance.
    bool keeps(double target) const { return recall + 2.3 * error >= target - 0.01; }
};

// The mean of the queries' recalls.
inline Delivered mean_of(const std::vector<double> &recalls) {
    double sum = 0;
    double squares = 0;
    for (double recall : recalls) {
        sum += recall;
        squares += recall * recall;
    }
    const auto n = static_cast<double>(recalls.size());
    const double mean = sum / n;
    return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean) / n)};
}

}  // namespace pgslab
