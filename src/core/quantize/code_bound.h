// From a code to bounds on the distance operator's value.
//
// With q', o' and c' the query, the vector and the centroid in code space (quantize/rotation.h), an
// estimate is off from the value of q' and o' by at most error * |q' - c'| (quantize/code.h). Exact
// bounds add what else there is, each as an inequality that holds always:
//
//   - the query's quantisation: |rescale| |u| |q' - q^| <= norm * rounding;
//   - the rotation's rounding, of q' and of o' each relative to its length;
//   - what float32 and float64 round in the factors, the list's term and the estimate;
//   - the rounding of the operator itself, as in quantize/bound.h;
//   - under cosine, that normalised vectors are no longer than 1 up to rounding.
//
// Lengths that are not kept follow from those that are: |r| <= norm / m, |o'| <= |c'| + |r|, and
// |q' - o'| <= |q' - c'| + |r|; m is 2 for L2, else 1. For an inner product the operator's rounding
// is relative to |q| |o|, and |o| <= |offset| + |mean| + |o'|. The mean is that of what is left
// without the index's offset (quantize/offset.h), as everything in code space is.
//
// Bounds that hold most probably leave all that out and take the first term times
// deviations / sqrt(padded - 1), which over random rotations is so many standard deviations of it.
// Of codes of a prefix there are only these, and padded is how many coordinates have codes.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/code.h"
#include "quantize/encode.h"
#include "quantize/rotation.h"
#include "quantize/stored.h"
#include "quantize/told.h"

namespace pgslab {

// A query and the centroid of a list, in code space, each to the precision of a float32 sum over
// 32 lanes.
struct ListQuery {
    double add;       // |q' - c'|^2, or -<q', c'> for an inner product
    double distance;  // |q' - c'|; for an inner product to float32's precision of |q'| + |c'|
    double norm;      // |c'|
};

// What bounds have to know of an index. Lengths are in units of code space.
struct BoundedCodes {
    Metric metric;  // not kL1
    uint32_t dims;
    uint32_t padded;
    double unit = 1;                                             // what vectors are measured in
    double mean_norm = std::numeric_limits<double>::infinity();  // |mean|: for exact bounds, which
                                                                 // are infinite without it
    double stored = 0;       // how far what codes were made of may be from the vector, see
                             // storage_error(): for exact bounds
    double offset_norm = 0;  // |offset|: for exact bounds of an inner product
    uint32_t coded = 0;      // coordinates that codes are of; 0: all. Of fewer there are no exact
                             // bounds but infinite ones
};

// And of a query.
struct BoundedQuery {
    double norm;          // |q'|, see CodeQuery::norm()
    double constant = 0;  // for an inner product -<mean + offset, query>, a sum in float64, so that
                          // -<o, query> = constant - unit <o', q'>; q' is then rotated without the
                          // mean subtracted
    double unit = 1;      // the operator's value for an estimate of 1 under an inner product, of a
                          // distance of 1 otherwise
    double error = 0;     // how far it may be from its place before it is rotated, in units of code
                          // space, see Shift: for exact bounds
    bool is_told = false;  // what the operator's values are, see told.h: for exact bounds
};

class CodeBound {
  public:
    // exact: bounds that hold always; else bounds of so many deviations. Under cosine, query and
    // vector must be normalised to float32's precision, before it is stored.
    CodeBound(const BoundedCodes &codes, const BoundedQuery &query, bool exact,
              double deviations) noexcept
        : product_(codes.metric == Metric::kInnerProduct),
          directions_(is_of_directions(codes.metric)),
          exact_(exact),
          covers_all_(codes.coded == 0 || codes.coded == codes.padded),
          is_told_(query.is_told),
          metric_(codes.metric),
          unit_(query.unit),
          storage_underflow_(kStorageUnderflow / codes.unit),
          constant_(query.constant),
          query_norm_(query.norm),
          query_error_(query.error),
          mean_norm_(codes.mean_norm),
          offset_norm_(codes.offset_norm),
          stored_(codes.stored * (1 + 2 * codes.stored)),
          per_error_(deviations / std::sqrt((covers_all_ ? codes.padded : codes.coded) - 1.0)),
          slack_((std::max(codes.dims, codes.padded) / 32.0 + 40) * 0x1p-22 +
                 (query.is_told ? told_rounding(codes.dims) : 0)),
          sums_(codes.padded * 0x1p-52),
          rotation_(rotation_rounding(codes.padded) * 1.01) {}

    // Of the squared distance, or the negative inner product, in code space; product: see
    // CodeQuery. Always finite: 0 where float32 left its range, and margin() is infinite there.
    double estimate(const Factors &f, float product, const ListQuery &list) const noexcept {
        const double e = f.add + list.add + static_cast<double>(f.rescale) * product;
        return std::isfinite(e) ? e : 0;
    }

    // How far the estimate may be off, so that to_value(estimate -+ margin) are lower and upper
    // bounds. rounding: CodeQuery's for these bits. Not NaN.
    double margin(const Factors &f, const ListQuery &list, double rounding) const noexcept {
        const bool known = f.error < kUnbounded && std::isfinite(f.add) &&
                           std::isfinite(f.rescale) && std::isfinite(list.add) &&
                           std::isfinite(rounding) && (covers_all_ || !exact_);
        const double m = exact_ ? product_ ? product_margin(f, list, rounding)
                                           : distance_margin(f, list, rounding)
                                : f.error * list.distance * per_error_ + underflow<double>(f.error);
        return known && std::isfinite(m) ? m : std::numeric_limits<double>::infinity();
    }

