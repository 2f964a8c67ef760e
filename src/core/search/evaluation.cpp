#include "search/evaluation.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ivf/format.h"
#include "quantize/bits.h"
#include "quantize/stored_sum.h"

namespace pgslab {

namespace {

// By the metric's kernel for elements of such a type.
template <typename Element, typename Distance, typename Product>
inline void add_to_sum(Metric metric, Lanes &lanes, const float *query, const Element *elements,
                       float scale, size_t n, size_t start, Distance l2, Distance l1,
                       Product dot) noexcept {
    switch (metric) {
        case Metric::kL2:
            l2(lanes, query, elements, scale, n, start);
            break;
        case Metric::kL1:
            l1(lanes, query, elements, scale, n, start);
            break;
        case Metric::kInnerProduct:
        case Metric::kCosine:
            dot(lanes, query, elements, n, start);
            break;
        case Metric::kHamming:  // see add_bits()
        case Metric::kJaccard:
            break;
    }
}

}  // namespace

void Evaluation::set_query(const Shape &shape, const Query &query, bool stored_values) {
    shape_ = shape;
    query_ = &query;
    kernels_ = &kernels();
    bound_ = Bound(shape.metric, shape.dims, query.norm, query.shift, query.is_told);
    stored_values_ = stored_values;
    halves_squares_ = (stored_values || !query.shift.is_none) && shape.metric == Metric::kCosine;
    if (halves_squares_) {
        shape_.metric = Metric::kL2;
    }
    lanes_ = {};
    shared_ = differing_ = 0;
    bytes_ = vector_bytes(shape.dims, shape.storage);
    kept_.resize(divide_up(item_bytes(shape.dims, shape.storage), sizeof(uint64_t)));
}

void Evaluation::add_bits(const uint8_t *bytes, uint32_t offset, uint32_t n) noexcept {
    const uint8_t *query = query_->bits.data() + offset;
    uint32_t count = 0;
    kernels_->bits_differing(query, bytes, 0, 1, n, &count);
    differing_ += count;
    if (shape_.metric == Metric::kJaccard) {
        kernels_->bits_shared(query, bytes, 0, 1, n, &count);
        shared_ += count;
    }
    if (offset + n == bytes_) {
        total_ = set_distance(shape_.metric, shared_, differing_);
        shared_ = differing_ = 0;
    }
}

void Evaluation::compare_sets(const uint8_t *items, uint32_t stride, uint32_t n,
                              double *values) const noexcept {
    uint32_t differing[kMostSets];
    uint32_t shared[kMostSets] = {};
    const uint8_t *query = query_->bits.data();
    kernels_->bits_differing(query, items, stride, n, bytes_, differing);
    if (shape_.metric == Metric::kJaccard) {
        kernels_->bits_shared(query, items, stride, n, bytes_, shared);
    }
    for (uint32_t i = 0; i < n; i++) {
        values[i] = set_distance(shape_.metric, shared[i], differing[i]);
    }
}

void Evaluation::add(const uint8_t *bytes, uint32_t offset, uint32_t n, float scale) noexcept {
    if (shape_.storage == Storage::kBits) {
        add_bits(bytes, offset, n);
        return;
    }
    const uint32_t element = element_bits(shape_.storage) / 8;
    const uint32_t start = offset / element;
    const uint32_t count = n / element;
    const float *query = query_->vector.data() + start;
    const Kernels &k = *kernels_;
    switch (shape_.storage) {
        case Storage::kF16:
            add_to_sum(shape_.metric, lanes_, query, reinterpret_cast<const uint16_t *>(bytes),
                       scale, count, start, k.l2_f16, k.l1_f16, k.dot_f16);
            break;
        case Storage::kF32:
            add_to_sum(shape_.metric, lanes_, query, reinterpret_cast<const float *>(bytes), scale,
                       count, start, k.l2_f32, k.l1_f32, k.dot_f32);
            break;
        case Storage::kI8:
            add_to_sum(shape_.metric, lanes_, query, reinterpret_cast<const int8_t *>(bytes), scale,
                       count, start, k.l2_i8, k.l1_i8, k.dot_i8);
            break;
        case Storage::kBits:
            break;
    }
    // A vector that lies on several pages is kept, should float32 turn out not to do for it.
    auto *kept = reinterpret_cast<uint8_t *>(kept_.data());
    if (offset > 0 || n < bytes_) {
        std::memcpy(kept + offset, bytes, n);
    }
    if (offset + n == bytes_) {
        finish(offset == 0 ? bytes : kept, scale);
    }
}

void Evaluation::finish(const uint8_t *item, float scale) noexcept {
    const float fast = sum(lanes_);
    lanes_ = {};
    of_kernel_ = is_sound(shape_.metric, shape_.storage, query_->norm, fast);
    total_ = of_kernel_ ? fast
                        : stored_sum(shape_.metric, shape_.storage, query_->vector.data(), item,
                                     scale, shape_.dims);
}

Interval Evaluation::interval(const VectorRecord &record) noexcept {
    if (!stored_values_) {
        return bound_.interval(total_, of_kernel_, record);
    }
    const double value = stored_value(total_, record);
    return {value, value};
}

// What the operator gives for the stored vector; where a damaged value is no number, the bound.
double Evaluation::stored_value(double total, const VectorRecord &record) const noexcept {
    double value = total;
    switch (shape_.metric) {
        case Metric::kL2:
            value = halves_squares_ ? std::min(value / 2, 2.0) : std::sqrt(value);
            break;
        case Metric::kL1:
        case Metric::kCosine:  // compared as kL2
        case Metric::kHamming:
        case Metric::kJaccard:
            break;
        case Metric::kInnerProduct:
            value = -value * record.scale - query_->shift.product;
            break;
    }
    return std::isfinite(value) ? value : bound_.lower(total, record);
}

}  // namespace pgslab
