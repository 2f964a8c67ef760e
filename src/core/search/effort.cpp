#include "search/effort.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ivf/lessons.h"
#include "ivf/needs.h"
#include "search/stop_rule.h"
#include "store/layout.h"

namespace pgslab {

namespace {

constexpr uint32_t kUnknownRows = 24;

// Rows that satisfy a filter and are few, however few are wanted.
constexpr double kFewMatches = 128;

// To look a row up in the table takes half a microsecond, and microseconds where vectors are stored
// beside the table, in chunks of about as many bytes as a row has at most.
double look_up_ns(uint32_t dims) noexcept {
    constexpr double kInlineBytes = 2000;
    const double bytes = 4.0 * dims;
    return bytes <= kInlineBytes ? 500 + bytes / 8 : 2500 + 1000 * std::ceil(bytes / kInlineBytes);
}

float between(float a, float b, double share) noexcept {
    return static_cast<float>(a + (b - a) * share);
}

// By the logarithm of the share of the rows that may be missed.
Level interpolate(const Level &a, const Level &b, double recall) noexcept {
    const auto missed = [](double found) { return std::log(std::max(1 - found, 1e-6)); };
    const double whole = missed(a.recall) - missed(b.recall);
    const double share =
        whole > 0 ? std::clamp((missed(a.recall) - missed(recall)) / whole, 0.0, 1.0) : 1;
    Level level = {};
    level.recall = static_cast<float>(recall);
    for (uint32_t i = 0; i < kMargins; i++) {
        level.margin[i] = between(a.margin[i], b.margin[i], share);
    }
    level.deviations = between(a.deviations, b.deviations, share);
    level.lists = between(a.lists, b.lists, share);
    level.codes = between(a.codes, b.codes, share);
    level.refined = between(a.refined, b.refined, share);
    level.compared = between(a.compared, b.compared, share);
    return level;
}

// More rows than the ten that levels tell of are found in about as many more lists and codes as
// their number's root says.
double growth_with(const PgsEffort &effort) noexcept {
    return std::max(1.0, std::sqrt(rows_wanted(effort) / 14.0));
}

// The i-th, with what was learnt.
Level level_at(const Calibration &calibration, size_t i) noexcept {
    Level level = calibration.level[i];
    for (uint32_t m = 0; m < kMargins; m++) {
        level.margin[m] += calibration.learnt.more[i][class_of(kMarginRows[m])] / kLearntUnits;
    }
    return level;
}

}  // namespace

Level level_for(const Calibration &calibration, double recall) noexcept {
    if (calibration.queries == 0) {
        Level level = {};
        level.recall = static_cast<float>(recall);
        level.deviations = kUsualDeviations;
        return level;
    }
    const Level *const begin = calibration.level;
    const Level *const end = begin + kLevels;
    const auto above = static_cast<size_t>(
        std::find_if(begin, end, [&](const Level &l) { return l.recall >= recall; }) - begin);
    if (above == 0 || above == kLevels) {
        return level_at(calibration, std::min<size_t>(above, kLevels - 1));
    }
    return interpolate(level_at(calibration, above - 1), level_at(calibration, above), recall);
}

double recall_at(const Calibration &calibration, double rows, double margin) noexcept {
    double below = margin_for(level_at(calibration, 0), rows);
    if (calibration.queries == 0 || !(margin >= below)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    for (size_t i = 1; i < kLevels; i++) {
        const double above = margin_for(level_at(calibration, i), rows);
        if (margin < above) {
            const double share = (margin - below) / (above - below);
            const double low = std::log(1.0 - calibration.level[i - 1].recall);
            const double high = std::log(1.0 - calibration.level[i].recall);
            return 1 - std::exp(low + share * (high - low));
        }
        below = above;
    }
    return calibration.level[kLevels - 1].recall;
}

double learnt_for(const Calibration &calibration, uint32_t row_class, double recall) noexcept {
    uint32_t i = 0;
    while (i + 1 < kLevels && calibration.level[i].recall < static_cast<float>(recall)) {
        i++;
    }
    return calibration.learnt.more[i][row_class] / kLearntUnits;
}

uint32_t rows_expected(const PgsEffort &effort) noexcept {
    constexpr uint32_t kMost = 1 << 20;
    return effort.rows == 0 ? kUnknownRows : std::min(effort.rows, kMost);
}

uint32_t rows_wanted(uint32_t expected) noexcept {
    return expected + std::max(expected / 4, 4u);
}

uint32_t rows_wanted(const PgsEffort &effort) noexcept {
    return rows_wanted(rows_expected(effort));
}

double lists_expected(const Level &level, const PgsEffort &effort, double lists) noexcept {
    double visited = level.lists > 0 ? std::max(1.0F, level.lists) : std::sqrt(lists);
    if (effort.probes != 0) {
        visited = effort.probes;
    }
    return std::min(lists, visited * growth_with(effort));
}

void expected_work(const Meta &meta, const PgsEffort &effort, PgsWork &work) noexcept {
    work = {};
    uint64_t in_segments = 0;
    uint64_t slots = 0;
    each_extent(meta, [&](const ExtentPlace &place) {
        slots += place.used;
        const uint64_t flushed = place.part->flushed;
        in_segments += std::min(place.used, flushed - std::min(flushed, place.part_slot));
        return false;
    });
    const Vectors &vectors = vectors_of(meta);
    work.passes = 1;
    work.rows = rows_wanted(effort);
    if (vectors.code_bits == 0 || (effort.exact && !is_worth_refining(shape_of(meta), true))) {
        work.compared = slots;
        return;
    }
    if (effort.exact) {
        work.refined = slots;
        work.compared = std::min<uint64_t>(slots, 10 * work.rows);
        return;
    }
    const Level level = level_for(vectors.calibration, effort.target_recall);
    const bool takes_all = effort.probes == 0 && needs_all_lists(meta);
    const double visited = takes_all ? vectors.lists : lists_expected(level, effort, vectors.lists);
    double codes = level.codes * growth_with(effort);
    if (level.lists == 0 || effort.probes != 0 || takes_all) {
        codes = visited / std::max<double>(vectors.lists, 1) * static_cast<double>(in_segments);
    }
    work.lists = static_cast<uint64_t>(visited);
    work.codes = static_cast<uint64_t>(std::min(static_cast<double>(in_segments), codes));
    work.refined = std::min<uint64_t>(
        slots,
        static_cast<uint64_t>(std::max<double>(level.refined, 0.1 * codes)) + slots - in_segments);
    work.compared = std::min<uint64_t>(
        slots, std::max<uint64_t>(work.rows, static_cast<uint64_t>(level.compared)));
}

// The rows wanted are the nearest of 1 / share times as many, which lie in about as many more lists
// as the root of that says.
double lists_with_filter(double without, double share, double lists) noexcept {
    return std::min(lists, without / std::sqrt(share));
}

bool are_few(double matches, const PgsEffort &effort, double lists) noexcept {
    constexpr double kForEach = 2;  // row wanted
    return matches <= std::max(kFewMatches, kForEach * rows_wanted(effort)) + lists;
}

bool is_worth_refining(const Shape &shape, bool exact) noexcept {
    const bool rules_out = shape.storage != Storage::kI8 && !has_prefix(shape);
    return shape.refine_bits != 0 && (rules_out || !exact);
}

bool is_worth_lists(double share, double matches, bool refines) noexcept {
    constexpr double kMostKept = 1024;
    return share < 1.0 / 16 && (refines || matches <= kMostKept);
}

bool are_few_named(double named, double rows, const PgsEffort &effort, double visited,
                   double lists) noexcept {
    constexpr double kCodesForRow = 16;
    const double share = std::clamp(named / std::max(rows, 1.0), 1e-9, 1.0);
    const double codes = rows * lists_with_filter(visited, share, lists) / std::max(lists, 1.0);
    return are_few(named, effort, codes / kCodesForRow);
}

// A record takes some 8 ns, with its page.
bool are_few_to_look_up(double named, double rows, uint32_t dims) noexcept {
    constexpr double kRecord = 8;
    return named * look_up_ns(dims) <= rows * kRecord;
}

// A row that postings tell takes a page of these, one of a directory, and that of its vector.
bool is_worth_look_up(double named, uint32_t dims) noexcept {
    constexpr double kMatch = 2000;
    return named <= kFewMatches && look_up_ns(dims) <= kMatch;
}

PgsFiltering expected_named(const PgsEffort &effort, double lists, double rows, double share,
                            PgsWork &work) noexcept {
    const double named = share * rows;
    const auto visited = static_cast<double>(work.lists);
    if (lists == 0 || effort.exact || are_few_named(named, rows, effort, visited, lists)) {
        const auto all = static_cast<uint64_t>(std::ceil(named));
        work.refined = effort.exact && work.refined == 0 ? 0 : all;
        work.compared = work.refined == 0 ? all : std::min(work.compared, all);
        work.lists = 0;
        work.codes = 0;
        return PGS_FILTERING_ROWS;
    }
    const double with_filter = lists_with_filter(visited, share, lists);
    work.lists = static_cast<uint64_t>(std::ceil(with_filter));
    work.codes = static_cast<uint64_t>(std::ceil(rows * with_filter / lists));
    return PGS_FILTERING_TIDS;
}

PgsFiltering expected_filtering(const PgsEffort &effort, double lists, double slots, double share,
                                PgsWork &work) noexcept {
    const double matches = share * slots;
    const auto rows = [](double n) { return static_cast<uint64_t>(std::ceil(n)); };
    const bool refines = !effort.exact || work.refined > 0;
    if (lists == 0 || (effort.exact && !is_worth_lists(share, matches, refines))) {
        work.refined = rows(static_cast<double>(work.refined) * share);
        work.compared = rows(static_cast<double>(work.compared) * share);
        return PGS_FILTERING_ROWS;
    }
    const double visited = lists_with_filter(static_cast<double>(work.lists), share, lists);
    if (effort.exact || are_few(matches, effort, visited)) {
        work.lists = rows(std::min(matches, lists));
        work.codes = 0;
        work.refined = rows(matches);
        work.compared = std::min(work.compared, work.refined);
        return PGS_FILTERING_MATCHES;
    }
    work.lists = rows(visited);
    return PGS_FILTERING_POSTINGS;
}

}  // namespace pgslab
