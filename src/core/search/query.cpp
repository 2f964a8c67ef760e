#include "search/query.h"

#include <cmath>
#include <limits>

#include "pgslab/index.h"
#include "quantize/bits.h"
#include "quantize/unit.h"

namespace pgslab {

void Query::set(const Codebook &codebook, const float *query) {
    const Shape &shape = codebook.shape();
    metric = shape.metric;
    given.assign(query, query + shape.dims);
    double squares = 0;
    for (float x : given) {
        squares += static_cast<double>(x) * x;
    }
    norm = is_of_directions(shape.metric) ? 1 : std::sqrt(squares);
    has_direction = shape.metric != Metric::kCosine || squares > 0;
    if (!has_direction) {
        return;
    }
    vector.resize(shape.dims);
    if (is_of_sets(shape.metric)) {
        set_set(shape);
    } else {
        shift = shift_query(shape.metric, query, codebook.offset(), shape.dims, vector.data());
    }
    if (shape.code_bits == 0) {
        return;
    }
    rotated.resize(shape.padded);
    constant = 0;
    unit = codebook.unit();
    if (shape.metric == Metric::kInnerProduct) {
        set_product(codebook);
    } else {
        codebook.to_code_space(vector.data(), rotated.data());
    }
    has_prefix = pgslab::has_prefix(shape);
    codes.set(rotated.data(), shape.padded,
              has_prefix ? CodeQuery::For::kScan : CodeQuery::For::kAll);
    if (has_prefix) {
        prefix.set(rotated.data(), shape.coded);
    }
}

void Query::set_set(const Shape &shape) {
    shift = {};
    bits.assign(item_bytes(shape.dims, shape.storage), 0);
    const uint32_t elements = pack_bits(given.data(), shape.dims, bits.data());
    if (shape.metric == Metric::kHamming) {
        norm = std::sqrt(elements);
    }
    vector_of_set(shape.metric, given.data(), shape.dims, vector.data());
}

// An inner product with what is left of a vector leaves out that with the mean and the offset, the
// same for all rows.
void Query::set_product(const Codebook &codebook) noexcept {
    const uint32_t dims = codebook.shape().dims;
    for (uint32_t i = 0; i < dims; i++) {
        constant -= static_cast<double>(codebook.mean()[i]) * vector[i];
    }
    constant = constant * codebook.unit() - shift.product;
    const int exponent = unit_exponent(largest_exponent(vector.data(), dims));
    codebook.rotate_uncentred(vector.data(), std::ldexp(1.0f, -exponent), rotated.data());
    unit *= std::ldexp(1.0, exponent);
}

double Query::operator_value(const float *row) const {
    const double value = pgs_operator_value(static_cast<PgsMetric>(metric), row, given.data(),
                                            static_cast<int>(given.size()));
    return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
}

}  // namespace pgslab
