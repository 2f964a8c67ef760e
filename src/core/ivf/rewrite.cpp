#include "ivf/rewrite.h"

#include <algorithm>

#include "base/error.h"
#include "ivf/meta.h"
#include "quantize/code.h"
#include "store/row.h"
#include "store/sets.h"

namespace pgslab {

namespace {

bool is_new(const Meta &meta, const Codebook &codebook) noexcept {
    return vectors_of(meta).code_bits != 0 && codebook.identity() != meta.dictionary.identity;
}

}  // namespace

Rewrite::Rewrite(const Page &meta, const Codebook &codebook, PgsParts parts, uint64_t rows)
    : meta_(meta),
      codebook_(codebook),
      parts_(parts),
      new_codebook_(is_new(meta_of(meta), codebook)),
      expected_(rows),
      output_(meta_of(meta), new_codebook_ ? &codebook : nullptr, parts, rows,
              codebook.lists() > 0 ? rows : 0),
      refine_(row_layout(meta_of(meta).columns).item[kRefineColumn]),
      code_(code_bytes(1, codebook.shape().coded)) {
    if (output_.wanted() == 0) {
        phase_ = Phase::kEnd;
        say_replaced();
    }
}

PgsStatus Rewrite::next(PgsRequest &request, PgsError *error) {
    if (PgsStatus status = output_.check(error)) {
        return status;
    }
    if (phase_ == Phase::kReserve) {
        output_.ask(request);
        return PGS_OK;
    }
    request.page = output_.next_page(&request.block);
    if (request.page != nullptr) {
        request.kind = PGS_REQUEST_WRITE;
    } else {
        request.kind = phase_ == Phase::kRows ? PGS_REQUEST_ROW : PGS_REQUEST_DONE;
    }
    return PGS_OK;
}

PgsRequestKind Rewrite::awaits() const noexcept {
    switch (phase_) {
        case Phase::kReserve:
            return PGS_REQUEST_RUN;
        case Phase::kRows:
            return PGS_REQUEST_ROW;
        case Phase::kEnd:
            return PGS_REQUEST_DONE;
    }
    return PGS_REQUEST_DONE;
}

void Rewrite::reserved(const Reservation &reserved) {
    output_.take(reserved);
    phase_ = output_.wanted() > 0 ? Phase::kReserve : Phase::kRows;
}

PgsStatus Rewrite::row(const uint8_t *row, uint32_t list, PgsError *error) {
    const bool out_of_order =
        row != nullptr && (list < output_.list() || list >= std::max(codebook_.lists(), 1u));
    if (out_of_order || (rows_ == expected_) != (row == nullptr)) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "row %llu of %llu is out of order, list %u",
                    static_cast<unsigned long long>(rows_),
                    static_cast<unsigned long long>(expected_), list);
    }
    if (row == nullptr) {
        output_.end();
        made_ = output_.made();
        say_replaced();
        phase_ = Phase::kEnd;
        return PGS_OK;
    }
    const uint64_t address = output_.add_slot(row);
    if (codebook_.lists() > 0) {
        const uint8_t *refine = row + refine_;
        const Shape &shape = codebook_.shape();
        sign_code(shape.refine_bits, refine, shape.coded, code_.data());
        const RefineTail tail = tail_of(refine, shape.refine_bits, shape.coded);
        output_.add_row({list, address, code_.data(), tail.scan, row + sizeof(Record)});
        spread_ += spread_of(tail);
    }
    rows_++;
    return PGS_OK;
}

// A new codebook makes all segments useless.
void Rewrite::say_replaced() noexcept {
    const Meta &meta = meta_of(meta_);
    name_replaced(meta, parts_, new_codebook_ ? all_segments(meta) : PgsSegments{}, made_);
}

void Rewrite::amend(Meta &meta) const noexcept {
    if (codebook_.lists() > 0) {
        add_coded(meta, new_codebook_ ? codebook_.lists() : 0, {spread_, rows_});
    }
}

PgsTaskWork Rewrite::work() const noexcept {
    PgsTaskWork work = {};
    work.rows = rows_;
    work.total = expected_;
    return work;
}

}  // namespace pgslab
