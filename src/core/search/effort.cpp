#include "search/effort.h"

#include <algorithm>
#include <cmath>

#include "store/layout.h"

namespace pgslab {

namespace {

constexpr uint32_t kUnknownRows = 24;

// Without a calibration: generous, so that recall is rather above than below.
constexpr float kUsualReach = 6;

float between(float a, float b, double share) noexcept {
    return static_cast<float>(a + (b - a) * share);
}

Level interpolate(const Level &a, const Level &b, double recall) noexcept {
    const double share = b.recall > a.recall ? (recall - a.recall) / (b.recall - a.recall) : 1;
    return {static_cast<float>(recall),
            between(a.reach, b.reach, share),
            between(a.deviations, b.deviations, share),
            between(a.lists, b.lists, share),
            between(a.codes, b.codes, share),
            between(a.refined, b.refined, share),
            between(a.compared, b.compared, share),
            0};
}

}  // namespace

Level level_for(const Calibration &calibration, double recall) noexcept {
    if (calibration.queries == 0) {
        return {static_cast<float>(recall), kUsualReach, kUsualDeviations, 0, 0, 0, 0, 0};
    }
    const Level *const end = calibration.level + kLevels;
    const Level *above =
        std::find_if(calibration.level, end, [&](const Level &l) { return l.recall >= recall; });
    if (above == calibration.level) {
        return *above;
    }
    return above == end ? *(end - 1) : interpolate(*(above - 1), *above, recall);
}

uint32_t rows_expected(const PgsEffort &effort) noexcept {
    constexpr uint32_t kMost = 1 << 20;
    return effort.rows == 0 ? kUnknownRows : std::min(effort.rows, kMost);
}

uint32_t rows_wanted(const PgsEffort &effort) noexcept {
    const uint32_t rows = rows_expected(effort);
    return rows + std::max(rows / 4, 4u);
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
    if (vectors.code_bits == 0 || (effort.exact && vectors.refine_bits == 0)) {
        work.compared = slots;
        return;
    }
    if (effort.exact) {
        work.refined = slots;
        work.compared = std::min<uint64_t>(slots, 10 * work.rows);
        return;
    }
    const Level level = level_for(vectors.calibration, effort.target_recall);
    const double lists = vectors.lists;
    double visited = std::max(1.0, static_cast<double>(level.lists));
    double codes = level.codes;
    if (vectors.calibration.queries == 0 || effort.probes != 0) {
        const double usual = level.lists > 0 ? visited : std::sqrt(lists);
        const double wanted = effort.probes != 0 ? effort.probes : usual;
        codes = lists == 0 ? 0 : static_cast<double>(in_segments) * std::min(1.0, wanted / lists);
        visited = wanted;
    }
    // More rows are found in about as many more codes as their number's root says.
    const double growth = std::max(1.0, std::sqrt(work.rows / 14.0));
    work.lists = static_cast<uint64_t>(std::min(lists, visited * growth));
    work.codes =
        static_cast<uint64_t>(std::min<double>(static_cast<double>(in_segments), codes * growth));
    work.refined = std::min<uint64_t>(
        slots,
        static_cast<uint64_t>(std::max<double>(level.refined, 0.1 * codes)) + slots - in_segments);
    work.compared = std::min<uint64_t>(
        slots, std::max<uint64_t>(work.rows, static_cast<uint64_t>(level.compared)));
}

}  // namespace pgslab
