// The score of text: what a term adds to it. The operator and the index both call these, out of
// line, so that both have the same value to the last bit.
#pragma once

#include <cstdint>

#include "pgslab/inverted.h"

namespace pgslab::inverted {

// How rare a term is: above 0 for as long as no more documents have it than there are.
double bm25_idf(uint64_t documents, uint64_t documents_with_term) noexcept;

// idf tf (k1 + 1) / (tf + K), K as below.
double bm25_term(const PgsBm25 &bm25, double idf, double occurrences, double length) noexcept;

// k1 (1 - b + b dl / average), where dl / average is 1 if that is no number.
double bm25_saturation(const PgsBm25 &bm25, double length) noexcept;

}  // namespace pgslab::inverted
