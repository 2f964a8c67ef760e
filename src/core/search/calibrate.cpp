#include "search/calibrate.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ivf/lessons.h"
#include "ivf/meta.h"
#include "search/effort.h"

namespace pgslab {

namespace {

// Queries to count projections with, and rows near each of them.
constexpr uint32_t kProjectionQueries = 32;
constexpr double kRowsNear = 4000;

// Queries that a level's work is measured with, for so many rows.
constexpr uint32_t kWorkQueries = 16;
constexpr uint32_t kWorkRows = 10;

// Bounds that miss one row in a thousand, so that what they rule out tells which are needed.
constexpr float kWideDeviations = 3.1F;

// So many of the nearest rows are looked for in most rounds, and no more than this share of all; in
// deep ones as many as there are margins for.
constexpr uint32_t kUsualRows = 50;
constexpr uint32_t kMostRows = RecallLog::kRows.back();
constexpr uint64_t kLeastShare = 20;

// After so many queries of a depth, lists are left out that lie beyond what any row has needed by
// so much.
constexpr uint32_t kFewQueries = 12;
constexpr float kFarther = 0.25F;

// Fewer given queries do not tell whether those like them find what is promised.
constexpr uint32_t kFewestToJudge = 20;

// With a budget, rounds go on until it is spent, but there are at least so many.
constexpr uint32_t kLeastRounds = 8;

// What rows lie from their centroids, more or less: see Spread.
float unit_of(const Vectors &vectors) noexcept {
    const double rows = static_cast<double>(vectors.trained.rows + vectors.coded.rows);
    const double sum = vectors.trained.sum + vectors.coded.sum;
    const double norm = rows > 0 ? std::sqrt(sum / rows) : 0;
    return static_cast<float>(vectors.metric == Metric::kInnerProduct ? norm : norm / 2);
}

// A tenth of what an index takes to build, and what a search takes: in nanoseconds, as far as
// counted work tells.
double usual_budget(uint64_t rows, const Shape &shape) noexcept {
    // What codes of a prefix leave open scatters more from query to query.
    const double more = has_prefix(shape) ? 4 : 1;
    return more * static_cast<double>(rows) * (500 + 1.5 * shape.dims);
}
double time_of(const PgsWork &work, const Shape &shape) noexcept {
    return 500.0 * static_cast<double>(work.lists) +
           (2 + 0.004 * shape.coded) * static_cast<double>(work.codes) +
           (150 + 0.1 * shape.coded) * static_cast<double>(work.refined) +
           (200 + 0.3 * shape.padded) * static_cast<double>(work.compared);
}

// Keeps the level that most is missing to.
void note_shortfall(Calibrate::Shortfall &most, double promised, double found) noexcept {
    if (promised - found > most.promised - most.found) {
        most = {promised, found};
    }
}

}  // namespace

Calibrate::Calibrate(const Page &meta, const Codebook &codebook, const Sampler &rows,
                     const PgsCalibrationOptions &wanted)
    : meta_(meta),
      codebook_(codebook),
      queries_(rows.drawn(), {wanted.queries, size_t{wanted.given} * rows.dims()},
               is_of_sets(vectors_of(meta_of(meta)).metric)),
      budget_(wanted.thorough ? std::numeric_limits<double>::infinity()
                              : usual_budget(wanted.rows, codebook.shape())),
      search_(wanted.memory_bytes),
      fit_(CalibrationQueries::kGiven),
      given_(1) {
    Vectors &vectors = vectors_of(meta_of(meta_));
    result_.rows = wanted.rows;
    result_.unit = unit_of(vectors);
    // Nothing to choose: no lists to leave out.
    if (queries_.rows() == 0 || vectors.code_bits == 0) {
        phase_ = Phase::kDone;
        return;
    }
    for (Depth &depth : depth_) {
        const uint32_t most = &depth == depth_ ? kUsualRows : kMostRows;
        depth.rows =
            static_cast<uint32_t>(std::clamp<uint64_t>(wanted.rows / kLeastShare, kWorkRows, most));
    }
    learnt_before_ = vectors.calibration.learnt;
    if (!wanted.forget) {
        result_.learnt = learnt_before_;
    }
    // Searches go by the levels that search_far() makes.
    vectors.calibration = {};
    vectors.calibration.queries = 1;
    vectors.calibration.unit = result_.unit;
}

// ---- a search

uint32_t Calibrate::queries_of_phase() const noexcept {
    switch (phase_) {
        case Phase::kProjections:
            return std::min(queries_.rows(), kProjectionQueries);
        case Phase::kNearest:
            return queries_.queries_of(round_);
        default:
            return std::min(queries_.rows(), kWorkQueries);
    }
}

// All lists, or those within reach of what rows have needed so far.
void Calibrate::search_far(const Depth &depth) noexcept {
    Level far = {};
    far.deviations = kWideDeviations;
    std::fill_n(far.margin, kMargins,
                depth.queries < kFewQueries ? std::numeric_limits<float>::infinity()
                                            : depth.farthest + kFarther);
    std::fill_n(vectors_of(meta_of(meta_)).calibration.level, kLevels, far);
}

void Calibrate::begin_search() {
    PgsEffort effort = {};
    effort.target_recall = 1;
    effort.stored_values = true;
    rows_ = kWorkRows;
    if (phase_ == Phase::kNearest) {
        rows_ = depth().rows;
        search_far(depth());
        queries_.make(round_, query_);
    } else {
        queries_.make_row(query_);
    }
    if (phase_ == Phase::kProjections) {
        const double lists = codebook_.lists();
        const double share = kRowsNear / static_cast<double>(std::max<uint64_t>(result_.rows, 1));
        effort.probes = static_cast<uint32_t>(std::clamp(std::ceil(share * lists), 1.0, lists));
        search_far({});
    } else if (phase_ == Phase::kWork) {
        effort.target_recall = kRecalls[level_];
    }
    effort.rows = rows_;
    found_.clear();
    (void)search_.start(meta_, codebook_, queries_.vector(), nullptr, effort, true, nullptr);
    if (phase_ == Phase::kNearest) {
        log_.begin(codebook_.lists(), rows_);
        search_.keep_log(log_);
    }
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
        // A query without a direction has no nearest rows.
        const bool ordered = request.kind == PGS_REQUEST_FOUND && !std::isnan(request.value);
        if (ordered && !queries_.is_made_of(request.slot)) {
            found_.push_back({request.slot, search_.list(), request.value});
        }
        if (!ordered || found_.size() == rows_) {
            end_search();
        }
    }
    ask_for_page(request, PGS_NO_BLOCK);
    return PGS_OK;
}

