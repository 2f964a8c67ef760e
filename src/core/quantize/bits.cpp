#include "quantize/bits.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "quantize/four.h"

namespace pgslab {

uint32_t pack_bits(const float *vector, uint32_t dims, uint8_t *bits) noexcept {
    uint32_t elements = 0;
    for (uint32_t begin = 0; begin < dims; begin += 8) {
        const uint32_t n = std::min(8u, dims - begin);
        uint32_t byte = 0;
        for (uint32_t i = 0; i < n; i++) {
            byte |= static_cast<uint32_t>(vector[begin + i] > 0) << (7 - i);
        }
        bits[begin / 8] = static_cast<uint8_t>(byte);
        elements += static_cast<uint32_t>(std::popcount(byte));
    }
    return elements;
}

void unpack_bits(const uint8_t *bits, uint32_t begin, uint32_t n, float *out) noexcept {
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = begin + i;
        out[i] = static_cast<float>(bits[at / 8] >> (7 - at % 8) & 1);
    }
}

float scale_of_set(Metric metric, uint32_t elements, uint32_t dims) noexcept {
    if (metric == Metric::kHamming) {
        return 1;
    }
    return static_cast<float>(elements == 0 ? -1 / std::sqrt(static_cast<double>(dims))
                                            : 1 / std::sqrt(static_cast<double>(elements)));
}

void encode_bits(Metric metric, const float *vector, uint32_t dims, uint8_t *item,
                 VectorRecord *record) noexcept {
    std::memset(item, 0, item_bytes(dims, Storage::kBits));
    const uint32_t elements = pack_bits(vector, dims, item);
    *record = {};
    record->scale = scale_of_set(metric, elements, dims);
    const double length = std::sqrt(static_cast<double>(elements == 0 ? dims : elements));
    if (metric == Metric::kHamming) {
        record->norm = round_up(elements == 0 ? 0 : length);
        return;
    }
    record->error = round_up(std::fabs(std::fabs(record->scale) * length - 1) + 0x1p-50);
    record->norm = 1;
}

void decode_bits(const uint8_t *item, float scale, uint32_t dims, float *out) noexcept {
    if (scale < 0) {
        std::fill_n(out, dims, scale);
        return;
    }
    unpack_bits(item, 0, dims, out);
    std::for_each(out, out + dims, [=](float &x) { x *= scale; });
}

void vector_of_set(Metric metric, const float *vector, uint32_t dims, float *out) noexcept {
    uint32_t elements = 0;
    for (uint32_t i = 0; i < dims; i++) {
        elements += vector[i] > 0 ? 1 : 0;
    }
    const float scale = scale_of_set(metric, elements, dims);
    for (uint32_t i = 0; i < dims; i++) {
        out[i] = scale < 0 ? scale : vector[i] > 0 ? scale : 0;
    }
}

}  // namespace pgslab
