// From the distance to a stored approximation to a bound on the distance to the vector itself.
//
// Everything is an inequality that holds always, so that a scan in order of bounds, whose rows are
// re-ordered by the operator's values, gives exactly the order of the operator. With y the stored
// approximation of x and e >= |x - y|:
//
//   L2      |q - x|  >= |q - y| - e                       (triangle inequality; L1 likewise with e
//   in the L1 norm) inner  -<q, x>   >= -<q, y> - |q| e                   (Cauchy and Schwarz)
//   cosine  the same for normalised vectors, plus 1
//
// to which comes the rounding of two float32 sums, that of the kernel here and that of the operator
// there. A sum over 32 lanes of n terms is off by at most about (n/32 + 8) u times the sum of
// magnitudes, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2);
// slack_ below is more than twice both together. What underflows is nothing beside that: both sums
// are made in float64 where it would be more (is_sound() of quantize/stored_sum.h).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "format/format.h"

namespace pgslab {

class Bound {
  public:
    // query_norm: Euclidean norm of the query as it is compared (1 under cosine).
    Bound(Metric metric, uint32_t dims, double query_norm) noexcept
        : metric_(metric), slack_((dims / 32.0 + 40) * 0x1p-22), query_norm_(query_norm) {}

    // A value the distance operator does not go below, given the sum for the record's
    // approximation: of squared differences (L2), of absolute differences (L1), or of products
    // before the scale is applied (inner product, cosine). It is the kernel's where that is sound,
    // else stored_sum().
    double lower(double sum, const Record &record) const noexcept {
        switch (metric_) {
            case Metric::kL2:
                return difference(std::sqrt(sum), record);
            case Metric::kL1:
                return difference(sum, record);
            case Metric::kInnerProduct:
                return product(sum, record);
            case Metric::kCosine:
                return std::clamp(1 + product(sum, record), 0.0, 2.0);
        }
        return -std::numeric_limits<double>::infinity();
    }

  private:
    // Where a number is none, the trivial bound: the row is looked at earlier than it need be.
    double difference(double stored, const Record &record) const noexcept {
        if (!std::isfinite(stored)) {
            return 0;
        }
        const double exact = stored * (1 - slack_) - record.error * (1 + slack_);
        return std::max(0.0, exact * (1 - slack_));
    }

    double product(double sum, const Record &record) const noexcept {
        const double stored = sum * record.scale;
        if (!std::isfinite(stored)) {
            return -std::numeric_limits<double>::infinity();
        }
        const double length = static_cast<double>(record.norm) + record.error;
        const double margin = query_norm_ * (record.error + slack_ * length);
        const double bound = -stored - margin * (1 + slack_);
        return std::isnan(bound) ? -std::numeric_limits<double>::infinity() : bound;
    }

    Metric metric_;
    double slack_;
    double query_norm_;
};

}  // namespace pgslab
