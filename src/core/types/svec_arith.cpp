// svec_arith.cpp - arithmetic on sparse vectors, and sparse vectors of terms.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pgslab/svec.h"
#include "types/fnv1a.h"
#include "types/mix64.h"
#include "types/svec_elements.h"
#include "types/svec_merge.h"

namespace pgslab {
namespace {

// Takes results in the order of their indices. Operands are finite, so what is not finite is an
// overflow.
class ResultWriter {
  public:
    ResultWriter(std::int32_t *indices, float *values) : indices_(indices), values_(values) {}

    void put(std::int32_t index, float left, float right, float value) {
        if (value == 0)
            return;
        if (!std::isfinite(value) && !result_.overflow) {
            result_.overflow = true;
            result_.index = index;
            result_.left = left;
            result_.right = right;
        }
        if (indices_ != nullptr) {
            indices_[result_.nnz] = index;
            values_[result_.nnz] = value;
        }
        result_.nnz++;
    }

    const PgsSvecResult &result() const { return result_; }

  private:
    std::int32_t *indices_;
    float *values_;
    PgsSvecResult result_{};
};

PgsSvecResult gather(PgsSvecElement *elements, std::size_t count) {
    PgsSvecResult result{};
    sort_elements(elements, count);
    std::size_t i = 0;
    while (i < count) {
        const std::int32_t index = elements[i].index;
        double sum = 0;
        for (; i < count && elements[i].index == index; ++i)
            sum += double{elements[i].value};
        const float value = static_cast<float>(sum);
        if (!std::isfinite(value) && !result.overflow) {
            result.overflow = true;
            result.index = index;
        }
        if (value != 0)
            elements[result.nnz++] = {index, value};
    }
    return result;
}

}  // namespace
}  // namespace pgslab

extern "C" PgsSvecResult pgs_svec_add(const PgsSvec *a, const PgsSvec *b, int32_t *indices,
                                      float *values) {
    pgslab::ResultWriter writer(indices, values);
    pgslab::for_each_in_either(
        *a, *b, [&](std::int32_t index, float x, float y) { writer.put(index, x, y, x + y); });
    return writer.result();
}

extern "C" PgsSvecResult pgs_svec_sub(const PgsSvec *a, const PgsSvec *b, int32_t *indices,
                                      float *values) {
    pgslab::ResultWriter writer(indices, values);
    pgslab::for_each_in_either(
        *a, *b, [&](std::int32_t index, float x, float y) { writer.put(index, x, y, x - y); });
    return writer.result();
}

extern "C" PgsSvecResult pgs_svec_mul(const PgsSvec *a, const PgsSvec *b, int32_t *indices,
                                      float *values) {
    pgslab::ResultWriter writer(indices, values);
    pgslab::for_each_in_both(
        *a, *b, [&](std::int32_t index, float x, float y) { writer.put(index, x, y, x * y); });
    return writer.result();
}

extern "C" int32_t pgs_svec_hash_term(const char *term, size_t length, int32_t dims) {
    const std::uint64_t hash = pgslab::mix64(pgslab::fnv1a({term, length}));
    return static_cast<std::int32_t>(hash % static_cast<std::uint64_t>(dims));
}

extern "C" PgsSvecResult pgs_svec_gather(PgsSvecElement *elements, size_t count) {
    return pgslab::gather(elements, count);
}
