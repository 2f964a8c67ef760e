#include "quantize/encode.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/kernels.h"
#include "quantize/bits.h"
#include "quantize/four.h"
#include "quantize/stored.h"

namespace pgslab {

namespace {

constexpr uint32_t kChunk = 256;  // elements converted at a time, so that no memory is needed

constexpr float kLargestScale = 0x1p127f;

// Sums of float64 terms err by less than this for PGS_MAX_DIMS terms.
constexpr double kSumSlack = 1 + 1e-11;

// Power of two for f16: 1 where the elements fit, else what brings the largest magnitude into [0.5,
// 1).
float f16_scale(double largest) noexcept {
    constexpr double kSmallest = 1.0 / 256;
    constexpr double kLargest = 65504;
    if (largest == 0 || (largest >= kSmallest && largest <= kLargest)) {
        return 1.0f;
    }
    int exponent = 0;
    std::frexp(largest, &exponent);
    // Neither denormal nor infinite, so that multiplying by it is exact.
    return std::ldexp(1.0f, std::clamp(exponent, -125, 127));
}

// What the largest magnitude is 127 of, but for a 2^15th of it less; of the smallest magnitudes, so
// much that 127 of it are enough.
float i8_scale(double largest) noexcept {
    constexpr int kBits = 16;
    int exponent = 0;
    std::frexp(largest / 127, &exponent);
    const double unit = std::ldexp(1.0, std::max(exponent - kBits, -149));
    const double units = largest / 127 / unit;
    return static_cast<float>(unit *
                              (exponent - kBits < -149 ? std::ceil(units) : std::floor(units)));
}

// What would round to 2 stays below: times the largest scale that is no float32.
void keep_below_two(float *values, uint32_t n) noexcept {
    constexpr float kBelowTwo = 2 - 0x1p-10f;
    for (uint32_t i = 0; i < n; i++) {
        values[i] = std::clamp(values[i], -kBelowTwo, kBelowTwo);
    }
}

// Visits a vector four elements at a time, with zeros behind the last: visit(i, elements i to i +
// 3).
template <typename Visit>
void each_four(const float *vector, uint32_t n, Visit visit) noexcept {
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        visit(i, simde_mm_loadu_ps(vector + i));
    }
    if (i < n) {
        float last[4] = {};
        std::memcpy(last, vector + i, (n - i) * sizeof *last);
        visit(i, simde_mm_loadu_ps(last));
    }
}

// What is stored of a vector: it times a factor, less the offset if there is one. In float64, to a
// rounding that is relative to what is left but for that of the factor.
template <bool kHasOffset>
struct Rest {
    const float *vector;
    const float *offset;
    double factor;

    // visit(i, times the factor, and less the offset) of a piece from `begin` on, each as two
    // pairs, with zeros behind the last.
    template <typename Visit>
    void each(uint32_t begin, uint32_t n, Visit visit) const noexcept {
        const Pair factors = simde_mm_set1_pd(factor);
        each_four(vector + begin, n, [&](uint32_t i, Four x) {
            const Pair x1 = simde_mm_mul_pd(low(x), factors);
            const Pair x2 = simde_mm_mul_pd(high(x), factors);
            if constexpr (kHasOffset) {
                const Four o = offset_at(begin + i, n - i);
                visit(i, x1, x2, simde_mm_sub_pd(x1, low(o)), simde_mm_sub_pd(x2, high(o)));
            } else {
                visit(i, x1, x2, x1, x2);
            }
        });
    }

    // Of n elements.
    double largest_magnitude(uint32_t n) const noexcept {
        if constexpr (kHasOffset) {
            Pair largest = simde_mm_setzero_pd();
            each(0, n, [&](uint32_t, Pair, Pair, Pair d1, Pair d2) {
                largest = simde_mm_max_pd(largest, simde_mm_max_pd(magnitude(d1), magnitude(d2)));
            });
            return largest_of(largest);
        }
        Four largest = simde_mm_setzero_ps();
        each_four(vector, n, [&](uint32_t, Four x) {
            const Four magnitude = simde_mm_andnot_ps(simde_mm_set1_ps(-0.0f), x);
            largest = simde_mm_max_ps(largest, magnitude);
        });
        return largest_of(largest) * factor;
    }

