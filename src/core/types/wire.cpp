// wire.cpp - reads a vector from its binary wire format: big-endian int16 dims, int16 zero,
// float32[dims].

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pgslab/types.h"

namespace pgslab {
namespace {

constexpr std::size_t header_bytes = 4;

int read_int16(const unsigned char *bytes) {
    return static_cast<std::int16_t>(bytes[0] << 8 | bytes[1]);
}

float read_float32(const unsigned char *bytes) {
    const std::uint32_t bits = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                               std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
    return std::bit_cast<float>(bits);
}

PgsWireStatus check_header(const unsigned char *wire, std::size_t length, int dims) {
    if (dims < 1 || dims > PGS_MAX_DIMS)
        return PGS_WIRE_DIMS;
    if (read_int16(wire + 2) != 0)
        return PGS_WIRE_RESERVED;
    const std::size_t expected = header_bytes + sizeof(float) * static_cast<std::size_t>(dims);
    if (length < expected)
        return PGS_WIRE_SHORT;
    return length > expected ? PGS_WIRE_LONG : PGS_WIRE_OK;
}

PgsWire decode(const unsigned char *wire, std::size_t length, float *out) {
    if (length < header_bytes)
        return {PGS_WIRE_SHORT, 0, 0};
    const int dims = read_int16(wire);
    if (const PgsWireStatus status = check_header(wire, length, dims); status != PGS_WIRE_OK)
        return {status, dims, 0};
    for (int i = 0; i < dims; ++i) {
        out[i] = read_float32(wire + header_bytes + sizeof(float) * static_cast<std::size_t>(i));
        if (std::isnan(out[i]))
            return {PGS_WIRE_NAN, dims, i};
        if (std::isinf(out[i]))
            return {PGS_WIRE_INFINITE, dims, i};
    }
    return {PGS_WIRE_OK, dims, 0};
}

}  // namespace
}  // namespace pgslab

extern "C" PgsWire pgs_vec_decode(const unsigned char *wire, size_t length, float *out) {
    return pgslab::decode(wire, length, out);
}
