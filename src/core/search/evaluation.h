// Compares stored vectors with the query, one after the other, each in as many pieces as it comes.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "kernels/kernels.h"
#include "quantize/bound.h"
#include "search/query.h"

namespace pgslab {

class Evaluation {
  public:
    // query must outlive it. stored_values: of the stored vectors, which then stand for the rows'
    // own; else intervals hold for these. May throw std::bad_alloc.
    void set_query(const Shape &shape, const Query &query, bool stored_values);

    // Adds n bytes of a stored vector, from byte offset of the item on. Once it has all of them,
    // interval() is what the whole says of the operator's value.
    void add(const uint8_t *bytes, uint32_t offset, uint32_t n, float scale) noexcept;
    Interval interval(const VectorRecord &record) noexcept;

    // values[i] = what the operator gives for the i-th of n sets, which begin `stride` bytes after
    // one another.
    void compare_sets(const uint8_t *items, uint32_t stride, uint32_t n,
                      double *values) const noexcept;
    static constexpr uint32_t kMostSets = 128;  // n is at most that

  private:
    void add_bits(const uint8_t *bytes, uint32_t offset, uint32_t n) noexcept;
    void finish(const uint8_t *item, float scale) noexcept;
    double stored_value(double sum, const VectorRecord &record) const noexcept;

    Shape shape_ = {};
    const Query *query_ = nullptr;
    const Kernels *kernels_ = nullptr;
    Bound bound_{Metric::kL2, 1, 0};
    bool stored_values_ = false;
    // Under cosine: |q - y|^2 / 2, as codes estimate it. Of stored values, since a stored y is not
    // quite of length 1, which 1 - <q, y> would show, and the operator's value does not; and where
    // there is an offset, see Bound.
    bool halves_squares_ = false;
    Lanes lanes_;
    uint64_t shared_ = 0, differing_ = 0;  // of sets, elements so far
    std::vector<uint64_t> kept_;           // the vector, as far as it was on earlier pages
    double total_ = 0;                     // of the whole vector
    bool of_kernel_ = true;                // the total is; else it was made again in float64
    uint32_t bytes_ = 0;                   // of a vector, without padding
};

}  // namespace pgslab
