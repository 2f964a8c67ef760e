// What a posting can add to a document's score at most, whatever is searched for: bounds of blocks
// and terms are of a number f of each posting, which a query multiplies.
//
// Of text f is tf / (tf + K), K = k1 (1 - b + b dl / average), with the average length that the
// segment had when it was written. A search has another average. Where that is larger K is smaller,
// but not below K * average / larger; so f times larger / average is a bound then.
//
// Bounds are rounded outward: to float32, and to 255ths of the term's.
#pragma once

#include <cstdint>

#include "inverted/format.h"

namespace pgslab::inverted {

// A document, as far as postings' f depends on it.
struct DocumentMeasure {
    uint32_t length = 0;  // of text
    double square = 0;    // under cosine: the squared norm
};

// dl / average, which is 1 where that is no number.
double relative_length(double length, double average) noexcept;

// f of a posting.
double posting_factor(const Inverted &index, double average, float weight,
                      const DocumentMeasure &document) noexcept;

// What f of the segment is to be multiplied by in a search with that average; at least 1.
double factor_growth(const Inverted &index, double segment_average, double average) noexcept;

// Outward.
float round_up(double f) noexcept;
float round_down(double f) noexcept;

// f in 255ths of the term's: the least n with n / 255 * term >= f in float64, for f and term of one
// sign, |f| <= |term|; and back.
uint8_t share_of(double f, float term) noexcept;
inline double of_share(uint8_t share, float term) noexcept {
    return static_cast<double>(term) * share / 255;
}

}  // namespace pgslab::inverted
