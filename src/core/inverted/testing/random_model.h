// Documents at random, as tests of maintenance insert, load and delete them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "inverted/testing/inverted_index.h"
#include "pgslab/filter.h"

namespace pgslab::inverted {

using Random = std::mt19937_64;

inline constexpr Weights kEveryWeights[] = {Weights::kOccurrences, Weights::kProducts,
                                            Weights::kCosines};

// A number, a set, and the address.
inline PgsKeyColumns model_keys() {
    PgsKeyColumns keys = {};
    keys.count = 3;
    keys.column[0] = {4, 1, false};
    keys.column[1] = {8, 2, false};
    keys.column[2] = {8, 1, true};
    return keys;
}

// A few terms are in most documents, most in few; of text some are long.
inline std::string model_term(Random &random, Weights weights) {
    const double share = std::pow(std::uniform_real_distribution<>(0, 1)(random), 3);
    const auto number = static_cast<uint32_t>(share * 500);
    if (weights != Weights::kOccurrences) {
        const uint32_t dimension = number * 2039;
        return {static_cast<char>(dimension >> 24), static_cast<char>(dimension >> 16),
                static_cast<char>(dimension >> 8), static_cast<char>(dimension)};
    }
    return "w" + std::to_string(number) + std::string(number % 50 == 49 ? 300 : 0, 'x');
}

inline float model_weight(Random &random, Weights weights) {
    if (weights == Weights::kOccurrences) {
        return static_cast<float>(random() % 3 > 0 ? 1 : 1 + random() % 300);
    }
    return static_cast<float>(1 + random() % 1000) / (random() % 3 == 0 ? -300.0F : 300.0F);
}

// Most are short, some take many slots; of text some are empty.
inline ModelDocument model_document(Random &random, const Inverted &index) {
    ModelDocument document;
    const auto most = static_cast<uint32_t>(random() % 20 == 0 ? 300 : 12);
    const auto n = static_cast<uint32_t>(random() % most);
    const uint32_t least = index.weights == Weights::kCosines ? 1 : 0;
    while (document.terms.size() < std::max(n, least) / (n > 100 ? 2 : 1)) {
        document.terms[model_term(random, index.weights)] = model_weight(random, index.weights);
    }
    if (key_columns(index.keys).count > 0) {
        const bool has_set = random() % 3 > 0;
        document.keys = {random() % 5, has_set ? random() % 4 : pgs_no_key(8),
                         has_set ? 4 + random() % 4 : pgs_no_key(8)};
    }
    return document;
}

// One whose slots are more than one group of pages takes.
inline ModelDocument long_document(Random &random, const Inverted &index) {
    ModelDocument document = model_document(random, index);
    document.terms.clear();
    for (uint32_t i = 0; i < 4000; i++) {
        const std::string term = {static_cast<char>(0), static_cast<char>(1),
                                  static_cast<char>(i >> 8), static_cast<char>(i)};
        document.terms[term] = model_weight(random, index.weights);
    }
    return document;
}

}  // namespace pgslab::inverted
