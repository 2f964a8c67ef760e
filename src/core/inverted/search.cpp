#include "inverted/search.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/assert.h"
#include "base/error.h"

namespace pgslab::inverted {

namespace {

constexpr uint32_t kUnknownRows = 64;  // that a caller takes who does not say how many
constexpr size_t kPassGrowth = 8;

// What share of bounds is to be believed for a share of the best documents to be found. The more
// terms a query has, the farther are documents from having all at their bounds: of 40000 vectors of
// 120 values, drawn as those that models learn are distributed, queries of 32 terms have found all
// of the best ten when 0.3 of the bounds were believed, and nine of them at 0.2. Queries of 8 terms
// have missed more than a tenth at 0.34.
double trust_for(double recall, uint32_t terms) noexcept {
    constexpr double kLeastTrust = 0.35;
    constexpr double kFewTerms = 8;
    return recall >= 1 ? 1 : std::min(recall, std::max(kLeastTrust, kFewTerms / terms));
}

}  // namespace

Search::Search(size_t memory_bytes) noexcept
    : most_(std::max<size_t>(memory_bytes / sizeof(Found), kUnknownRows)),
      sidecar_(context_, top_),
      segment_(context_, top_),
      records_(context_) {}

PgsStatus Search::start(const Page &meta, const PgsInvertedQuery *query, const PgsFilter *filter,
                        uint32_t rows, double recall, bool believe_killed, PgsError *error) {
    phase_ = Phase::kEnd;
    winner_ = Winner::kNone;
    asked_ = kNoPage;
    context_.page = meta;
    context_.work = {};
    context_.skip = static_cast<uint16_t>(kTombstone | (believe_killed ? kKilled : 0));
    const Inverted &index = inverted_of(context_.meta());
    if (PgsStatus status = context_.query.set(index, query, error)) {
        return status;
    }
    if (PgsStatus status = context_.filter.set(filter, key_columns(index.keys), error)) {
        return status;
    }
    context_.slots.open(context_.meta());
    context_.trust = context_.query.is_text() ? 1 : trust_for(recall, context_.query.count());
    context_.terms.clear();
    for (uint32_t i = 0; i < context_.query.count(); i++) {
        context_.terms.push_back({context_.query.bytes(i), context_.query.term(i).is_prefix});
    }
    aim_ = Aim::kBest;
    are_zeros_returned_ = false;
    others_.clear();
    last_ = TopDocuments::kFirst;
    wanted_ = std::min<size_t>(rows == 0 ? kUnknownRows : rows, most_);
    if (context_.filter.is_never()) {
        return PGS_OK;
    }
    if (context_.query.count() == 0) {
        if (!context_.query.exists() || !context_.query.is_text()) {
            records_.begin(0, nullptr);
            phase_ = Phase::kRecords;
            are_zeros_returned_ = true;
            aim_ = Aim::kNegative;
        }
        return PGS_OK;
    }
    sidecar_.begin();
    begin_pass();
    return PGS_OK;
}

// ---- passes

void Search::begin_pass() {
    context_.work.passes++;
    top_.begin(wanted_, context_.filter.bound(), last_);
    others_.clear();
    if (tells_others()) {
        others_.segments.resize(context_.meta().segments);
    }
    sidecar_.begin_pass(aim_, tells_others() ? &others_.addresses : nullptr);
    phase_ = Phase::kSidecar;
    order_.resize(context_.meta().segments);
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
        return context_.meta().segment[a].rows > context_.meta().segment[b].rows;
    });
    at_ = 0;
}

void Search::begin_segment() {
    if (at_ == order_.size()) {
        begin_winners();
        return;
    }
    phase_ = Phase::kSegments;
    segment_.begin(order_[at_], aim_,
                   tells_others() ? &others_.segments[order_[at_]].bits : nullptr);
}

// Rows of a similarity of 0 come before the negative ones that the pass has found.
void Search::begin_winners() {
    top_.sort();
    phase_ = Phase::kWinners;
    winner_ = Winner::kNone;
    if (tells_others()) {
        are_zeros_returned_ = true;
        std::sort(others_.addresses.begin(), others_.addresses.end());
        const double value = context_.query.value_of_others();
        if (value < context_.filter.bound()) {
            records_.begin(value, &others_);
            phase_ = Phase::kRecords;
        }
    }
}

// All that a pass has found was handed out.
void Search::end_pass() {
    const bool may_be_more = top_.is_full();
    if (may_be_more) {
        wanted_ = std::min(wanted_ * kPassGrowth, most_);
    } else if (!context_.query.is_text() && aim_ == Aim::kBest &&
               context_.query.value_of_others() < context_.filter.bound()) {
        aim_ = Aim::kNegative;
        last_ = TopDocuments::kFirst;
    } else {
        phase_ = Phase::kEnd;
        return;
    }
    begin_pass();
}

