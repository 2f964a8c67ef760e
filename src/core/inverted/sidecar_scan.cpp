#include "inverted/sidecar_scan.h"

#include "base/error.h"

namespace pgslab::inverted {

RecordSet FilteredRecords::wanted(const uint8_t *records, uint32_t record_bytes,
                                  uint32_t n) const noexcept {
    RecordSet set;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *at = records + size_t{i} * record_bytes;
        const auto &record = *reinterpret_cast<const Record *>(at);
        if (filter_->holds(tid_of(record), at + sizeof record)) {
            set.word[i / 64] |= uint64_t{1} << i % 64;
        }
    }
    return set;
}

void SidecarScan::begin() {
    wanted_.set(context_.filter);
    walker_.open(context_.meta(), {.skip = context_.skip,
                                   .table = {kPieceColumn, kPieceBytes},
                                   .stale_table = {kPieceColumn, kPieceBytes},
                                   .sidecar = true,
                                   .filter = context_.is_filtered() ? &wanted_ : nullptr,
                                   .stale_filter = context_.is_filtered() ? &wanted_ : nullptr});
    pieces_ = PieceReader(context_.query.index().weights);
}

void SidecarScan::begin_pass(Aim aim, std::vector<uint64_t> *others) {
    walker_.rewind();
    pieces_ = PieceReader(context_.query.index().weights);
    aim_ = aim;
    others_ = others;
    is_damaged_ = false;
}

PgsStatus SidecarScan::page(const Page &page, PgsError *error) {
    const uint32_t block = walker_.wanted().block;
    if (PgsStatus status = walker_.page(page, *this, error)) {
        return status;
    }
    return is_damaged_ ? fail(error, PGS_CORRUPT, block, "a forward row is not as its record says")
                       : PGS_OK;
}

void SidecarScan::piece(const Row &, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    pieces_.piece(offset, bytes, n);
}

void SidecarScan::row(const Row &row) {
    if (!pieces_.row(row) || is_damaged_) {
        return;
    }
    if (!pieces_.read(row, terms_)) {
        is_damaged_ = true;
        return;
    }
    context_.work.sidecar++;
    score(row);
}

void SidecarScan::score(const Row &row) {
    Query &query = context_.query;
    const DocumentRecord record = document_record(row.record);
    const DocumentMeasure measure{record.length, record.square};
    const bool has_condition = !query.program().is_empty();
    if (has_condition) {
        has_.assign(query.count(), 0);
    }
    double similarity = 0;
    query.each_in(terms_, [&](uint32_t i, float weight) {
        if (has_condition) {
            has_[i] = 1;
        }
        if (query.term(i).weight != 0) {
            similarity += query.added(i, weight, measure);
        }
    });
    if (others_ != nullptr && similarity != 0) {
        others_->push_back(row.address);
    }
    const bool is_aimed = aim_ == Aim::kBest ? similarity > 0 : similarity < 0;
    if (is_aimed && (!has_condition || query.program().matches(has_))) {
        top_.offer({query.value_of(similarity, measure), row.address});
    }
}

}  // namespace pgslab::inverted
