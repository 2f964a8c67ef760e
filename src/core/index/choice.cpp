#include "index/choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pgslab {

namespace {

// Of the estimates of centroids' distances.
constexpr double kDeviations = 2;

}  // namespace

double ListChoice::score_of(const Shape &shape, const ListQuery &at, double query_norm,
                            double radius, double reach) noexcept {
    const double spread = reach * radius / std::sqrt(shape.padded);
    return shape.metric == Metric::kInnerProduct
               ? at.add - spread * query_norm
               : at.add + radius * radius - 2 * spread * at.distance;
}

double ListChoice::reach_of(const Shape &shape, const ListQuery &at, double query_norm,
                            double radius, double score) noexcept {
    const double unit = radius / std::sqrt(shape.padded);
    return shape.metric == Metric::kInnerProduct
               ? (at.add - score) / (unit * query_norm)
               : (at.add + radius * radius - score) / (2 * unit * at.distance);
}

// At most the list's score, most probably.
float ListChoice::estimated_score(uint32_t list, float square, float error) const noexcept {
    const Shape &shape = codebook_->shape();
    const ListInfo &info = codebook_->info(list);
    const double root = std::sqrt(static_cast<double>(shape.padded));
    const double low = square - kDeviations * error * query_norm_ / root;
    ListQuery at = {};
    at.distance = std::sqrt(std::max(0.0, low));
    if (shape.metric == Metric::kInnerProduct) {
        at.add = (low - query_norm_ * query_norm_ - double{info.norm} * info.norm) / 2;
    } else {
        // Scores fall with the distance down to here, and then rise again.
        at.distance = std::max(at.distance, reach_ * info.radius / root);
        at.add = at.distance * at.distance;
    }
    return static_cast<float>(score_of(shape, at, query_norm_, info.radius, reach_));
}

void ListChoice::begin(const Codebook &codebook, const float *query, const CodeQuery &codes,
                       double reach) {
    codebook_ = &codebook;
    query_ = query;
    query_norm_ = codes.norm();
    reach_ = reach;
    heap_.resize(codebook.lists());
    if (codebook.lists() == 1) {
        heap_[0] = {0, 0, false};
        return;
    }
    estimate_.resize(codebook.lists());
    codebook.estimate_all(codes, estimate_.data());
    for (uint32_t l = 0; l < codebook.lists(); l++) {
        heap_[l] = {estimated_score(l, estimate_[l], codebook.errors()[l]), l, false};
    }
    std::make_heap(heap_.begin(), heap_.end(), later);
}

double ListChoice::score() {
    while (!heap_.empty() && !heap_.front().exact) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Entry &entry = heap_.back();
        const ListQuery at = codebook_->list_query(query_, query_norm_, entry.list);
        const double radius = codebook_->info(entry.list).radius;
        entry.score = static_cast<float>(
            score_of(codebook_->shape(), at, query_norm_, radius, reach_));
        entry.exact = true;
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    return heap_.empty() ? std::numeric_limits<double>::infinity() : heap_.front().score;
}

uint32_t ListChoice::take() {
    score();
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const uint32_t list = heap_.back().list;
    heap_.pop_back();
    return list;
}

}  // namespace pgslab
