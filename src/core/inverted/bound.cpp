#include "inverted/bound.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pgslab::inverted {

namespace {

// More than what roundings of two numbers f and of their ratio add up to.
constexpr double kRounding = 1 + 0x1p-48;

constexpr uint8_t kAll = 255;  // that a share may be of a term's

bool is_average(double average) noexcept {
    return average > 0 && std::isfinite(average);
}

}  // namespace

double relative_length(double length, double average) noexcept {
    const double relative = length / average;
    return average > 0 && std::isfinite(relative) ? relative : 1;
}

double posting_factor(const Inverted &index, double average, float weight,
                      const DocumentMeasure &document) noexcept {
    const double w = weight;
    switch (index.weights) {
        case Weights::kOccurrences:
            return w / (w + index.k1 * (1 - index.b +
                                        index.b * relative_length(document.length, average)));
        case Weights::kProducts:
            return w;
        case Weights::kCosines:
            return w / std::sqrt(document.square);
    }
    return 0;
}

// Where one of the two is no average all documents count as long as the average there, so K there
// is k1. With such a segment f was at least 1 / (1 + k1), and it is never above 1. With such a
// search K was at most that of the longest document.
double factor_growth(const Inverted &index, double segment_average, double average) noexcept {
    if (index.weights != Weights::kOccurrences) {
        return 1;
    }
    double growth = 1;
    if (is_average(segment_average) && is_average(average)) {
        growth = average / segment_average;
    } else if (is_average(average)) {
        growth = 1 + index.k1;
    } else if (is_average(segment_average)) {
        constexpr double kLongest = std::numeric_limits<uint32_t>::max();
        growth = 1 - index.b + index.b * relative_length(kLongest, segment_average);
    }
    return growth <= 1 ? 1 : growth * kRounding;
}

float round_up(double f) noexcept {
    const auto rounded = static_cast<float>(f);
    return rounded >= f ? rounded : std::nextafter(rounded, std::numeric_limits<float>::infinity());
}

float round_down(double f) noexcept {
    return -round_up(-f);
}

// The division may round to either side, so it begins below what that gives.
uint8_t share_of(double f, float term) noexcept {
    if (f == 0) {
        return 0;
    }
    const double size = std::fabs(f);
    const float all = std::fabs(term);
    const double about = std::floor(size / all * kAll);
    if (!(about < kAll)) {
        return kAll;
    }
    auto share = static_cast<uint8_t>(std::max(about - 1, 0.0));
    while (share < kAll && of_share(share, all) < size) {
        share++;
    }
    return share;
}

}  // namespace pgslab::inverted
