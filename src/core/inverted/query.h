// What is searched for: terms with weights, what they add to a document's score, and which
// documents match.
//
// A document's *similarity* is what terms are summed up to, the more the better: the score of text,
// the inner product, or under cosine the inner product, too, which only its value divides. Its
// *value* is the operator's, the less the better. Bounds are in units in which a document's value
// follows from one number (score_of()): under cosine these are the cosine itself.
#pragma once

#include <cstdint>
#include <vector>

#include "inverted/bm25.h"
#include "inverted/bound.h"
#include "inverted/dictionary.h"
#include "inverted/format.h"
#include "inverted/match_program.h"
#include "pgslab/inverted.h"
#include "pgslab/status.h"

namespace pgslab::inverted {

struct SearchedTerm {
    uint32_t begin;  // of its bytes, among all terms'
    uint32_t length;
    bool is_prefix;
    double weight;
};

class Query {
  public:
    // Copies it; null: none. PGS_MISUSE if its terms are not in order or its weights not possible.
    // May throw std::bad_alloc, as may the others that are not noexcept.
    PgsStatus set(const Inverted &index, const PgsInvertedQuery *given, PgsError *error);

    bool exists() const noexcept { return exists_; }
    bool asks() const noexcept { return asks_; }
    bool is_text() const noexcept { return index_.weights == Weights::kOccurrences; }
    bool is_cosine() const noexcept { return index_.weights == Weights::kCosines; }
    const Inverted &index() const noexcept { return index_; }
    const PgsBm25 &bm25() const noexcept { return bm25_; }

    uint32_t count() const noexcept { return static_cast<uint32_t>(terms_.size()); }
    const SearchedTerm &term(uint32_t i) const noexcept { return terms_[i]; }
    Bytes bytes(uint32_t i) const noexcept {
        return {bytes_.data() + terms_[i].begin, terms_[i].length};
    }
    MatchProgram &program() noexcept { return program_; }

    // What a term adds to the similarity of a document that has it with that weight.
    double added(uint32_t term, float weight, const DocumentMeasure &document) const noexcept {
        const double of_term = terms_[term].weight;
        return is_text() ? bm25_term(bm25_, of_term, weight, document.length)
                         : of_term * double{weight};
    }

    // What a posting's f (inverted/bound.h) is to be multiplied by to have what the term adds to a
    // score.
    double scale(uint32_t term) const noexcept;

    // The squared norm, of vectors.
    double square() const noexcept { return square_; }

    // The operator's value for a similarity; and for a row that has none of the terms.
    double value_of(double similarity, const DocumentMeasure &document) const noexcept;
    double value_of_others() const noexcept { return value_of(0, {0, 1}); }

    // A score that no document with a value up to this one is below.
    double score_of(double value) const noexcept;

    // Terms of a document and of the query, both in order: calls both(i, weight) for each of the
    // query's terms that the document has, in order; of a prefix the sum of the weights.
    template <typename Both>
    void each_in(const std::vector<PgsTerm> &document, Both both) const {
        size_t at = 0;
        for (uint32_t i = 0; i < count(); i++) {
            const Bytes wanted = bytes(i);
            while (at < document.size() && compare_terms(bytes_of(document[at]), wanted) < 0) {
                at++;
            }
            if (terms_[i].is_prefix) {
                float sum = 0;
                for (size_t j = at;
                     j < document.size() && begins_with(bytes_of(document[j]), wanted); j++) {
                    sum += document[j].weight;
                }
                if (sum > 0) {
                    both(i, sum);
                }
            } else if (at < document.size() && compare_terms(bytes_of(document[at]), wanted) == 0) {
                both(i, document[at].weight);
            }
        }
    }

  private:
    static Bytes bytes_of(const PgsTerm &term) noexcept {
        return {static_cast<const uint8_t *>(term.bytes), term.length};
    }
    bool is_possible(const PgsQueryTerm &term) const noexcept;

    Inverted index_ = {};
    PgsBm25 bm25_ = {};
    bool exists_ = false;
    bool asks_ = false;
    double square_ = 0;
    std::vector<SearchedTerm> terms_;
    std::vector<uint8_t> bytes_;
    MatchProgram program_;
};

}  // namespace pgslab::inverted
