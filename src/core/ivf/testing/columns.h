// For tests of arithmetic: the tables that parts of indexes of vectors can have.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "ivf/meta.h"

namespace pgslab {

inline const std::vector<uint32_t> kDims = {
    1,   2,   3,   7,   15,   16,   17,   31,   32,   33,   63,   64,   65,   127,   128,
    129, 200, 768, 784, 1000, 1024, 1536, 2000, 3072, 4000, 4064, 4065, 8000, 12345, 16000};

// Those of all that can be said of these dims: without codes, and with codes of any bits.
inline std::vector<Vectors> vectors_under_test() {
    std::vector<Vectors> all;
    for (uint32_t dims : kDims) {
        for (Storage storage : {Storage::kF16, Storage::kF32, Storage::kI8}) {
            Vectors vectors = {};
            vectors.dims = static_cast<uint16_t>(dims);
            vectors.metric = Metric::kL1;
            vectors.storage = storage;
            all.push_back(vectors);
            vectors.metric = Metric::kL2;
            vectors.code_bits = 1;
            for (uint8_t bits : {0, 4, 8}) {
                vectors.refine_bits = bits;
                if (dims <= most_dims(bits)) {
                    all.push_back(vectors);
                }
            }
            if (dims > kPrefixUnit) {
                vectors.prefix = static_cast<uint8_t>((dims - 1) / kPrefixUnit / 2 + 1);
                vectors.refine_bits = 4;
                all.push_back(vectors);
            }
        }
        Vectors sets = {};
        sets.dims = static_cast<uint16_t>(dims);
        sets.metric = Metric::kHamming;
        sets.storage = Storage::kBits;
        sets.code_bits = 1;
        all.push_back(sets);
    }
    return all;
}

inline std::vector<Columns> columns_under_test() {
    std::vector<Columns> all;
    for (const Vectors &vectors : vectors_under_test()) {
        all.push_back(columns_of(vectors));
    }
    return all;
}

}  // namespace pgslab
