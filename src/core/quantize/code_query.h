// A query in code space, quantised for the kernels that compare it with codes.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernels.h"

namespace pgslab {

// One for each scan, set again for each query. u is what a code stands for (quantize/code.h).
//
// A query longer than 1e33, or with a value that is no number, has products 0 and rounding
// infinity, one of denormal length products 0 and its length as rounding. norm() is NaN or infinite
// where the query's is.
class CodeQuery {
  public:
    // What is going to be asked for: all, or what concerns codes of one bit only.
    enum class For { kAll, kScan };

    // q is float[padded] and not kept. May throw std::bad_alloc. The kernels are those in use now.
    void set(const float *q, uint32_t padded, For purpose = For::kAll);

    // For the fastscan kernel: of each group of four dimensions 16 bytes, the sums of q over the
    // sets of them, over one minimum and in one step for all groups.
    const uint8_t *table() const noexcept { return table_.data(); }

    // <q, u> of a code of one bit is scan_base() + scan_step() * what fastscan adds up for it.
    float scan_base() const noexcept { return static_cast<float>(table_base_); }
    float scan_step() const noexcept { return static_cast<float>(table_step_); }

    // <q, u> of a code of 4 or 8 bits, with q as int8 or as int16; with 8 bits of at most 8128
    // dims.
    float product(unsigned bits, const uint8_t *code) const noexcept;

    // At least |product - <q, u>| / |u| for every code of 1, 4 or 8 bits. For 4 and 8 bits that is
    // the distance of the query and its approximation, but for the rounding of the product itself.
    double rounding(unsigned bits) const noexcept {
        return rounding_[bits == 1 ? 0 : bits == 4 ? 1 : 2];
    }

    // Euclidean.
    double norm() const noexcept { return norm_; }

  private:
    // What one look at the query finds.
    struct Range {
        float largest = 0;  // magnitude
        float low = 0;      // least and greatest sum over a set of dimensions of one group
        float high = 0;
        double sum = 0;
    };

    Range measure(const float *q) noexcept;
    void clear(double rounding) noexcept;
    void fill_table(const float *q, const Range &range) noexcept;
    void quantise(const float *q, float largest) noexcept;

    const Kernels *kernels_ = nullptr;
    uint32_t padded_ = 0;
    double norm_ = 0;
    double rounding_[3] = {};

    std::vector<uint8_t> table_;  // [padded / 4][16]
    double table_base_ = 0;
    double table_step_ = 0;

    std::vector<int8_t> fine_;  // q in steps of fine_step_, at most 127
    double fine_step_ = 0;
    double fine_sum_ = 0;

    std::vector<int16_t> finest_;  // q in steps of finest_step_, at most 2047
    double finest_step_ = 0;
    double finest_sum_ = 0;
};

}  // namespace pgslab