PgsStatus Calibrate::page(const Page &page, PgsError *error) {
    return search_.page(page, error);
}

void Calibrate::end_search() {
    searching_ = false;
    done_++;
    const PgsWork &work = search_.work();
    spent_ += time_of(work, codebook_.shape());
    if (phase_ == Phase::kProjections) {
        for (uint32_t b = 0; b < kProjectionBins && !found_.empty(); b++) {
            projections_[b] += search_.stop_rule().counted()[b];
        }
    } else if (phase_ == Phase::kNearest) {
        end_nearest();
    } else {
        work_.lists += work.lists;
        work_.codes += work.codes;
        work_.refined += work.refined;
        work_.compared += work.compared;
    }
    if (++query_ == queries_of_phase()) {
        query_ = 0;
        end_phase();
    }
}

void Calibrate::end_nearest() {
    Depth &depth = this->depth();
    depth.queries++;
    result_.queries++;
    // A query without a direction has no nearest rows, and tells nothing.
    if (found_.empty()) {
        return;
    }
    const auto &needed = log_.end(found_, search_.bound());
    for (const RecallLog::NeededByRows &row : needed) {
        for (size_t i = 0; i < row.size() && RecallLog::kRows[i] <= found_.size(); i++) {
            depth.farthest = std::max(depth.farthest, row[i].margin);
        }
    }
    if (queries_.kind() == CalibrationQueries::kGiven) {
        given_.add(0, needed);
    } else {
        fit_.add(queries_.kind(), needed);
    }
}

