// Any bytes as the wire form of a sparse vector: what is accepted is an svec, and encodes to the
// same bytes.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "pgslab_core.h"

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void append32(std::vector<std::uint8_t> *wire, std::uint32_t value) {
    for (const int shift : {24, 16, 8, 0})
        wire->push_back(static_cast<std::uint8_t>(value >> shift));
}

void check_accepted(const PgsSvec &svec, const std::uint8_t *data, std::size_t size) {
    require(svec.dims >= 1 && svec.dims <= PGS_SVEC_MAX_DIMS);
    std::vector<std::uint8_t> wire;
    append32(&wire, static_cast<std::uint32_t>(svec.dims));
    append32(&wire, static_cast<std::uint32_t>(svec.nnz));
    append32(&wire, 0);
    for (std::int32_t i = 0; i < svec.nnz; ++i) {
        require(svec.indices[i] >= 0 && svec.indices[i] < svec.dims);
        require(i == 0 || svec.indices[i - 1] < svec.indices[i]);
        append32(&wire, static_cast<std::uint32_t>(svec.indices[i]));
    }
    for (std::int32_t i = 0; i < svec.nnz; ++i) {
        require(std::isfinite(svec.values[i]) && svec.values[i] != 0);
        append32(&wire, std::bit_cast<std::uint32_t>(svec.values[i]));
    }
    require(wire == std::vector<std::uint8_t>(data, data + size));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const PgsSvecWire header = pgs_svec_decode_header(data, size);
    if (header.status != PGS_SVEC_WIRE_OK)
        return 0;
    require(header.nnz >= 0 && static_cast<std::size_t>(header.nnz) <= size / 8);

    std::vector<std::int32_t> indices(static_cast<std::size_t>(header.nnz));
    std::vector<float> values(indices.size());
    const PgsSvecWire wire = pgs_svec_decode(data, size, indices.data(), values.data());
    if (wire.status == PGS_SVEC_WIRE_OK)
        check_accepted({wire.dims, wire.nnz, indices.data(), values.data()}, data, size);
    else
        require(wire.at >= 0 && wire.at < wire.nnz);
    return 0;
}
