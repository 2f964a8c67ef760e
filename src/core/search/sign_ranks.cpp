#include "search/sign_ranks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/kernels.h"
#include "quantize/bits.h"
#include "quantize/stored.h"
#include "search/effort.h"
#include "search/recall_fit.h"

namespace pgslab {

namespace {

constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();

// What a search by signs may miss, of all that may be missed: it takes little to find them.
constexpr double kMissedBySigns = 0.25;

}  // namespace

SignRanks::SignRanks(PgsMetric metric, const DrawnRows &rows, std::span<const float> given)
    : metric_(metric), dims_(rows.dims), signs_(vector_bytes(rows.dims, Storage::kBits)) {
    CalibrationQueries queries(rows, given);
    if (queries.rows() == 0) {
        return;
    }
    for (uint32_t round = 0; round < queries.rounds(); round++) {
        for (uint32_t i = 0; i < queries.queries_of(round); i++) {
            queries.make(round, i);
            if (queries.kind() == CalibrationQueries::kHalf) {
                continue;
            }
            Asked asked = {queries.kind(),
                           {queries.vector(), queries.vector() + dims_},
                           std::vector<uint8_t>(signs_.size()),
                           queries.made_of(),
                           {},
                           std::vector<uint64_t>(dims_ + 1)};
            asked.nearest.reserve(kNearest + 1);
            pack_bits(asked.vector.data(), dims_, asked.signs.data());
            asked_.push_back(std::move(asked));
        }
    }
}

// ---- the table's rows

void SignRanks::add(const float *vector, uint64_t address) {
    rows_++;
    pack_bits(vector, dims_, signs_.data());
    for (Asked &asked : asked_) {
        if (std::find(asked.made_of.begin(), asked.made_of.end(), address) == asked.made_of.end()) {
            add_to(asked, vector);
        }
    }
}

void SignRanks::add_to(Asked &asked, const float *vector) {
    const auto is_nearer = [](const Near &a, const Near &b) { return a.distance < b.distance; };
    const uint32_t differing = bits_differing(asked.signs.data(), signs_.data(), signs_.size());
    asked.rows_at[differing]++;
    const double distance =
        pgs_operator_value(metric_, asked.vector.data(), vector, static_cast<int>(dims_));
    std::vector<Near> &nearest = asked.nearest;
    if (std::isnan(distance) ||
        (nearest.size() == kNearest && distance >= nearest.front().distance)) {
        return;
    }
    nearest.push_back({distance, differing});
    std::push_heap(nearest.begin(), nearest.end(), is_nearer);
    if (nearest.size() > kNearest) {
        std::pop_heap(nearest.begin(), nearest.end(), is_nearer);
        nearest.pop_back();
    }
}

// ---- what comes of them

// Ascending.
std::vector<uint64_t> SignRanks::ranks_of(uint32_t kind) const {
    std::vector<uint64_t> ranks;
    for (const Asked &asked : asked_) {
        if (asked.kind != kind || asked.nearest.size() < kNearest) {
            continue;
        }
        for (const Near &near : asked.nearest) {
            uint64_t rank = 0;
            for (uint32_t d = 0; d <= near.differing; d++) {
                rank += asked.rows_at[d];
            }
            ranks.push_back(rank);
        }
    }
    std::sort(ranks.begin(), ranks.end());
    return ranks;
}

void SignRanks::finish() {
    for (uint32_t kind = 0; kind < CalibrationQueries::kKinds; kind++) {
        const std::vector<uint64_t> ranks = ranks_of(kind);
        for (uint32_t i = 0; i < kLevels && !ranks.empty(); i++) {
            const auto found = static_cast<size_t>(
                std::ceil(recall_by_candidates(kRecalls[i]) * static_cast<double>(ranks.size())));
            candidates_[i] =
                std::max(candidates_[i], static_cast<float>(ranks[std::max<size_t>(found, 1) - 1]));
        }
    }
}

double recall_by_signs(double recall) noexcept {
    return std::min<double>(1 - (1 - recall) * kMissedBySigns, kRecalls.back());
}

double recall_by_candidates(double recall) noexcept {
    return std::min(recall / recall_by_signs(recall), 1.0);
}

uint64_t candidates_for(const Meta &meta, double recall, uint64_t rows, uint64_t now) noexcept {
    const Calibration &calibration = vectors_of(meta).calibration;
    const double for_ten = level_for(calibration, recall).refined;
    if (!(for_ten > 0) || calibration.rows == 0 || recall > kRecalls.back()) {
        return kAll;
    }
    const double growth =
        std::max(1.0, static_cast<double>(now) / static_cast<double>(calibration.rows));
    const double tens = std::max(1.0, static_cast<double>(rows) / SignRanks::kNearest);
    const double wanted = std::ceil(for_ten * growth * tens);
    return wanted < static_cast<double>(now) ? static_cast<uint64_t>(wanted) : kAll;
}

}  // namespace pgslab
