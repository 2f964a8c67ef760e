// What a walk of an index of vectors may read besides the records.
#pragma once

#include <vector>

#include "ivf/format.h"
#include "store/walker.h"

namespace pgslab {

// The stored vectors, without their padding.
inline WalkTable slab_table(const Meta &meta) noexcept {
    const Vectors &vectors = vectors_of(meta);
    return {kSlabColumn, vectors.dims * element_bytes(vectors.storage)};
}

// The refinement codes, with their tails.
inline WalkTable refine_table(const Meta &meta) noexcept {
    return {kRefineColumn, meta.columns.column[kRefineColumn].item};
}

// The rows of some lists: of those whose element is true. A list that does not exist is for
// verification to see.
class RowsOfLists final : public RowFilter {
  public:
    explicit RowsOfLists(const std::vector<bool> &lists) : lists_(lists) {}
    bool wants(const Record &record) const noexcept override {
        const uint32_t list = vector_record(record).list;
        return list >= lists_.size() || lists_[list];
    }

  private:
    const std::vector<bool> &lists_;
};

}  // namespace pgslab
