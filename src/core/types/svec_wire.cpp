// svec_wire.cpp - reads a sparse vector from its binary wire format: big-endian int32 dims, int32
// nnz, int32 zero, int32[nnz] indices, float32[nnz] values.
//
// A sparse vector has one such form: what is not sorted, or has a zero, is refused, so that what
// was read is written again as the same bytes.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pgslab/svec.h"
#include "types/big_endian.h"

namespace pgslab {
namespace {

constexpr std::size_t header_bytes = 12;

std::int32_t read_int32(const unsigned char *bytes) {
    return static_cast<std::int32_t>(read_uint32(bytes));
}

PgsSvecWireStatus check_header(const unsigned char *wire, std::size_t length, std::int32_t dims,
                               std::int32_t nnz) {
    if (dims < 1 || dims > PGS_SVEC_MAX_DIMS)
        return PGS_SVEC_WIRE_DIMS;
    if (nnz < 0 || nnz > dims || nnz > PGS_SVEC_MAX_NNZ)
        return PGS_SVEC_WIRE_NNZ;
    if (read_int32(wire + 8) != 0)
        return PGS_SVEC_WIRE_RESERVED;
    const std::size_t expected =
        header_bytes + (sizeof(std::int32_t) + sizeof(float)) * static_cast<std::size_t>(nnz);
    if (length < expected)
        return PGS_SVEC_WIRE_SHORT;
    return length > expected ? PGS_SVEC_WIRE_LONG : PGS_SVEC_WIRE_OK;
}

PgsSvecWireStatus check_index(std::int32_t index, std::int32_t previous, std::int32_t dims) {
    if (index < 0 || index >= dims)
        return PGS_SVEC_WIRE_INDEX;
    return index <= previous ? PGS_SVEC_WIRE_ORDER : PGS_SVEC_WIRE_OK;
}

PgsSvecWireStatus check_value(float value) {
    if (std::isnan(value))
        return PGS_SVEC_WIRE_NAN;
    if (std::isinf(value))
        return PGS_SVEC_WIRE_INFINITE;
    return value == 0 ? PGS_SVEC_WIRE_ZERO : PGS_SVEC_WIRE_OK;
}

PgsSvecWire decode_header(const unsigned char *wire, std::size_t length) {
    if (length < header_bytes)
        return {PGS_SVEC_WIRE_SHORT, 0, 0, 0, 0};
    const std::int32_t dims = read_int32(wire);
    const std::int32_t nnz = read_int32(wire + 4);
    return {check_header(wire, length, dims, nnz), dims, nnz, 0, 0};
}

PgsSvecWire decode(const unsigned char *wire, std::size_t length, std::int32_t *indices,
                   float *values) {
    PgsSvecWire result = decode_header(wire, length);
    if (result.status != PGS_SVEC_WIRE_OK)
        return result;
    const unsigned char *const wire_indices = wire + header_bytes;
    const unsigned char *const wire_values =
        wire_indices + sizeof(std::int32_t) * static_cast<std::size_t>(result.nnz);
    std::int32_t previous = -1;
    for (std::int32_t i = 0; i < result.nnz && result.status == PGS_SVEC_WIRE_OK; ++i) {
        indices[i] = read_int32(wire_indices + sizeof(std::int32_t) * static_cast<std::size_t>(i));
        values[i] = read_float32(wire_values + sizeof(float) * static_cast<std::size_t>(i));
        result.at = i;
        result.index = indices[i];
        result.status = check_index(indices[i], previous, result.dims);
        if (result.status == PGS_SVEC_WIRE_OK)
            result.status = check_value(values[i]);
        previous = indices[i];
    }
    return result;
}

}  // namespace
}  // namespace pgslab

extern "C" PgsSvecWire pgs_svec_decode_header(const unsigned char *wire, size_t length) {
    return pgslab::decode_header(wire, length);
}

extern "C" PgsSvecWire pgs_svec_decode(const unsigned char *wire, size_t length, int32_t *indices,
                                       float *values) {
    return pgslab::decode(wire, length, indices, values);
}
