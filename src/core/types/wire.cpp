// wire.cpp - reads a vector from its binary wire format: big-endian int16 dims, int16 zero, and the
// bits of its elements.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/half.h"
#include "pgslab/types.h"
#include "types/big_endian.h"

namespace pgslab {
namespace {

constexpr std::size_t header_bytes = 4;

int read_int16(const unsigned char *bytes) {
    return static_cast<std::int16_t>(read_uint16(bytes));
}

void read_element(const unsigned char *bytes, float *element) {
    *element = read_float32(bytes);
}

void read_element(const unsigned char *bytes, std::uint16_t *half) {
    *half = read_uint16(bytes);
}

PgsWireStatus check_element(float element) {
    if (std::isnan(element))
        return PGS_WIRE_NAN;
    return std::isinf(element) ? PGS_WIRE_INFINITE : PGS_WIRE_OK;
}

PgsWireStatus check_element(std::uint16_t half) {
    const std::uint16_t magnitude = half & 0x7fff;
    if (magnitude > kHalfInfinity)
        return PGS_WIRE_NAN;
    return magnitude == kHalfInfinity ? PGS_WIRE_INFINITE : PGS_WIRE_OK;
}

template <typename Element>
PgsWireStatus check_header(const unsigned char *wire, std::size_t length, int dims) {
    if (dims < 1 || dims > PGS_MAX_DIMS)
        return PGS_WIRE_DIMS;
    if (read_int16(wire + 2) != 0)
        return PGS_WIRE_RESERVED;
    const std::size_t expected = header_bytes + sizeof(Element) * static_cast<std::size_t>(dims);
    if (length < expected)
        return PGS_WIRE_SHORT;
    return length > expected ? PGS_WIRE_LONG : PGS_WIRE_OK;
}

template <typename Element>
PgsWire decode(const unsigned char *wire, std::size_t length, Element *out) {
    if (length < header_bytes)
        return {PGS_WIRE_SHORT, 0, 0};
    const int dims = read_int16(wire);
    if (const PgsWireStatus status = check_header<Element>(wire, length, dims);
        status != PGS_WIRE_OK)
        return {status, dims, 0};
    const unsigned char *element = wire + header_bytes;
    for (int i = 0; i < dims; ++i, element += sizeof(Element)) {
        read_element(element, &out[i]);
        if (const PgsWireStatus status = check_element(out[i]); status != PGS_WIRE_OK)
            return {status, dims, i};
    }
    return {PGS_WIRE_OK, dims, 0};
}

}  // namespace
}  // namespace pgslab

extern "C" PgsWire pgs_vec_decode(const unsigned char *wire, size_t length, float *out) {
    return pgslab::decode(wire, length, out);
}

extern "C" PgsWire pgs_hvec_decode(const unsigned char *wire, size_t length, uint16_t *out) {
    return pgslab::decode(wire, length, out);
}
