#include "search/share_within.h"

#include <cmath>
#include <limits>

#include "search/choice.h"
#include "search/context.h"
#include "search/stop_rule.h"

namespace pgslab {

double share_within(const Page &meta, const Codebook &codebook, const float *query, double bound) {
    // What is left out is at most this share of what was found, and the least that counts at all.
    constexpr double kLeftOut = 0.05;
    constexpr double kLeast = 1e-9;
    const Calibration &calibration = vectors_of(meta_of(meta)).calibration;
    SearchContext context;
    context.open(meta, codebook, PgsEffort{}, false);
    if (calibration.queries == 0 || !context.has_lists() || !context.set_query(query)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const double bar = context.bound->to_estimate(bound);
    StopRule rule;
    rule.begin_pass(calibration, context.level, context.shape.metric, context.query.codes.norm(), 1,
                    1);
    ListChoice choice;
    choice.begin(codebook, context.query.rotated.data(), context.query.codes);
    double sum = 0;
    ListQuery at = {};
    // A list that lies farther has no larger share.
    for (uint32_t left = codebook.lists(); left > 0 && choice.next(); left--) {
        const double share = rule.share_beyond(rule.margin(choice.add(), bar));
        if (share * left <= kLeftOut * sum + kLeast) {
            break;
        }
        sum += share;
        choice.take(at);
    }
    return sum / codebook.lists();
}

}  // namespace pgslab
