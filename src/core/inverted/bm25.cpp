#include "inverted/bm25.h"

#include <cmath>

#include "inverted/bound.h"

namespace pgslab::inverted {

double bm25_idf(uint64_t documents, uint64_t documents_with_term) noexcept {
    const auto all = static_cast<double>(documents);
    const auto with = static_cast<double>(documents_with_term);
    return std::log(1 + (all - with + 0.5) / (with + 0.5));
}

double bm25_saturation(const PgsBm25 &bm25, double length) noexcept {
    return bm25.k1 * (1 - bm25.b + bm25.b * relative_length(length, bm25.average));
}

double bm25_term(const PgsBm25 &bm25, double idf, double occurrences, double length) noexcept {
    return idf * occurrences * (bm25.k1 + 1) / (occurrences + bm25_saturation(bm25, length));
}

}  // namespace pgslab::inverted
