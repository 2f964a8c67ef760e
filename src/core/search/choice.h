// Which lists to visit for a query, nearest first, and how far to go.
//
// A row at squared distance t from the query, in a list whose centroid is at distance d, lies by
// about (d^2 - t) / 2 d to the query's side of the centroid. How far rows lie to one side of their
// centroid is much the same everywhere in an index. So
//
//     score = d^2 - reach d
//
// is about the smallest squared distance to be expected in the list, if `reach` is twice what rows
// may lie to one side, and a list is worth a visit as long as its score lies below what the caller
// already has. With inner product it is -<q, c> - reach |q|. The reach that finds a wanted share of
// the true neighbours is measured (calibrate.h): queries near the middle of a list then visit few
// of them and others many. On the data of the benchmarks this takes a quarter fewer codes than a
// fixed number of lists does for recall 0.99.
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
    void begin(const Codebook &codebook, const float *query, const CodeQuery &codes, double reach);

    // Finds the next list, the same until it is taken; false when there is none. Then its score.
    bool next();
    double score() const noexcept;
    uint32_t list() const noexcept { return heap_.front().list; }

    // Takes the next list; at is the query as seen from it.
    uint32_t take(ListQuery &at);

    // A list's score for a given reach, and the reach for a given score.
    static double score_of(Metric metric, const ListQuery &at, double query_norm,
                           double reach) noexcept;
    static double reach_of(Metric metric, const ListQuery &at, double query_norm,
                           double score) noexcept;

  private:
    // Lists in the order of ListQuery::add, which is that of their scores.
    struct Entry {
        float add;
        uint32_t list : 31;
        uint32_t measured : 1;  // add is the list's own, not a low estimate
    };
    static bool later(const Entry &a, const Entry &b) noexcept {
        return a.add > b.add || (a.add == b.add && a.list > b.list);
    }

    void estimate(const CodeQuery &codes);
    void refill();

    const Codebook *codebook_ = nullptr;
    const float *query_ = nullptr;
    double query_norm_ = 0;
    double reach_ = 0;
    std::vector<float> estimate_;
    std::vector<Entry> heap_;
    std::vector<Entry> rest_;  // those behind half_way_
    float half_way_ = 0;
};

}  // namespace pgslab
