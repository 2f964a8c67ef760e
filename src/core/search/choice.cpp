#include "search/choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pgslab {

namespace {

// Of the estimates of centroids' distances.
constexpr double kDeviations = 2;

// Where float32 left its range nothing is known of a list: it comes first.
constexpr float kUnknown = -std::numeric_limits<float>::max();

float comparable(float add) noexcept {
    return std::isfinite(add) ? add : kUnknown;
}

}  // namespace

// What each list's ListQuery::add is at least, most probably.
void ListChoice::estimate(const CodeQuery &codes) {
    const Shape &shape = codebook_->shape();
    const uint32_t lists = codebook_->lists();
    codebook_->estimate_all(codes, estimate_);
    const std::vector<float> &error = codebook_->errors();
    const auto spread =
        static_cast<float>(kDeviations * query_norm_ / std::sqrt(shape.padded - 1.0));
    for (uint32_t l = 0; l < lists; l++) {
        heap_[l] = {comparable(estimate_[l] - spread * error[l]), l, 0};
    }
    if (shape.metric == Metric::kInnerProduct) {
        const auto square = static_cast<float>(query_norm_ * query_norm_);
        for (Entry &entry : heap_) {
            const float norm = codebook_->info(entry.list).norm;
            entry.add = comparable((entry.add - square - norm * norm) / 2);
        }
    }
}

void ListChoice::begin(const Codebook &codebook, const float *query, const CodeQuery &codes) {
    codebook_ = &codebook;
    query_ = query;
    query_norm_ = codes.norm();
    heap_.resize(codebook.lists());
    rest_.clear();
    if (codebook.lists() == 1) {
        heap_[0] = {0, 0, 0};
        return;
    }
    estimate(codes);
    // Few lists are visited, so most need not be ordered: those nearer than half way from the
    // nearest to the mean come first.
    double total = 0;
    float least = heap_[0].add;
    for (const Entry &entry : heap_) {
        total += entry.add;
        least = std::min(least, entry.add);
    }
    const auto mean = static_cast<float>(total / static_cast<double>(heap_.size()));
    half_way_ = least + (mean - least) / 2;
    const auto middle = std::partition(heap_.begin(), heap_.end(),
                                       [&](const Entry &e) { return !(e.add > half_way_); });
    rest_.assign(middle, heap_.end());
    heap_.erase(middle, heap_.end());
    std::make_heap(heap_.begin(), heap_.end(), later);
}

// Lets those behind in where the heap has nothing that is certainly before them.
void ListChoice::refill() {
    if (!rest_.empty() && (heap_.empty() || heap_.front().add > half_way_)) {
        heap_.insert(heap_.end(), rest_.begin(), rest_.end());
        rest_.clear();
        std::make_heap(heap_.begin(), heap_.end(), later);
    }
}

bool ListChoice::next() {
    for (refill(); !heap_.empty() && !heap_.front().measured; refill()) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Entry &entry = heap_.back();
        const ListQuery at = codebook_->list_query(query_, query_norm_, entry.list);
        entry.add = comparable(static_cast<float>(at.add));
        entry.measured = 1;
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    return !heap_.empty();
}

uint32_t ListChoice::take(ListQuery &at) {
    next();
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const uint32_t list = heap_.back().list;
    const float found = heap_.back().add;
    const double add = found == kUnknown ? std::numeric_limits<double>::infinity() : found;
    const double norm = codebook_->info(list).norm;
    heap_.pop_back();
    // In float32, which is enough for an approximate search.
    const bool product = codebook_->shape().metric == Metric::kInnerProduct;
    const double square = product ? query_norm_ * query_norm_ + 2 * add + norm * norm : add;
    at = {add, std::sqrt(std::max(0.0, square)), norm};
    return list;
}

}  // namespace pgslab
