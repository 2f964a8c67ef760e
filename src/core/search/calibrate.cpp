#include "search/calibrate.h"

#include <algorithm>
#include <cmath>

#include "ivf/meta.h"
#include "search/effort.h"

namespace pgslab {

namespace {

constexpr uint32_t kNeighbours = 10;

// Shares of the true neighbours' lists that the measured reaches take in.
constexpr double kShares[kLevels] = {0.25, 0.50, 0.75, 0.90, 0.96, 0.985, 0.996, 1.0};

// What finds the true neighbours: every list, and codes believed so little that one in millions is
// passed over wrongly. An exact search would take ten times as long to find the same rows.
constexpr float kEverywhere = 1e30f;
constexpr float kTrueDeviations = 5;

// So much further than any neighbour was: for recalls the sample is too small to tell of.
constexpr double kBeyond = 1.1;

// Standard errors that the recall of a level is put lower than it was measured, so that other
// queries do not find less than they ask for.
constexpr double kCaution = 1.5;

}  // namespace

Calibrate::Calibrate(const Page &meta, const Codebook &codebook, const Sampler &queries,
                     uint64_t rows, size_t memory_bytes)
    : meta_(meta), codebook_(codebook), queries_(queries), search_(memory_bytes) {
    const Meta &m = meta_of(meta_);
    worst_.resize(queries.vectors());
    wanted_.resize(queries.vectors());
    result_.rows = rows;
    use_level({1, kEverywhere, kTrueDeviations, 0, 0, 0, 0, 0});
    // Nothing to choose: no lists to leave out.
    if (queries.vectors() == 0 || vectors_of(m).code_bits == 0) {
        phase_ = Phase::kDone;
    }
}

// Replaces the calibration of our copy of the metapage by this one point, so that every search uses
// it.
void Calibrate::use_level(const Level &level) noexcept {
    Calibration &calibration = vectors_of(meta_of(meta_)).calibration;
    calibration.queries = 1;
    std::fill_n(calibration.level, kLevels, level);
}

void Calibrate::begin_search() {
    PgsEffort effort = {};
    effort.target_recall = 1;
    effort.rows = kNeighbours;
    effort.stored_values = true;
    found_.clear();
    lists_.clear();
    search_.start(meta_, codebook_, queries_.vector(query_), effort, true);
    searching_ = true;
}

// Asks for what the search under way asks for, which is a page, as it looks up no rows.
PgsStatus Calibrate::next(PgsRequest &request, PgsError *error) {
    while (phase_ != Phase::kDone) {
        if (!searching_) {
            begin_search();
        }
        if (PgsStatus status = search_.next(request, error)) {
            return status;
        }
        if (request.kind == PGS_REQUEST_PAGE) {
            return PGS_OK;
        }
        if (request.kind == PGS_REQUEST_FOUND) {
            take_row(request);
        }
        if (request.kind == PGS_REQUEST_DONE || found_.size() == kNeighbours) {
            end_search();
        }
    }
    ask_for_page(request, PGS_NO_BLOCK);
    return PGS_OK;
}

PgsStatus Calibrate::page(const Page &page, PgsError *error) {
    return search_.page(page, error);
}

void Calibrate::take_row(const PgsRequest &found) {
    if (found.slot != queries_.address(query_)) {
        found_.push_back(found.value);
        // Rows of a part with an older codebook have lists of that, and a damaged record any.
        if (search_.list() < codebook_.lists()) {
            lists_.push_back(search_.list());
        }
    }
}

void Calibrate::end_search() {
    searching_ = false;
    if (phase_ == Phase::kTruth) {
        const Query &query = search_.query();
        const double query_norm = query.codes.norm();
        wanted_[query_] = static_cast<uint32_t>(found_.size());
        worst_[query_] = found_.empty() ? 0 : found_.back();
        for (uint32_t list : lists_) {
            const ListQuery at = codebook_.list_query(query.rotated.data(), query_norm, list);
            const double reach = ListChoice::reach_of(codebook_.shape().metric, at, query_norm,
                                                      search_.bound().to_estimate(worst_[query_]));
            reaches_.push_back(std::isfinite(reach) ? reach : 0);
        }
    } else {
        const auto hits = std::count_if(found_.begin(), found_.end(),
                                        [&](double value) { return value <= worst_[query_]; });
        const double recall =
            wanted_[query_] == 0 ? 1 : std::min(1.0, static_cast<double>(hits) / wanted_[query_]);
        recall_ += recall;
        recall_squares_ += recall * recall;
        const PgsWork &work = search_.work();
        work_.lists += work.lists;
        work_.codes += work.codes;
        work_.refined += work.refined;
        work_.compared += work.compared;
    }
    if (++query_ == queries_.vectors()) {
        query_ = 0;
        phase_ == Phase::kTruth ? end_truth() : end_level();
    }
}

void Calibrate::end_truth() {
    std::sort(reaches_.begin(), reaches_.end());
    result_.queries = queries_.vectors();
    for (uint32_t i = 0; i < kLevels; i++) {
        double reach = 0;
        if (!reaches_.empty()) {
            const double at = kShares[i] * static_cast<double>(reaches_.size() - 1);
            reach = reaches_[static_cast<size_t>(std::ceil(at))];
        }
        if (i == kLevels - 1) {
            reach = std::max(reach * kBeyond, reach + 0.1);
        }
        result_.level[i].reach =
            static_cast<float>(std::clamp<double>(reach, -kEverywhere, kEverywhere));
        result_.level[i].deviations = kUsualDeviations;
    }
    phase_ = Phase::kCurve;
    level_ = 0;
    use_level(result_.level[0]);
}

void Calibrate::end_level() {
    const double n = queries_.vectors();
    const double mean = recall_ / n;
    const double variance = std::max(0.0, recall_squares_ / n - mean * mean);
    Level &level = result_.level[level_];
    // Recall does not fall as work grows; where the sample says so it is chance.
    const float before = level_ == 0 ? 0 : result_.level[level_ - 1].recall;
    const double error = std::sqrt(variance / n);
    level.recall = std::max(before, static_cast<float>(mean - kCaution * error));
    level.lists = static_cast<float>(static_cast<double>(work_.lists) / n);
    level.codes = static_cast<float>(static_cast<double>(work_.codes) / n);
    level.refined = static_cast<float>(static_cast<double>(work_.refined) / n);
    level.compared = static_cast<float>(static_cast<double>(work_.compared) / n);
    recall_ = recall_squares_ = 0;
    work_ = {};
    if (++level_ == kLevels) {
        phase_ = Phase::kDone;
        return;
    }
    use_level(result_.level[level_]);
}

void Calibrate::progress(PgsProgress &progress) const noexcept {
    progress.total = uint64_t{queries_.vectors()} * (kLevels + 1);
    progress.done =
        query_ + (phase_ == Phase::kTruth ? 0 : uint64_t{queries_.vectors()} * (level_ + 1));
    progress.finished = phase_ == Phase::kDone;
}

}  // namespace pgslab
