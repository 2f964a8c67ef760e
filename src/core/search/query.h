// A query, prepared once for everything that is compared with it: vectors of the slab and codes.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/codebook.h"
#include "quantize/code_query.h"
#include "quantize/offset.h"

namespace pgslab {

struct Query {
    Metric metric = Metric::kL2;
    std::vector<float> given;    // float[dims]
    std::vector<float> vector;   // as it is compared with stored vectors: see shift_query()
    Shift shift;                 // what that takes into account
    std::vector<uint8_t> bits;   // of sets, the query as it is compared with stored ones
    double norm = 0;             // of the query; 1 where directions are compared
    bool has_direction = false;  // false for the zero vector under cosine: every distance is NaN
    std::vector<float> rotated;  // float[padded], in code space; for an inner product in a unit of
                                 // its own
    CodeQuery codes;             // the same, quantised
    CodeQuery prefix;            // where rows have codes of the first coordinates: these, quantised
    bool has_prefix = false;
    bool is_told = false;  // what the operator's values are, which is another's: for all queries
    double constant = 0;   // see BoundedQuery, as the next
    double unit = 1;

    // What rows' codes are compared with.
    const CodeQuery &row_codes() const noexcept { return has_prefix ? prefix : codes; }

    // May throw std::bad_alloc.
    void set(const Codebook &codebook, const float *query);

    // The distance operator's value for a row's vector. Infinity where that is no number, which the
    // operator's order puts last.
    double operator_value(const float *row) const;

  private:
    void set_set(const Shape &shape);
    void set_product(const Codebook &codebook) noexcept;
};

}  // namespace pgslab