// ---- what is wanted

PgsStatus Search::next(PgsRequest &request, PgsError *error) {
    for (;;) {
        asked_ = kNoPage;
        switch (phase_) {
            case Phase::kEnd:
                request.kind = PGS_REQUEST_DONE;
                return PGS_OK;
            case Phase::kRecords:
                if (records_.next(request)) {
                    context_.work.rows++;
                    return PGS_OK;
                }
                asked_ = records_.wanted();
                if (asked_.block == PGS_NO_BLOCK) {
                    phase_ = context_.query.count() == 0 ? Phase::kEnd : Phase::kWinners;
                }
                break;
            case Phase::kSidecar:
                asked_ = sidecar_.wanted();
                if (asked_.block == PGS_NO_BLOCK) {
                    begin_segment();
                }
                break;
            case Phase::kSegments:
                asked_ = segment_.wanted();
                if (asked_.block == PGS_NO_BLOCK) {
                    if (tells_others()) {
                        others_.segments[order_[at_]].shape = segment_.shape();
                    }
                    at_++;
                    begin_segment();
                }
                break;
            case Phase::kWinners:
                if (PgsStatus status = next_winner(request, error)) {
                    return status;
                }
                if (request.kind != PGS_REQUEST_DONE) {
                    return PGS_OK;
                }
                break;
        }
        if (asked_.block != PGS_NO_BLOCK) {
            ask_for_page(request, asked_.block);
            return PGS_OK;
        }
    }
}

PgsStatus Search::page(const Page &page, PgsError *error) {
    context_.work.buffers++;
    switch (phase_) {
        case Phase::kRecords:
            return records_.page(page, error);
        case Phase::kSidecar:
            return sidecar_.page(page, error);
        case Phase::kSegments:
            return segment_.page(page, error);
        case Phase::kWinners:
            return take_winner(page, error);
        case Phase::kEnd:
            break;
    }
    return PGS_OK;
}

// ---- documents that were found

// Leaves the request as it is when a page is wanted, or the pass has ended.
PgsStatus Search::next_winner(PgsRequest &request, PgsError *error) {
    if (winner_ == Winner::kNone) {
        if (top_.at_end()) {
            end_pass();
            return PGS_OK;
        }
        in_hand_ = top_.next();
        last_ = in_hand_;
        winner_ = Winner::kRecord;
    }
    if (winner_ == Winner::kRecord) {
        const Slot slot = context_.slots.find(in_hand_.address);
        if (!slot.exists()) {
            return fail(error, PGS_CORRUPT, PGS_NO_BLOCK,
                        "a segment names slot %llu, which does not exist",
                        static_cast<unsigned long long>(in_hand_.address));
        }
        asked_ = context_.slots.item(slot, kRecordColumn).page;
        return PGS_OK;
    }
    request.tid = tid_;
    request.slot = in_hand_.address;
    if (winner_ == Winner::kRead && context_.query.asks()) {
        winner_ = Winner::kAsked;
        context_.work.asked++;
    }
    if (winner_ == Winner::kAsked) {
        request.kind = PGS_REQUEST_LOOK_UP;
        return PGS_OK;
    }
    request.kind = PGS_REQUEST_FOUND;
    request.value = in_hand_.value;
    context_.work.rows++;
    winner_ = Winner::kNone;
    return PGS_OK;
}

PgsStatus Search::take_winner(const Page &page, PgsError *error) {
    const Slot slot = context_.slots.find(in_hand_.address);
    const SlotBytes wanted = context_.slots.item(slot, kRecordColumn);
    const uint8_t *bytes = nullptr;
    if (PgsStatus status = check_page(page, wanted.page, error)) {
        return status;
    }
    if (PgsStatus status = bytes_on(page, wanted, &bytes, error)) {
        return status;
    }
    DocumentRecord record;  // on a page it is not aligned
    std::memcpy(&record, bytes, sizeof record);
    if ((record.piece & kLastPiece) == 0) {
        return fail(error, PGS_CORRUPT, wanted.page.block,
                    "a segment names slot %llu, which is no document's last",
                    static_cast<unsigned long long>(in_hand_.address));
    }
    tid_ = tid_of(record);
    const bool is_there =
        (record.flags & context_.skip) == 0 && context_.filter.holds(tid_, bytes + sizeof record);
    winner_ = is_there ? Winner::kRead : Winner::kNone;
    return PGS_OK;
}

void Search::told(bool matches) noexcept {
    winner_ = matches ? Winner::kMatches : Winner::kNone;
}

PgsRecordPage Search::record_page(uint64_t address, uint32_t *index) const noexcept {
    return record_page_of(context_.slots, address, index);
}

}  // namespace pgslab::inverted
