// From the distance to a stored approximation to bounds on the distance to the vector itself.
//
// Everything is an inequality that holds always, so that rows whose intervals do not overlap are in
// the order of the operator. With y the stored approximation of x and e >= |x - y|:
//
//   L2      |q - x| is within e of |q - y|        (triangle inequality; L1 with e in the L1 norm)
//   inner   -<q, x> is within |q| e of -<q, y>    (Cauchy and Schwarz)
//   cosine  the same for normalised vectors, plus 1
//
// Where the index has an offset (quantize/offset.h), q and y are what is left of them without it, q
// to an error that adds to e. The inner product with it, C, is the same for all rows. Under cosine
// the value is taken from the distance, which is small where rows are alike, as an offset means:
//
//   inner   -<q, x> is within |q| e of -<q, y> - C
//   cosine  |q - x|^2 / 2, with |q - x| within e of |q - y|
//
// Of sets the sum is the operator's value itself: whole numbers that no kernel rounds.
//
// To the others comes the rounding of two float32 sums, that of the kernel here and that of the
// operator there. A sum over 32 lanes of n terms is off by at most about (n/32 + 8) u times the sum
// of magnitudes, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2);
// slack_ below is more than both together, of which there are three under cosine. What underflows
// is nothing beside that: both sums are made in float64 where it would be more (is_sound() of
// quantize/stored_sum.h). Where the stored form is the vector itself, bit for bit, the kernel's sum
// is the operator's, and the interval is its value. With an offset that is never so; but rows are
// alike then, so what the operator rounds under an inner product and cosine is not spared with:
// sum_ is one sum's.
//
// An operator that is not ours, whose values are told, rounds as told.h says, and no sum is its
// own.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/safe_sum.h"
#include "quantize/offset.h"
#include "quantize/stored.h"
#include "quantize/told.h"

namespace pgslab {

// Contains a value of the distance operator; with both ends the same it is that value. Neither end
// is ever not a number.
struct Interval {
    double lower;
    double upper;
};

class Bound {
  public:
    // query_norm: Euclidean norm of the query (1 under cosine). shift: what the index's offset
    // makes of it. is_told: the operator's values are told, see told.h.
    Bound(Metric metric, uint32_t dims, double query_norm, const Shift &shift = {},
          bool is_told = false) noexcept
        : metric_(metric),
          is_told_(is_told),
          slack_((dims / 32.0 + 40) * 0x1p-22 + (is_told ? told_slack(metric, dims) : 0)),
          sum_(is_told ? told_rounding(dims) : (dims / 32.0 + 8) * 0x1p-24),
          query_norm_(query_norm),
          shift_(shift) {}

    // A value the distance operator does not go below, given the sum for the record's
    // approximation: of squared differences (L2; cosine where there is an offset), of absolute
    // differences (L1), or of products before the scale is applied (inner product, cosine). It is
    // the kernel's where that is sound, else stored_sum().
    double lower(double sum, const VectorRecord &record) const noexcept {
        switch (metric_) {
            case Metric::kL2:
                return difference(std::sqrt(sum), record);
            case Metric::kL1:
                return difference(sum, record);
            case Metric::kInnerProduct:
                return product(sum, record);
            case Metric::kCosine:
                return shift_.is_none ? std::clamp(1 + product(sum, record), 0.0, 2.0)
                                      : half_square(difference(std::sqrt(sum), record), -1);
            case Metric::kHamming:
            case Metric::kJaccard:
                return sum;
        }
        return -std::numeric_limits<double>::infinity();
    }

    // A value it does not exceed.
    double upper(double sum, const VectorRecord &record) const noexcept {
        switch (metric_) {
            case Metric::kL2:
                return difference_above(std::sqrt(sum), record);
            case Metric::kL1:
                return difference_above(sum, record);
            case Metric::kInnerProduct:
                return product_above(sum, record);
            case Metric::kCosine:
                return shift_.is_none ? std::clamp(1 + product_above(sum, record), 0.0, 2.0)
                                      : half_square(difference_above(std::sqrt(sum), record), 1);
            case Metric::kHamming:
            case Metric::kJaccard:
                return sum;
        }
        return std::numeric_limits<double>::infinity();
    }

