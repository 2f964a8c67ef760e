// What a document is, as one number: to be compared between an index and its table, and between
// what postings and forward rows say.
#pragma once

#include <cstdint>

#include "inverted/bound.h"
#include "inverted/dictionary.h"
#include "pgslab/inverted.h"

namespace pgslab::inverted {

// Of a term and its weight. A document's is the sum of its terms', in any order.
uint32_t content_of_term(Bytes term, float weight) noexcept;

uint32_t content_of_terms(const PgsTerm *terms, uint32_t count) noexcept;

// With its keys, as they are stored.
uint32_t content_with_keys(uint32_t content, const uint8_t *keys, uint32_t key_bytes) noexcept;

// What else is to be the same wherever it is said: its measure, and the content of its keys.
uint32_t content_of_rest(const DocumentMeasure &measure, uint32_t keys) noexcept;

// Of a key in a column; a document's keys have the sum of theirs.
uint32_t content_of_key(uint32_t column, uint64_t key) noexcept;

}  // namespace pgslab::inverted