    // to[n], and up to three more, = the piece from `begin` on divided by the scale.
    void divide(uint32_t begin, uint32_t n, float scale, float *to) const noexcept {
        const Pair inverse = simde_mm_set1_pd(1 / static_cast<double>(scale));
        each(begin, n, [&](uint32_t i, Pair, Pair, Pair d1, Pair d2) {
            simde_mm_storeu_ps(to + i,
                               four_of(simde_mm_mul_pd(d1, inverse), simde_mm_mul_pd(d2, inverse)));
        });
    }

  private:
    Four offset_at(uint32_t i, uint32_t left) const noexcept {
        if (left >= 4) {
            return simde_mm_loadu_ps(offset + i);
        }
        float last[4] = {};
        std::memcpy(last, offset + i, left * sizeof *last);
        return simde_mm_loadu_ps(last);
    }
};

double squared_norm(const float *vector, uint32_t n) noexcept {
    Sum squares;
    each_four(vector, n, [&](uint32_t, Four x) { squares.add_squares(low(x), high(x)); });
    return squares.total();
}

// How far stored values are from what is stored of a vector, and how long the vector is.
class Distortion {
  public:
    Distortion(bool l1, float scale) noexcept : l1_(l1), scale_(simde_mm_set1_pd(scale)) {}

    // stored: stands for these times the scale; zeros, up to three of them, behind.
    template <typename Source>
    void add(const Source &rest, uint32_t begin, uint32_t n, const float *stored) noexcept {
        rest.each(begin, n, [&](uint32_t i, Pair x1, Pair x2, Pair d1, Pair d2) {
            const Four y = simde_mm_loadu_ps(stored + i);
            const Pair e1 = simde_mm_sub_pd(d1, simde_mm_mul_pd(low(y), scale_));
            const Pair e2 = simde_mm_sub_pd(d2, simde_mm_mul_pd(high(y), scale_));
            norm_.add_squares(x1, x2);
            if (l1_) {
                error_.add(magnitude(e1), magnitude(e2));
            } else {
                error_.add_squares(e1, e2);
            }
        });
    }

    // rounding: of what was subtracted from.
    void finish(double rounding, VectorRecord *record) const noexcept {
        const double error = error_.total();
        record->error = round_up((l1_ ? error : std::sqrt(error)) * kSumSlack + rounding);
        record->norm = round_up(std::sqrt(norm_.total()) * kSumSlack);
    }

  private:
    bool l1_;
    Pair scale_;
    Sum error_, norm_;
};

}  // namespace

double normalize(const float *vector, uint32_t dims, float *out) noexcept {
    const double norm = std::sqrt(squared_norm(vector, dims));
    for (uint32_t i = 0; norm > 0 && i < dims; i++) {
        out[i] = static_cast<float>(vector[i] / norm);
    }
    return norm;
}

