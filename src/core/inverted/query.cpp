#include "inverted/query.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace pgslab::inverted {

bool Query::is_possible(const PgsQueryTerm &term) const noexcept {
    const bool is_length = term.length <= PGS_MAX_TERM_BYTES && (term.length > 0 || term.is_prefix);
    const bool is_weight = std::isfinite(term.weight) && (!is_text() || term.weight >= 0);
    return is_length && is_weight && (is_text() || !term.is_prefix);
}

PgsStatus Query::set(const Inverted &index, const PgsInvertedQuery *given, PgsError *error) {
    index_ = index;
    exists_ = given != nullptr;
    asks_ = exists_ && given->asks;
    bm25_ = {index.k1, index.b, exists_ ? given->average : 0};
    terms_.clear();
    bytes_.clear();
    if (!(bm25_.average >= 0 && std::isfinite(bm25_.average))) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "documents of an average length of %g",
                    bm25_.average);
    }
    square_ = 0;
    for (uint32_t i = 0; exists_ && i < given->count; i++) {
        const PgsQueryTerm &term = given->terms[i];
        const Bytes own{static_cast<const uint8_t *>(term.bytes), term.length};
        const int order = i == 0 ? -1 : compare_terms(bytes(i - 1), own);
        const bool is_next =
            order < 0 || (order == 0 && term.is_prefix && !terms_[i - 1].is_prefix);
        if (!is_next || !is_possible(term)) {
            return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "term %u of the query is impossible", i);
        }
        terms_.push_back(
            {static_cast<uint32_t>(bytes_.size()), term.length, term.is_prefix, term.weight});
        bytes_.insert(bytes_.end(), own.begin(), own.end());
        square_ += term.weight * term.weight;
    }
    return exists_ ? program_.set(given->match, given->nodes, given->count, error)
                   : program_.set(nullptr, 0, 0, error);
}

double Query::scale(uint32_t term) const noexcept {
    const double weight = terms_[term].weight;
    if (is_text()) {
        return weight * (bm25_.k1 + 1);
    }
    return is_cosine() ? weight / std::sqrt(square_) : weight;
}

double Query::value_of(double similarity, const DocumentMeasure &document) const noexcept {
    if (is_text()) {
        return similarity == 0 ? 0 : -similarity;
    }
    if (!is_cosine()) {
        return 0.0 - similarity;
    }
    const double cosine = similarity / std::sqrt(square_ * document.square);
    return 1.0 - std::clamp(cosine, -1.0, 1.0);
}

// The value of a cosine is rounded, by less than the margin.
double Query::score_of(double value) const noexcept {
    constexpr double kMargin = 1e-12;
    return is_cosine() ? 1 - value - kMargin : -value;
}

}  // namespace pgslab::inverted
