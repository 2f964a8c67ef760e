// A condition on the keys of rows, a set that they have to be in, and a bound of their distances.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "filter/keys.h"
#include "filter/tid_set.h"
#include "pgslab/filter.h"
#include "pgslab/status.h"

namespace pgslab {

class Filter {
  public:
    // Copies the condition, on these columns, but not the set; null: what every row satisfies.
    // PGS_MISUSE if it is none. May throw std::bad_alloc.
    PgsStatus set(const PgsFilter *given, const PgsKeyColumns &columns, PgsError *error);

    // The set; null: any row. Whether its rows may be looked up, whatever their keys.
    const TidSet *tids() const noexcept { return tids_; }
    bool may_look_up() const noexcept { return may_look_up_; }

    // Whether that a row is in the set is a condition on its keys, too, as they have its address.
    bool names_by_keys() const noexcept { return names_by_keys_; }

    // What values have to be below: infinity where it says nothing of them.
    double bound() const noexcept { return bound_; }
    bool is_bounded() const noexcept { return bound_ < std::numeric_limits<double>::infinity(); }

    // Whether all keys satisfy it because it asks nothing of them.
    bool asks_nothing() const noexcept { return nodes_.empty(); }

    // Whether no row can satisfy it, whatever keys it has.
    bool is_never() const noexcept {
        return nodes_.size() == 1 && nodes_[0].kind == PGS_FILTER_ANY;
    }

    // Whether these keys satisfy it; whether the row does that has them.
    bool holds(const uint8_t *keys) const noexcept { return asks_nothing() || holds(0, keys); }
    bool holds(PgsTid tid, const uint8_t *keys) const noexcept {
        return (tids_ == nullptr || names_by_keys_ || tids_->contains(tid)) && holds(keys);
    }

    // The keys that a node of the kind PGS_FILTER_KEYS names.
    struct Keys {
        uint32_t number;  // of the column
        uint32_t at;      // of its first key among a row's, in bytes
        PgsKeyColumn column;
        const PgsKeyRange *ranges;
        uint32_t count;
        const TidSet *tids;  // that the address has to be in, instead of ranges; or null
    };

    // It, and what is inside it: conditions on keys that some may satisfy, and two or more in each
    // that holds others. None where it asks nothing, one that has nothing inside where it is never
    // satisfied.
    struct Node {
        PgsFilterKind kind;
        uint32_t end;  // of the nodes inside it
        Keys keys;
    };
    const std::vector<Node> &nodes() const noexcept { return nodes_; }

    // Calls what(child) for each node that is directly inside a node.
    template <typename What>
    void each_inside(size_t node, What what) const {
        for (size_t child = node + 1; child < nodes_[node].end; child = nodes_[child].end) {
            what(child);
        }
    }

  private:
    PgsStatus check(const PgsFilter &given, const PgsKeyColumns &columns, PgsError *error) const;
    enum class Truth { kDepends, kAlways, kNever };
    Truth add(const PgsFilter &given, uint32_t node, const PgsKeyColumns &columns);
    PgsStatus set_keys(const PgsFilter &given, const PgsKeyColumns &columns, PgsError *error);
    void name_by_keys(const PgsKeyColumns &columns);
    bool holds(size_t node, const uint8_t *keys) const noexcept;

    const TidSet *tids_ = nullptr;
    bool may_look_up_ = false;
    bool names_by_keys_ = false;
    double bound_ = std::numeric_limits<double>::infinity();
    std::vector<Node> nodes_;
    std::vector<PgsKeyRange> ranges_;
};

}  // namespace pgslab
