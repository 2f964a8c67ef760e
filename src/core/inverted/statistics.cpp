#include "inverted/statistics.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace pgslab::inverted {

Statistics::Statistics(const Page &meta_page, const PgsQueryTerm *terms, uint32_t count)
    : page_(meta_page), counts_(count, 0), pieces_(inverted_of(meta_of(meta_page)).weights) {
    number_of_.resize(count);
    std::iota(number_of_.begin(), number_of_.end(), 0U);
    const auto bytes_of = [&](uint32_t i) {
        return Bytes{static_cast<const uint8_t *>(terms[i].bytes), terms[i].length};
    };
    std::stable_sort(number_of_.begin(), number_of_.end(), [&](uint32_t a, uint32_t b) {
        return compare_terms(bytes_of(a), bytes_of(b)) < 0;
    });
    size_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        all += terms[i].length;
    }
    bytes_.reserve(all);
    for (const uint32_t i : number_of_) {
        const Bytes own = bytes_of(i);
        const uint8_t *const at = bytes_.data() + bytes_.size();
        bytes_.insert(bytes_.end(), own.begin(), own.end());
        terms_.push_back({{at, own.size()}, terms[i].is_prefix});
    }
    walker_.open(meta(), {.skip = 0,
                          .table = {kPieceColumn, kPieceBytes},
                          .stale_table = {kPieceColumn, kPieceBytes},
                          .sidecar = true});
    begin_segment(0);
}

void Statistics::begin_segment(uint32_t segment) noexcept {
    segment_ = segment;
    has_header_ = false;
    header_page_ =
        segment < meta().segments ? page_of_segment(meta().segment[segment], 0) : kNoPage;
}

const PageIdentity &Statistics::wanted() const noexcept {
    if (segment_ == meta().segments) {
        return walker_.wanted();
    }
    return has_header_ ? lookup_.wanted() : header_page_;
}

PgsStatus Statistics::next(PgsRequest &request, PgsError *) {
    ask_for_page(request, wanted().block);
    return PGS_OK;
}

PgsStatus Statistics::page(const Page &page, PgsError *error) {
    const PageIdentity expected = wanted();
    if (segment_ == meta().segments) {
        if (PgsStatus status = walker_.page(page, *this, error)) {
            return status;
        }
        return is_damaged_ ? fail(error, PGS_CORRUPT, expected.block,
                                  "a forward row is not as its record says")
                           : PGS_OK;
    }
    if (has_header_) {
        if (PgsStatus status = lookup_.page(page, error)) {
            return status;
        }
    } else {
        if (PgsStatus status = check_page(page, expected, error)) {
            return status;
        }
        SegmentShape shape;
        if (PgsStatus status =
                read_header(page, meta().segment[segment_], inverted_of(meta()), shape, error)) {
            return status;
        }
        documents_ += shape.header.documents;
        length_ += shape.header.length;
        lookup_.begin(meta().segment[segment_], shape.header, terms_);
        has_header_ = true;
    }
    if (lookup_.wanted().block == PGS_NO_BLOCK) {
        end_look_up();
    }
    return PGS_OK;
}

void Statistics::end_look_up() {
    for (const FoundTerm &found : lookup_.found()) {
        counts_[number_of_[found.term]] += found.entry.documents;
    }
    begin_segment(segment_ + 1);
}

void Statistics::piece(const Row &, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    pieces_.piece(offset, bytes, n);
}

void Statistics::row(const Row &row) {
    if (!pieces_.row(row) || is_damaged_) {
        return;
    }
    if (!pieces_.read(row, document_)) {
        is_damaged_ = true;
        return;
    }
    documents_++;
    length_ += document_record(row.record).length;
    size_t at = 0;
    for (size_t i = 0; i < terms_.size(); i++) {
        const auto bytes_of = [&](size_t d) {
            return Bytes{static_cast<const uint8_t *>(document_[d].bytes), document_[d].length};
        };
        while (at < document_.size() && compare_terms(bytes_of(at), terms_[i].bytes) < 0) {
            at++;
        }
        uint64_t &count = counts_[number_of_[i]];
        if (!terms_[i].is_prefix) {
            count += at < document_.size() && compare_terms(bytes_of(at), terms_[i].bytes) == 0;
        } else {
            for (size_t d = at; d < document_.size() && begins_with(bytes_of(d), terms_[i].bytes);
                 d++) {
                count++;
            }
        }
    }
}

uint64_t Statistics::with_term(uint32_t term) const noexcept {
    return std::min(counts_[term], documents_);
}

}  // namespace pgslab::inverted
