// sparse.h - sparse vectors for tests, and the dense vectors they stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "pgslab/svec.h"

namespace pgslab {

struct Sparse {
    std::int32_t dims = 0;
    std::vector<std::int32_t> indices;
    std::vector<float> values;

    // Room for a result of at most so many non-zeros.
    static Sparse with_room(std::int32_t dims, std::size_t nnz) {
        return {dims, std::vector<std::int32_t>(nnz), std::vector<float>(nnz)};
    }

    PgsSvec view() const {
        return {dims, static_cast<std::int32_t>(indices.size()), indices.data(), values.data()};
    }

    void keep(std::int32_t nnz) {
        indices.resize(static_cast<std::size_t>(nnz));
        values.resize(static_cast<std::size_t>(nnz));
    }

    std::vector<float> dense() const {
        std::vector<float> all(static_cast<std::size_t>(dims), 0.0F);
        for (std::size_t i = 0; i < indices.size(); ++i)
            all[static_cast<std::size_t>(indices[i])] = values[i];
        return all;
    }

    bool operator==(const Sparse &) const = default;
};

inline Sparse make_sparse(std::int32_t dims, const std::map<std::int32_t, float> &elements) {
    Sparse sparse{dims, {}, {}};
    for (const auto &[index, value] : elements) {
        if (value == 0)
            continue;
        sparse.indices.push_back(index);
        sparse.values.push_back(value);
    }
    return sparse;
}

// Each dimension has a non-zero with the given probability. Few values are possible where `few` is
// set, so that vectors agree in many.
inline Sparse random_sparse(std::mt19937 &random, std::int32_t dims, double probability,
                            bool few = false) {
    std::bernoulli_distribution stored(probability);
    std::uniform_real_distribution<float> any(-1, 1);
    std::uniform_int_distribution<int> one_of(-1, 1);
    std::map<std::int32_t, float> elements;
    for (std::int32_t i = 0; i < dims; ++i)
        if (stored(random))
            elements[i] = few ? static_cast<float>(one_of(random)) : any(random);
    return make_sparse(dims, elements);
}

}  // namespace pgslab
