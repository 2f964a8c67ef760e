#include "quantize/encode.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "format/layout.h"
#include "kernels/kernels.h"

namespace pgslab {

namespace {

constexpr uint32_t kChunk = 256;  // elements converted at a time, so that no memory is needed

// The smallest float that is not below x >= 0.
float round_up(double x) noexcept {
    const float f = static_cast<float>(x);
    return static_cast<double>(f) < x ? std::nextafter(f, std::numeric_limits<float>::infinity())
                                      : f;
}

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

// Accumulates how far stored values are from the vector, and how long the vector is.
struct Distortion {
    bool l1;
    double error = 0;
    double norm = 0;

    void add(double exact, double stored) noexcept {
        const double difference = exact - stored;
        error += l1 ? std::abs(difference) : difference * difference;
        norm += exact * exact;
    }

    void finish(Record *record) const noexcept {
        record->error = round_up((l1 ? error : std::sqrt(error)) * kSumSlack);
        record->norm = round_up(std::sqrt(norm) * kSumSlack);
    }
};

void store_f32(const float *vector, uint32_t dims, double factor, float *out,
               Distortion &distortion) noexcept {
    for (uint32_t i = 0; i < dims; i++) {
        const double exact = vector[i] * factor;
        out[i] = static_cast<float>(exact);
        distortion.add(exact, out[i]);
    }
}

void store_f16(const float *vector, uint32_t dims, double factor, float scale, uint16_t *out,
               Distortion &distortion) noexcept {
    const Kernels &k = kernels();
    float scaled[kChunk];
    float stored[kChunk];
    for (uint32_t begin = 0; begin < dims; begin += kChunk) {
        const uint32_t n = std::min(kChunk, dims - begin);
        for (uint32_t i = 0; i < n; i++) {
            scaled[i] = static_cast<float>(vector[begin + i] * factor / scale);
        }
        k.f32_to_f16(scaled, out + begin, n);
        k.f16_to_f32(out + begin, stored, n);
        for (uint32_t i = 0; i < n; i++) {
            distortion.add(vector[begin + i] * factor, static_cast<double>(stored[i]) * scale);
        }
    }
}

}  // namespace

double normalize(const float *vector, uint32_t dims, float *out) noexcept {
    double squares = 0;
    for (uint32_t i = 0; i < dims; i++) {
        squares += static_cast<double>(vector[i]) * vector[i];
    }
    const double norm = std::sqrt(squares);
    for (uint32_t i = 0; norm > 0 && i < dims; i++) {
        out[i] = static_cast<float>(vector[i] / norm);
    }
    return norm;
}

bool encode(Metric metric, Storage storage, const float *vector, uint32_t dims, void *item,
            Record *record) noexcept {
    double squares = 0;
    double largest = 0;
    for (uint32_t i = 0; i < dims; i++) {
        squares += static_cast<double>(vector[i]) * vector[i];
        largest = std::max(largest, std::abs(static_cast<double>(vector[i])));
    }
    double factor = 1;
    if (metric == Metric::kCosine) {
        if (squares == 0) {
            return false;
        }
        factor = 1 / std::sqrt(squares);
    }
    std::memset(item, 0, item_bytes(dims, storage));
    *record = {};
    record->scale = 1.0f;
    Distortion distortion{metric == Metric::kL1};
    if (storage == Storage::kF32) {
        store_f32(vector, dims, factor, static_cast<float *>(item), distortion);
    } else {
        record->scale = f16_scale(largest * factor);
        store_f16(vector, dims, factor, record->scale, static_cast<uint16_t *>(item), distortion);
    }
    distortion.finish(record);
    return true;
}

void decode(Storage storage, const uint8_t *item, float scale, uint32_t dims, float *out) noexcept {
    if (storage == Storage::kF16) {
        kernels().f16_to_f32(reinterpret_cast<const uint16_t *>(item), out, dims);
    } else {
        std::memcpy(out, item, size_t{dims} * sizeof *out);
    }
    for (uint32_t i = 0; i < dims; i++) {
        out[i] *= scale;
    }
}

}  // namespace pgslab
