#include "search/rerank.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/error.h"

namespace pgslab {

void Rerank::begin() {
    batch_.set_query();
    last_row_.clear();
    look_up_ = LookUp::kNone;
}

void Rerank::begin_pass() {
    PGSLAB_ASSERT(batch_.is_done() && look_up_ == LookUp::kNone);
}

PgsStatus Rerank::next(PgsRequest &request, Found *found, PgsError *error) {
    const Candidates &candidates = top_.candidates();
    for (;;) {
        if (!batch_.is_done()) {
            *found = Found::kPage;
            return PGS_OK;
        }
        if (candidates.to_evaluate() != nullptr) {
            if (PgsStatus status = evaluate_next(error)) {
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

PgsStatus Rerank::evaluate_next(PgsError *error) {
    const size_t rows =
        std::clamp<size_t>(top_.candidates().sure_to_evaluate(), 1, RowBatch::kMost);
    for (size_t i = 0; i < rows; i++) {
        if (PgsStatus status = batch_.add(top_.candidates().pop_to_evaluate(), error)) {
            return status;
        }
    }
    batch_.begin();
    context_.work.compared += rows;
    return PGS_OK;
}

PgsStatus Rerank::page(const Page &page, PgsError *error) {
    if (PgsStatus status = batch_.page(page, error)) {
        return status;
    }
    while (const RowBatch::Row *row = batch_.next_compared()) {
        if (PgsStatus status = take(*row, error)) {
            return status;
        }
    }
    return PGS_OK;
}

PgsStatus Rerank::take(const RowBatch::Row &compared, PgsError *error) {
    Candidate row = compared.candidate;
    if (compared.is_skipped) {
        top_.set_done(row.address);
        return PGS_OK;
    }
    // The larger of two bounds is one, too, where both hold always.
    const Interval &value = compared.value;
    row.key = bounds_hold_always() ? std::max(row.key, value.lower) : value.lower;
    row.upper = std::max(row.key, value.upper);
    row.tid = tid_of(compared.record);
    row.list = compared.record.list;
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
// say it did not, or take() would have seen it: so one of the two was looked up.
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
    vector == nullptr ? not_found() : found(context_.query.operator_value(vector));
}

void Rerank::found(double value) {
    if (end_look_up() == LookUp::kLastRow) {
        last_row_.set_value(value);
    } else {
        top_.candidates().set_value_of_first(value);
    }
}

void Rerank::not_found() {
    if (end_look_up() == LookUp::kLastRow) {
        last_row_.set_gone();
    } else {
        leave_out_first();
    }
}

Rerank::LookUp Rerank::end_look_up() noexcept {
    PGSLAB_ASSERT(look_up_ != LookUp::kNone);
    context_.work.looked_up++;
    return std::exchange(look_up_, LookUp::kNone);
}

}  // namespace pgslab