    // Both, as near to each other as what is stored allows. of_kernel: the sum is the kernel's, and
    // the operator uses the same one.
    Interval interval(double sum, bool of_kernel, const VectorRecord &record) const noexcept {
        if (of_kernel && is_of_vector(sum, record)) {
            const double value = metric_ == Metric::kL2   ? std::sqrt(sum)
                                 : metric_ == Metric::kL1 ? sum
                                                          : 0.0 - sum;
            return {value, value};
        }
        const double below = lower(sum, record);
        return {below, std::max(below, upper(sum, record))};
    }

  private:
    // Of a root it is half as much; cosine has three sums, two of them under a root.
    static double told_slack(Metric metric, uint32_t dims) noexcept {
        const double sum = told_rounding(dims);
        return metric == Metric::kL2 ? sum / 2 : metric == Metric::kCosine ? 2 * sum : sum;
    }

    // Whether the operator makes its value of this very sum, since the vector itself is stored and
    // its sum is one that the operator takes.
    bool is_of_vector(double sum, const VectorRecord &record) const noexcept {
        if (record.error != 0 || !shift_.is_none || is_told_) {
            return false;
        }
        switch (metric_) {
            case Metric::kL2:
                return is_safe(sum);
            case Metric::kL1:
                return std::isfinite(sum);
            case Metric::kInnerProduct:
                // With another scale the sum may have left float32's range where the operator's
                // does not, or the other way round.
                return record.scale == 1 && is_safe(sum);
            case Metric::kCosine:
                return false;  // what is stored is normalised
            case Metric::kHamming:
            case Metric::kJaccard:
                return false;
        }
        return false;
    }

    // Where a number is none, the trivial bound: the row is looked at earlier than it need be.
    double difference(double stored, const VectorRecord &record) const noexcept {
        if (!std::isfinite(stored)) {
            return 0;
        }
        const double before_rounding = stored * (1 - slack_) - error_of(record) * (1 + slack_);
        return std::max(0.0, before_rounding * (1 - slack_) - underflow());
    }

    double difference_above(double stored, const VectorRecord &record) const noexcept {
        const double before_rounding = (stored + error_of(record)) * (1 + slack_);
        const double bound = before_rounding * (1 + slack_) + underflow();
        return bound < largest() ? bound : std::numeric_limits<double>::infinity();
    }

    double product(double sum, const VectorRecord &record) const noexcept {
        const double bound = -sum * record.scale - shift_.product - product_margin(record);
        return std::isfinite(bound) ? bound : -std::numeric_limits<double>::infinity();
    }

    double product_above(double sum, const VectorRecord &record) const noexcept {
        const double bound = -sum * record.scale - shift_.product + product_margin(record);
        return std::isfinite(bound) ? bound : std::numeric_limits<double>::infinity();
    }

    // What is stored is no longer than the vector, the offset and the error together.
    double product_margin(const VectorRecord &record) const noexcept {
        const double length = static_cast<double>(record.norm) + record.error;
        const double sums = shift_.is_none ? slack_ * length : sum_ * (2 * length + shift_.norm);
        const double margin = query_norm_ * (record.error + sums);
        if (!is_told_) {
            return margin * (1 + slack_);
        }
        return query_norm_ * length < kToldLargest ? margin * (1 + slack_) + kToldUnderflow
                                                   : std::numeric_limits<double>::infinity();
    }

    // Below what distances are finite.
    double largest() const noexcept {
        return !is_told_                ? std::numeric_limits<double>::infinity()
               : metric_ == Metric::kL1 ? kToldLargest
                                        : kToldRootLargest;
    }

    // What a told distance may be off by for terms that underflow. Under cosine, where there is an
    // offset, these are of normalised vectors, and what the operator divides by is large enough.
    double underflow() const noexcept {
        return is_told_ && metric_ == Metric::kL2 ? kToldRootUnderflow : 0;
    }

    // The operator's value for a distance of normalised vectors, or one on that side (-1, 1) of it.
    // It divides a sum by the root of two others.
    double half_square(double distance, int side) const noexcept {
        return std::clamp(distance * distance / 2 + side * 2 * sum_, 0.0, 2.0);
    }

    double error_of(const VectorRecord &record) const noexcept {
        return record.error + shift_.query;
    }

    Metric metric_;
    bool is_told_;
    double slack_;
    double sum_;  // of one float32 sum, relative to that of magnitudes
    double query_norm_;
    Shift shift_;
};

}  // namespace pgslab
