#include "search/choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace pgslab {

namespace {

// Of the estimates of centroids' distances.
constexpr double kDeviations = 2;

// About so many lists say how the others are spread.
constexpr size_t kSample = 64;

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
    codebook_->estimate_all(codes, least_);
    const std::vector<float> &error = codebook_->errors();
    const auto spread =
        static_cast<float>(kDeviations * query_norm_ / std::sqrt(shape.padded - 1.0));
    for (uint32_t l = 0; l < lists; l++) {
        least_[l] = comparable(least_[l] - spread * error[l]);
    }
    if (shape.metric == Metric::kInnerProduct) {
        const auto square = static_cast<float>(query_norm_ * query_norm_);
        for (uint32_t l = 0; l < lists; l++) {
            const float norm = codebook_->info(l).norm;
            least_[l] = comparable((least_[l] - square - norm * norm) / 2);
        }
    }
    least_.resize(lists);
}

void ListChoice::begin(const Codebook &codebook, const float *query, const CodeQuery &codes) {
    codebook_ = &codebook;
    wanted_ = nullptr;
    left_out_.clear();
    query_ = query;
    query_norm_ = codes.norm();
    heap_.clear();
    reach_ = -std::numeric_limits<float>::infinity();
    if (codebook.lists() == 1) {
        least_.assign(1, 0);
    } else {
        estimate(codes);
    }
    sample_.clear();
    if (const size_t stride = least_.size() / kSample; stride > 1) {
        for (size_t l = 0; l < least_.size(); l += stride) {
            sample_.push_back(least_[l]);
        }
        std::sort(sample_.begin(), sample_.end());
    }
    step_ = 1;
    within_.resize(least_.size());
}

// Few lists are visited, so most need not be ordered: the nearest thirtieth or so, as a sample
// says, enters the heap first, and then about twice as many each time. False when all have.
bool ListChoice::widen() {
    constexpr float kAll = std::numeric_limits<float>::infinity();
    if (reach_ == kAll) {
        return false;
    }
    const float before = std::exchange(reach_, step_ < sample_.size() ? sample_[step_] : kAll);
    step_ = 2 * step_ + 1;
    // Without a branch, which nobody could foresee.
    size_t n = 0;
    for (uint32_t l = 0; l < least_.size(); l++) {
        within_[n] = {least_[l], l, 0};
        n += static_cast<size_t>(least_[l] > before) & static_cast<size_t>(least_[l] <= reach_);
    }
    heap_.insert(heap_.end(), within_.begin(), within_.begin() + static_cast<ptrdiff_t>(n));
    std::make_heap(heap_.begin(), heap_.end(), later);
    return true;
}

// Lets in what could come before the heap's first. False when there is none left.
bool ListChoice::fill() {
    bool is_more = true;
    while (is_more && (heap_.empty() || heap_.front().add > reach_)) {
        is_more = widen();
    }
    return !heap_.empty();
}

bool ListChoice::next() {
    left_out_.clear();
    while (fill() && !heap_.front().measured) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Entry &entry = heap_.back();
        if (wanted_ != nullptr && !(*wanted_)[entry.list]) {
            left_out_.push_back(entry.list);
            heap_.pop_back();
            continue;
        }
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
