#include "inverted/match_program.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"

namespace pgslab::inverted {

PgsStatus MatchProgram::set(const PgsMatchNode *nodes, uint32_t count, uint32_t terms,
                            PgsError *error) {
    nodes_.clear();
    named_.assign(terms, 0);
    uint32_t depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        const PgsMatchNode &node = nodes[i];
        const bool is_pair = node.kind == PGS_MATCH_AND || node.kind == PGS_MATCH_OR;
        const bool is_possible = node.kind == PGS_MATCH_TERM  ? node.term < terms
                                 : node.kind == PGS_MATCH_NOT ? depth >= 1
                                                              : is_pair && depth >= 2;
        if (!is_possible) {
            return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "node %u of the condition is impossible",
                        i);
        }
        if (node.kind == PGS_MATCH_TERM) {
            named_[node.term] = 1;
            depth++;
        } else if (is_pair) {
            depth--;
        }
    }
    if (count > 0 && depth != 1) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "the condition on terms is not one");
    }
    nodes_.assign(nodes, nodes + count);
    return PGS_OK;
}

bool MatchProgram::matches(const std::vector<uint8_t> &has) const {
    std::vector<uint8_t> stack;
    for (const PgsMatchNode &node : nodes_) {
        if (node.kind == PGS_MATCH_TERM) {
            stack.push_back(has[node.term] != 0);
        } else if (node.kind == PGS_MATCH_NOT) {
            stack.back() = stack.back() == 0;
        } else {
            const uint8_t right = stack.back();
            stack.pop_back();
            stack.back() = node.kind == PGS_MATCH_AND ? stack.back() & right : stack.back() | right;
        }
    }
    return stack.empty() || stack[0] != 0;
}

// Of each condition: whether it may be true of some document, and whether it may be false.
bool MatchProgram::may_match(const std::vector<uint8_t> &may_have) const {
    struct Truth {
        bool may_be;
        bool may_not_be;
    };
    std::vector<Truth> stack;
    for (const PgsMatchNode &node : nodes_) {
        if (node.kind == PGS_MATCH_TERM) {
            stack.push_back({may_have[node.term] != 0, true});
        } else if (node.kind == PGS_MATCH_NOT) {
            std::swap(stack.back().may_be, stack.back().may_not_be);
        } else {
            const Truth right = stack.back();
            stack.pop_back();
            Truth &left = stack.back();
            const bool is_and = node.kind == PGS_MATCH_AND;
            left = {
                is_and ? left.may_be && right.may_be : left.may_be || right.may_be,
                is_and ? left.may_not_be || right.may_not_be : left.may_not_be && right.may_not_be};
        }
    }
    return stack.empty() || stack[0].may_be;
}

// Of each condition the terms without which it is false; only few are kept, so that a long chain
// takes no long time.
std::vector<uint32_t> MatchProgram::required() const {
    constexpr size_t kMost = 64;
    std::vector<std::vector<uint32_t>> stack;
    for (const PgsMatchNode &node : nodes_) {
        if (node.kind == PGS_MATCH_TERM) {
            stack.push_back({node.term});
        } else if (node.kind == PGS_MATCH_NOT) {
            stack.back().clear();
        } else {
            const std::vector<uint32_t> right = std::move(stack.back());
            stack.pop_back();
            std::vector<uint32_t> &left = stack.back();
            std::vector<uint32_t> both;
            if (node.kind == PGS_MATCH_AND) {
                std::set_union(left.begin(), left.end(), right.begin(), right.end(),
                               std::back_inserter(both));
                both.resize(std::min(both.size(), kMost));
            } else {
                std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                                      std::back_inserter(both));
            }
            left = std::move(both);
        }
    }
    return stack.empty() ? std::vector<uint32_t>{} : stack[0];
}

size_t MatchProgram::combine(PgsMatchKind kind, size_t depth) noexcept {
    if (kind == PGS_MATCH_NOT) {
        for (uint64_t &word : stack_[depth - 1]) {
            word = ~word;
        }
        return depth;
    }
    const DocumentBits &right = stack_[depth - 1];
    DocumentBits &left = stack_[depth - 2];
    for (size_t i = 0; i < left.size(); i++) {
        left[i] = kind == PGS_MATCH_AND ? left[i] & right[i] : left[i] | right[i];
    }
    return depth - 1;
}

}  // namespace pgslab::inverted