namespace {

// Whether all elements are what a byte holds times the unit, a power of two.
template <typename Source>
bool are_bytes(const Source &rest, uint32_t dims, float unit) noexcept {
    float values[kChunk];
    for (uint32_t begin = 0; begin < dims; begin += kChunk) {
        const uint32_t n = std::min(kChunk, dims - begin);
        rest.divide(begin, n, unit, values);
        if (!std::all_of(values, values + n,
                         [](float x) { return x == std::nearbyint(x) && x >= -128 && x <= 127; })) {
            return false;
        }
    }
    return true;
}

// Whole numbers as they are, if they fit. Else the power of two that puts the largest element at 64
// to 128, if all are what a byte holds then; or what puts it at 127.
template <typename Source>
float byte_scale(const Source &rest, uint32_t dims, double largest) noexcept {
    if (largest == 0 || (largest >= 1 && largest <= 128 && are_bytes(rest, dims, 1))) {
        return 1.0f;
    }
    const int exponent = std::ilogb(largest) - 6;
    for (const int at : {exponent - 1, exponent}) {
        const float unit = std::ldexp(1.0f, std::max(at, -149));
        if (largest <= 128.0 * unit && are_bytes(rest, dims, unit)) {
            return unit;
        }
    }
    return i8_scale(largest);
}

template <typename Source>
float scale_of(Storage storage, const Source &rest, uint32_t dims, double largest) noexcept {
    switch (storage) {
        case Storage::kI8:
            return byte_scale(rest, dims, largest);
        case Storage::kF16:
            return f16_scale(largest);
        case Storage::kF32:
        case Storage::kBits:  // see encode_bits()
            break;
    }
    return 1.0f;
}

// Stores n elements from `begin` on; values[n] becomes what they are stored as.
void put(Storage storage, float *values, uint32_t begin, uint32_t n, void *item) noexcept {
    switch (storage) {
        case Storage::kI8: {
            auto *const bytes = static_cast<int8_t *>(item) + begin;
            for (uint32_t i = 0; i < n; i++) {
                values[i] = std::clamp(std::nearbyint(values[i]), -128.0f, 127.0f);
                bytes[i] = static_cast<int8_t>(values[i]);
            }
            break;
        }
        case Storage::kF16: {
            uint16_t *const halves = static_cast<uint16_t *>(item) + begin;
            kernels().f32_to_f16(values, halves, n);
            kernels().f16_to_f32(halves, values, n);
            break;
        }
        case Storage::kF32:
            std::memcpy(static_cast<float *>(item) + begin, values, n * sizeof *values);
            break;
        case Storage::kBits:
            break;
    }
}

template <typename Source>
void store(const Source &rest, bool l1, Storage storage, uint32_t dims, void *item,
           VectorRecord *record) noexcept {
    const double largest = rest.largest_magnitude(dims);
    record->scale = scale_of(storage, rest, dims, largest);
    Distortion distortion(l1, record->scale);
    float stored[kChunk] = {};
    for (uint32_t begin = 0; begin < dims; begin += kChunk) {
        const uint32_t n = std::min(kChunk, dims - begin);
        rest.divide(begin, n, record->scale, stored);
        if (record->scale == kLargestScale) {
            keep_below_two(stored, n);
        }
        put(storage, stored, begin, n, item);
        distortion.add(rest, begin, n, stored);
    }
    // A difference in float64 is exact, or large beside the smaller of the two.
    distortion.finish(rest.offset == nullptr ? 0 : 0x1p-52 * largest * std::sqrt(dims), record);
    const size_t bytes = vector_bytes(dims, storage);
    std::memset(static_cast<uint8_t *>(item) + bytes, 0, item_bytes(dims, storage) - bytes);
}

}  // namespace

bool encode(Metric metric, Storage storage, const float *vector, uint32_t dims, void *item,
            VectorRecord *record, const float *offset) noexcept {
    if (storage == Storage::kBits) {
        encode_bits(metric, vector, dims, static_cast<uint8_t *>(item), record);
        return true;
    }
    double factor = 1;
    if (metric == Metric::kCosine) {
        const double squares = squared_norm(vector, dims);
        if (squares == 0) {
            return false;
        }
        factor = 1 / std::sqrt(squares);
    }
    *record = {};
    const bool l1 = metric == Metric::kL1;
    if (offset == nullptr) {
        store(Rest<false>{vector, nullptr, factor}, l1, storage, dims, item, record);
    } else {
        store(Rest<true>{vector, offset, factor}, l1, storage, dims, item, record);
    }
    return true;
}

double storage_error(Storage storage, uint32_t dims) noexcept {
    // Of each element, and of the largest; float64's rounding is far below them.
    constexpr double kRounding = 0x1.01p-11, kDenormal = 0x1.01p-17;
    switch (storage) {
        case Storage::kI8:  // Half of a whole number.
            static_assert(PGS_MAX_DIMS <= 16000, "who uses it takes it to be at most a half");
            return std::sqrt(dims) * (0.5 + 0x1p-16) / 127;
        case Storage::kF16:
            return std::sqrt(kRounding * kRounding + dims * kDenormal * kDenormal);
        case Storage::kF32:
        case Storage::kBits:  // The factor of a direction.
            break;
    }
    return 0x1p-23;
}

void to_floats(Storage storage, const uint8_t *item, uint32_t begin, uint32_t n,
               float *out) noexcept {
    switch (storage) {
        case Storage::kI8:
            std::copy_n(reinterpret_cast<const int8_t *>(item) + begin, n, out);
            break;
        case Storage::kF16:
            kernels().f16_to_f32(reinterpret_cast<const uint16_t *>(item) + begin, out, n);
            break;
        case Storage::kF32:
            std::memcpy(out, item + begin * sizeof *out, n * sizeof *out);
            break;
        case Storage::kBits:
            unpack_bits(item, begin, n, out);
            break;
    }
}

void decode(Storage storage, const uint8_t *item, float scale, uint32_t dims, float *out) noexcept {
    if (storage == Storage::kBits) {
        decode_bits(item, scale, dims, out);
        return;
    }
    to_floats(storage, item, 0, dims, out);
    for (uint32_t i = 0; i < dims; i++) {
        out[i] *= scale;
    }
}

}  // namespace pgslab
