// A condition on the keys of rows.
#pragma once

#include <cstdint>
#include <vector>

#include "filter/keys.h"
#include "pgslab/filter.h"
#include "pgslab/status.h"

namespace pgslab {

class Filter {
  public:
    // Copies the condition, on these columns; null: one that every row satisfies. PGS_MISUSE if it
    // is none. May throw std::bad_alloc.
    PgsStatus set(const PgsFilter *given, const PgsKeyColumns &columns, PgsError *error);

    // Whether every row satisfies it because it asks nothing.
    bool asks_nothing() const noexcept { return nodes_.empty(); }

    // Whether the row with these keys satisfies it.
    bool holds(const uint8_t *keys) const noexcept { return asks_nothing() || holds(0, keys); }

    // The keys that a node of the kind PGS_FILTER_KEYS names.
    struct Keys {
        uint32_t at;  // of the column's first key among a row's, in bytes
        PgsKeyColumn column;
        const PgsKeyRange *ranges;
        uint32_t count;
    };

  private:
    struct Node {
        PgsFilterKind kind;
        uint32_t end;  // of the nodes inside it
        Keys keys;
    };

    PgsStatus check(const PgsFilter &given, const PgsKeyColumns &columns, PgsError *error) const;
    bool holds(size_t node, const uint8_t *keys) const noexcept;

    std::vector<Node> nodes_;
    std::vector<PgsKeyRange> ranges_;
};

}  // namespace pgslab
