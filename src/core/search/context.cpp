#include "search/context.h"

#include "ivf/needs.h"
#include "quantize/encode.h"
#include "search/effort.h"

namespace pgslab {

void SearchContext::open(const Page &meta_page, const Codebook &codebook_given,
                         const PgsEffort &effort_given, bool believe_killed) {
    meta_page_ = meta_page;
    codebook = &codebook_given;
    shape = shape_of(meta());
    effort = effort_given;
    level = level_for(vectors_of(meta()).calibration, effort.target_recall);
    skip = believe_killed ? kRecordFlags : kTombstone;
    slots.open(meta());
    layout = SegmentLayout(segment_shape(vectors_of(meta())));
    by_lists = has_lists() && !effort.exact;
    takes_all_lists = needs_all_lists(meta());
    upcoming.clear();
    log = nullptr;
    work = {};
}

double SearchContext::rows_in_segments() const noexcept {
    double rows = 0;
    for (uint32_t s = 0; s < meta().segments; s++) {
        rows += meta().segment[s].rows;
    }
    return rows;
}

double SearchContext::rows_at_most() const noexcept {
    double rows = 0;
    each_extent(meta(), [&](const ExtentPlace &place) {
        rows += static_cast<double>(place.used);
        return false;
    });
    return rows;
}

bool SearchContext::set_query(const float *given) {
    query.set(*codebook, given);
    if (!query.has_direction) {
        return false;
    }
    set_bound();
    return true;
}

void SearchContext::set_bound() {
    bound.reset();
    if (shape.code_bits != 0) {
        const BoundedCodes codes = {shape.metric,
                                    shape.dims,
                                    shape.padded,
                                    codebook->unit(),
                                    codebook->mean_norm(),
                                    storage_error(shape.storage, shape.dims),
                                    codebook->offset_norm() / codebook->unit(),
                                    shape.coded};
        const BoundedQuery bounded = {query.codes.norm(), query.constant, query.unit,
                                      query.shift.query / codebook->unit(), query.is_told};
        bound.emplace(codes, bounded, effort.exact, level.deviations);
    }
}

}  // namespace pgslab
