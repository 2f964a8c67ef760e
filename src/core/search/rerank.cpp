#include "search/rerank.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/error.h"
#include "search/effort.h"

namespace pgslab {

void Rerank::begin() {
    evaluation_.set_query(context_.shape, context_.slots, context_.query,
                          context_.effort.stored_values);
    last_row_.clear();
    is_evaluating_ = false;
    look_up_ = LookUp::kNone;
}

void Rerank::begin_pass() {
    PGSLAB_ASSERT(!is_evaluating_ && look_up_ == LookUp::kNone);
    if (!context_.effort.exact) {
        announce_candidates();
    }
}

// As many of the nearest as are going to be evaluated at least.
void Rerank::announce_candidates() {
    const size_t rows = std::min<size_t>(rows_expected(context_.effort), Upcoming::kMost);
    for (uint64_t address : top_.candidates().nearest(rows)) {
        if (const Slot slot = context_.slots.find(address); slot.exists()) {
            context_.upcoming.add_row(context_.slots, slot);
        }
    }
}

PgsStatus Rerank::next(PgsRequest &request, Found *found, PgsError *error) {
    const Candidates &candidates = top_.candidates();
    for (;;) {
        if (is_evaluating_) {
            *found = Found::kPage;
            return PGS_OK;
        }
        if (const Candidate *candidate = candidates.to_evaluate()) {
            if (PgsStatus status = evaluate(*candidate, error)) {
                return status;
            }
        } else if (candidates.first() == nullptr) {
            *found = Found::kEnd;
            return PGS_OK;
        } else if (last_row_.place_of(*candidates.first()) == LastRow::Place::kBefore) {
            if (PgsStatus status = leave_out_late_first(error)) {
                return status;
            }
        } else {
            take_first(request);
            *found = Found::kRequest;
            return PGS_OK;
        }
    }
}

// ---- stored vectors

PgsStatus Rerank::evaluate(const Candidate &candidate, PgsError *error) {
    const Slot slot = context_.slots.find(candidate.address);
    if (!slot.exists()) {
        return fail(error, PGS_INTERNAL, PGS_NO_BLOCK, "a candidate has no slot");
    }
    evaluation_.begin(slot);
    is_evaluating_ = true;
    context_.work.compared++;
    return PGS_OK;
}

PgsStatus Rerank::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(is_evaluating_);
    if (PgsStatus status = evaluation_.page(page, context_.skip, error)) {
        return status;
    }
    return evaluation_.wanted().block == PGS_NO_BLOCK ? end_of_evaluation(error) : PGS_OK;
}

PgsStatus Rerank::end_of_evaluation(PgsError *error) {
    is_evaluating_ = false;
    Candidate row = top_.candidates().pop_to_evaluate();
    if (evaluation_.skipped()) {
        top_.set_done(row.address);
        return PGS_OK;
    }
    const Interval value = evaluation_.interval();
    // The larger of two bounds is one, too, where both hold always.
    row.key = bounds_hold_always() ? std::max(row.key, value.lower) : value.lower;
    row.upper = std::max(row.key, value.upper);
    row.tid = tid_of(evaluation_.record());
    row.list = evaluation_.record().list;
    row.evaluated = true;
    if (last_row_.place_of(row) == LastRow::Place::kBefore) {
        return leave_out_late(row, error);
    }
    top_.candidates().add_evaluated(row);
    return PGS_OK;
}

// A row whose stored vector lies before the row that was returned last.
PgsStatus Rerank::leave_out_late(const Candidate &row, PgsError *error) {
    if (bounds_hold_always()) {
        return fail(error, PGS_INTERNAL, PGS_NO_BLOCK,
                    "an exact search comes too late upon slot %llu of the part with handle %u, at "
                    "most at %.17g",
                    static_cast<unsigned long long>(slot_of(row.address)), handle_of(row.address),
                    row.upper);
    }
    top_.set_done(row.address);
    return PGS_OK;
}

// ---- rows in order

// The first of the candidates lies before the row that was returned last. As far as stored vectors
// say it did not, or end_of_evaluation() would have seen it: so one of the two was looked up.
PgsStatus Rerank::leave_out_late_first(PgsError *error) {
    const Candidate &row = *top_.candidates().first();
    if (bounds_hold_always()) {
        return fail(error, PGS_CORRUPT, PGS_NO_BLOCK,
                    "slot %llu of the part with handle %u, or the one before it, has not the "
                    "vector of its row",
                    static_cast<unsigned long long>(slot_of(row.address)), handle_of(row.address));
    }
    leave_out_first();
    return PGS_OK;
}

// Returns the first of the candidates, or asks for what that takes.
void Rerank::take_first(PgsRequest &request) {
    const Candidate &row = *top_.candidates().first();
    const LastRow::Place place = last_row_.place_of(row);
    request.kind = PGS_REQUEST_LOOK_UP;
    request.tid = row.tid;
    request.value = row.key;
    request.slot = row.address;
    look_up_ = LookUp::kFirst;
    if (place == LastRow::Place::kUnknown && !last_row_.has_value()) {
        look_up_ = LookUp::kLastRow;
        request.tid = last_row_.tid();
        request.slot = last_row_.address();
    } else if (place == LastRow::Place::kAfter && top_.candidates().first_is_certain()) {
        return_first(request);
    }
}

void Rerank::return_first(PgsRequest &request) {
    look_up_ = LookUp::kNone;
    request.kind = PGS_REQUEST_FOUND;
    const Candidate row = top_.candidates().pop_first();
    list_ = row.list;
    last_row_.set(row);
    top_.set_done(row.address);
    context_.work.rows++;
}

void Rerank::leave_out_first() {
    top_.set_done(top_.candidates().pop_first().address);
}

void Rerank::looked_up(const float *vector) {
    PGSLAB_ASSERT(look_up_ != LookUp::kNone);
    context_.work.looked_up++;
    const double value = vector == nullptr ? 0 : context_.query.operator_value(vector);
    const LookUp asked = std::exchange(look_up_, LookUp::kNone);
    if (asked == LookUp::kLastRow) {
        vector == nullptr ? last_row_.set_gone() : last_row_.set_value(value);
    } else if (asked == LookUp::kFirst) {
        vector == nullptr ? leave_out_first() : top_.candidates().set_value_of_first(value);
    }
}

}  // namespace pgslab
