// The lists in the order in which to visit them: nearest centroid first; by inner product, the one
// with the largest.
//
// Centroids are looked at as rows are: estimated from codes first, and exactly where the estimate
// comes near the top of the heap.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/codebook.h"
#include "quantize/code_query.h"

namespace pgslab {

class ListChoice {
  public:
    // query is codes' float[padded], which and codebook must outlive the choice. May throw
    // std::bad_alloc.
    void begin(const Codebook &codebook, const float *query, const CodeQuery &codes);

    // From here on only lists that have true come, unless they were found already; it must outlive
    // the choice.
    void keep_to(const std::vector<bool> &wanted) noexcept { wanted_ = &wanted; }

    // Finds the next list, the same until it is taken; false when there is none.
    bool next();

    // Those left out on the way to it.
    const std::vector<uint32_t> &left_out() const noexcept { return left_out_; }
    uint32_t list() const noexcept { return heap_.front().list; }

    // Its ListQuery::add. Where float32 left its range it is below all others.
    double add() const noexcept { return heap_.front().add; }

    // What the ListQuery::add of any list is at least, most probably, by the estimate of its code.
    double least_add(uint32_t list) const noexcept { return least_[list]; }

    // Takes the next list; at is the query as seen from it.
    uint32_t take(ListQuery &at);

  private:
    struct Entry {
        float add;
        uint32_t list : 31;
        uint32_t measured : 1;  // add is the list's own, not a low estimate
    };
    static bool later(const Entry &a, const Entry &b) noexcept {
        return a.add > b.add || (a.add == b.add && a.list > b.list);
    }

    void estimate(const CodeQuery &codes);
    bool widen();
    bool fill();

    const Codebook *codebook_ = nullptr;
    const std::vector<bool> *wanted_ = nullptr;  // null: all
    std::vector<uint32_t> left_out_;
    const float *query_ = nullptr;
    double query_norm_ = 0;
    std::vector<float> least_;  // by list, what its add is at least
    std::vector<Entry> heap_;   // of the lists up to reach_, those that were not taken
    float reach_ = 0;
    std::vector<Entry> within_;  // of the lists, those that enter the heap next
    std::vector<float> sample_;  // of least_, ascending
    size_t step_ = 0;            // in the sample, where to reach next
};

}  // namespace pgslab