    // The operator's value for an estimate. Of Jaccard, where two sets in one direction from each
    // other may have several, the least: that of two sets of the same size.
    double to_value(double estimate) const noexcept {
        switch (metric_) {
            case Metric::kInnerProduct:
                return constant_ + estimate * unit_;
            case Metric::kCosine:
                return std::clamp(estimate / 2, 0.0, 2.0);
            case Metric::kHamming:
                return std::max(0.0, estimate) * unit_ * unit_;
            case Metric::kJaccard: {
                const double h = std::clamp(estimate / 2, 0.0, 1.0);
                return 2 * h / (1 + h);
            }
            default:
                return std::sqrt(std::max(0.0, estimate)) * unit_;
        }
    }

    // The least estimate for which to_value() gives that value.
    double to_estimate(double value) const noexcept {
        switch (metric_) {
            case Metric::kInnerProduct:
                return (value - constant_) / unit_;
            case Metric::kCosine:
                return 2 * value;
            case Metric::kHamming:
                return value / unit_ / unit_;
            case Metric::kJaccard:
                // Every distance is at most 1, so a value above it is above all estimates.
                return value > 1 ? std::numeric_limits<double>::infinity()
                                 : 2 * value / (2 - value);
            default:
                return value / unit_ * (std::abs(value) / unit_);
        }
    }

    // What is to be allowed for underflow where bounds hold most probably: nothing for rows that
    // lie at their centroid, of which there may be many.
    template <typename T>
    static T underflow(T error) noexcept {
        return std::min(error, static_cast<T>(kUnderflow));
    }

  private:
    // What squares of float32 that underflow add up to, over PGS_MAX_DIMS of them, and the root of
    // that.
    static constexpr double kUnderflow = 0x1p-134;
    static constexpr double kLengthUnderflow = 0x1p-67;

    // What the estimate may be off from the value in code space, of the factors given |q' - c'|.
    double coding_margin(const Factors &f, const ListQuery &list, double distance, double r,
                         double rounding) const noexcept {
        const double code = f.error * distance + f.norm * (rounding + 0x1p-48 * query_norm_);
        const double sums = sums_ * (r * r + f.norm * list.norm);
        return code * (1 + 0x1p-40) + 0x1p-23 * std::abs(f.add) + 2 * sums + kUnderflow;
    }

    // With T the true distance, T' that in code space and d what storing the vector and the
    // rotation change, T'^2 is within 2 T d + d^2 of T^2. The operator's value for cosine is T^2 /
    // 2, to within a few units of its rounding, and T is at most 2.
    double distance_margin(const Factors &f, const ListQuery &list,
                           double rounding) const noexcept {
        const double r = f.norm / 2.0;
        const double distance = list.distance * (1 + slack_) + kLengthUnderflow;
        const double vector = list.norm * (1 + slack_) + r;
        double moved = rotation_ * (query_norm_ + vector) + 2 * kRotationUnderflow;
        moved += storing(vector) + query_error_;
        if (directions_) {
            moved += kNormalised;
        }
        const double longest = distance + r + moved;
        double rounded = 3 * slack_ * longest * longest + (directions_ ? 4 * slack_ : 0);
        if (is_told_ && !directions_) {
            rounded += kToldUnderflow / unit_ / unit_;
        }
        return coding_margin(f, list, distance, r, rounding) + moved * (2 * longest + moved) +
               rounded;
    }

    double product_margin(const Factors &f, const ListQuery &list, double rounding) const noexcept {
        const double r = f.norm;
        const double centroid = list.norm * (1 + slack_);
        const double both = query_norm_ + centroid;
        const double square = list.distance * list.distance + slack_ * both * both;
        const double distance = std::sqrt(square) * (1 + slack_) + kLengthUnderflow;
        const double vector = centroid + r;
        const double moved = 2 * rotation_ * query_norm_ * vector +
                             2 * kRotationUnderflow * (query_norm_ + vector) +
                             query_norm_ * storing(vector);
        const double magnitudes = query_norm_ * (mean_norm_ + offset_norm_ + 2 * vector);
        double rounded = slack_ * magnitudes;
        if (is_told_) {
            rounded += magnitudes * unit_ < kToldLargest ? kToldUnderflow / unit_
                                                         : std::numeric_limits<double>::infinity();
        }
        return coding_margin(f, list, distance, r, rounding) + moved + rounded;
    }

    // How far the vector may be from what codes were made of; centred: how long that is at most
    // without the mean.
    double storing(double centred) const noexcept {
        return stored_ * (mean_norm_ + centred) + storage_underflow_;
    }

    // Two normalised vectors, each element rounded.
    static constexpr double kNormalised = 0x1p-22;

    bool product_, directions_, exact_, covers_all_, is_told_;
    Metric metric_;
    double unit_;
    double storage_underflow_;  // in units
    double constant_;
    double query_norm_;
    double query_error_;
    double mean_norm_;
    double offset_norm_;
    double stored_;  // of what is stored, which may be shorter
    double per_error_;
    double slack_;     // of a float32 sum over 32 lanes, with much to spare: see quantize/bound.h
    double sums_;      // of a float64 sum
    double rotation_;  // of the rotation
};

}  // namespace pgslab
