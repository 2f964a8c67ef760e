// A condition on which of a query's terms a document has, in postfix order: of one document, of
// many at once, and of what may be true of any in a window of documents.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pgslab/inverted.h"
#include "pgslab/status.h"

namespace pgslab::inverted {

// Documents of a window: a bit for each.
using DocumentBits = std::vector<uint64_t>;

class MatchProgram {
  public:
    // Copies it; without nodes there is no condition. PGS_MISUSE if it is no condition on so many
    // terms. May throw std::bad_alloc, as may the others.
    PgsStatus set(const PgsMatchNode *nodes, uint32_t count, uint32_t terms, PgsError *error);

    bool is_empty() const noexcept { return nodes_.empty(); }
    std::span<const PgsMatchNode> nodes() const noexcept { return nodes_; }

    // Whether a document matches that has the terms whose element is not 0.
    bool matches(const std::vector<uint8_t> &has) const;

    // Whether one may that has no terms but those whose element is not 0.
    bool may_match(const std::vector<uint8_t> &may_have) const;

    // Which of the documents of so many words match: bits_of(term, bits) sets the bits of those
    // that have a term, of words that are 0.
    template <typename BitsOf>
    const DocumentBits &evaluate(size_t words, BitsOf bits_of) {
        size_t depth = 0;
        for (const PgsMatchNode &node : nodes_) {
            if (node.kind == PGS_MATCH_TERM) {
                if (depth == stack_.size()) {
                    stack_.emplace_back();
                }
                stack_[depth].assign(words, 0);
                bits_of(node.term, stack_[depth]);
                depth++;
            } else {
                depth = combine(node.kind, depth);
            }
        }
        return stack_[0];
    }

    // Terms without which nothing matches.
    std::vector<uint32_t> required() const;

    // Whether the condition asks for the term.
    bool names(uint32_t term) const noexcept { return !named_.empty() && named_[term] != 0; }

  private:
    size_t combine(PgsMatchKind kind, size_t depth) noexcept;

    std::vector<PgsMatchNode> nodes_;
    std::vector<uint8_t> named_;       // by term
    std::vector<DocumentBits> stack_;  // of evaluate()
};

}  // namespace pgslab::inverted