// ---- what comes of it

bool Calibrate::is_round_the_last() const noexcept {
    return round_ + 1 == queries_.rounds() || (spent_ >= budget_ && round_ + 1 >= kLeastRounds);
}

void Calibrate::end_phase() {
    Calibration &used = vectors_of(meta_of(meta_)).calibration;
    if (phase_ == Phase::kProjections) {
        end_projections();
        std::copy_n(result_.projections, kProjectionBins, used.projections);
        phase_ = Phase::kNearest;
    } else if (phase_ == Phase::kNearest) {
        if (!is_round_the_last()) {
            round_++;
            return;
        }
        fit_levels();
        used = result_;
        phase_ = Phase::kWork;
    } else {
        end_level();
        phase_ = ++level_ == kLevels ? Phase::kDone : Phase::kWork;
    }
}

void Calibrate::end_projections() noexcept {
    constexpr double kScale = 1 << 15;
    double all = 0;
    for (uint64_t n : projections_) {
        all += static_cast<double>(n);
    }
    for (uint32_t b = 0; b < kProjectionBins && all > 0; b++) {
        result_.projections[b] =
            static_cast<uint16_t>(std::lround(kScale * static_cast<double>(projections_[b]) / all));
    }
}

void Calibrate::fit_levels() {
    for (uint32_t i = 0; i < kLevels; i++) {
        Level &level = result_.level[i];
        fit_.fit(kRecalls[i], i > 0 ? &result_.level[i - 1] : nullptr, level);
        if (given_.queries() > 0) {
            learn_from_given(i);
        }
        const double of_rows = fit_.in_bounds(CalibrationQueries::kRow, level.deviations);
        note_shortfall(short_of_rows_, level.recall, of_rows);
        if (given_.queries() >= kFewestToJudge) {
            note_shortfall(short_of_given_, level.recall, given_.in_bounds(0, level.deviations));
        }
    }
    keep_order(result_);
}

// What given queries need beyond the others is learnt, which a later calibration keeps.
void Calibrate::learn_from_given(uint32_t number) {
    Level &level = result_.level[number];
    Level theirs = level;
    given_.fit_margins(level.recall, nullptr, theirs);
    for (uint32_t i = 0; i < kMargins; i++) {
        uint16_t &learnt = result_.learnt.more[number][class_of(kMarginRows[i])];
        const float more = (theirs.margin[i] - level.margin[i]) * kLearntUnits;
        constexpr float kMost = std::numeric_limits<uint16_t>::max();
        learnt = std::max(learnt, static_cast<uint16_t>(std::clamp(std::ceil(more), 0.0F, kMost)));
    }
}

void Calibrate::end_level() noexcept {
    const double n = queries_of_phase();
    Level &level = result_.level[level_];
    level.lists = static_cast<float>(static_cast<double>(work_.lists) / n);
    level.codes = static_cast<float>(static_cast<double>(work_.codes) / n);
    level.refined = static_cast<float>(static_cast<double>(work_.refined) / n);
    level.compared = static_cast<float>(static_cast<double>(work_.compared) / n);
    work_ = {};
}

void Calibrate::progress(PgsProgress &progress) const noexcept {
    progress.total = std::min(queries_.rows(), kProjectionQueries) + queries_.queries() +
                     kLevels * std::min(queries_.rows(), kWorkQueries);
    progress.finished = phase_ == Phase::kDone;
    progress.done = progress.finished ? progress.total : std::min<uint64_t>(done_, progress.total);
}

}  // namespace pgslab
