#include "index/search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "format/meta.h"

namespace pgslab {

namespace {

constexpr size_t kFirstCapacity = 1024;  // more than almost every LIMIT: one pass
constexpr size_t kFewestCandidates = 256;
constexpr size_t kCapacityGrowth = 8;

}  // namespace

Search::Search(size_t memory_bytes) noexcept
    : most_candidates_(std::max(kFewestCandidates, memory_bytes / (2 * sizeof(Candidate)))) {}

void Search::set_query(const float *query) {
    const Meta &meta = meta_of(meta_);
    query_.assign(query, query + meta.dims);
    double squares = 0;
    for (float x : query_) {
        squares += static_cast<double>(x) * x;
    }
    double norm = std::sqrt(squares);
    if (meta.metric == Metric::kCosine) {
        // Without a direction every distance is NaN.
        ordered_ = norm > 0;
        unordered_bound_ = std::numeric_limits<double>::quiet_NaN();
        for (float &x : query_) {
            x = static_cast<float>(x / norm);
        }
        norm = 1;
    }
    bound_ = Bound(meta.metric, meta.dims, norm);
}

void Search::start(const Page &meta, const float *query, bool believe_killed) {
    meta_ = meta;
    ordered_ = query != nullptr;
    unordered_bound_ = 0;
    if (query != nullptr) {
        set_query(query);
    }
    kernels_ = &kernels();
    WalkOptions options;
    options.vectors = ordered_;
    options.skip = believe_killed ? kRecordFlags : kTombstone;
    walker_.open(meta_of(meta_), options);
    begin_pass(std::min(kFirstCapacity, most_candidates_), nullptr);
}

void Search::begin_pass(size_t capacity, const Candidate *floor) {
    capacity_ = capacity;
    batch_.begin(capacity, floor);
    filling_ = true;
    returned_ = 0;
    lanes_ = {};
}

void Search::next(PgsStep &step) {
    if (!filling_ && returned_ == batch_.candidates().size() && batch_.dropped()) {
        const Candidate last = batch_.candidates().back();
        begin_pass(std::min(capacity_ * kCapacityGrowth, most_candidates_), &last);
        walker_.rewind();
    }
    if (filling_) {
        step.block = walker_.next_block();
        if (step.block != PGS_NO_BLOCK) {
            step.kind = PGS_STEP_PAGE;
            return;
        }
        batch_.finish();
        filling_ = false;
    }
    if (returned_ == batch_.candidates().size()) {
        step.kind = PGS_STEP_DONE;
        return;
    }
    const Candidate &candidate = batch_.candidates()[returned_++];
    step.kind = PGS_STEP_ROW;
    step.tid = candidate.tid;
    step.bound = ordered_ ? candidate.bound : unordered_bound_;
    step.slot = candidate.slot;
}

PgsStatus Search::page(const Page &page, bool verify_checksum, PgsError *error) {
    return walker_.page(page, verify_checksum, *this, error);
}

PgsRecordPage Search::record_page(uint64_t slot, uint32_t *index) const noexcept {
    return walker_.record_page(slot, index);
}

void Search::piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    const Meta &meta = meta_of(meta_);
    const bool f16 = meta.storage == Storage::kF16;
    const uint32_t start = offset / element_bytes(meta.storage);
    const uint32_t count = n / element_bytes(meta.storage);
    const float *query = query_.data() + start;
    const auto *halves = reinterpret_cast<const uint16_t *>(bytes);
    const auto *floats = reinterpret_cast<const float *>(bytes);
    const float scale = row.record.scale;
    switch (meta.metric) {
        case Metric::kL2:
            f16 ? kernels_->l2_f16(lanes_, query, halves, scale, count, start)
                : kernels_->l2_f32(lanes_, query, floats, scale, count, start);
            break;
        case Metric::kL1:
            f16 ? kernels_->l1_f16(lanes_, query, halves, scale, count, start)
                : kernels_->l1_f32(lanes_, query, floats, scale, count, start);
            break;
        case Metric::kInnerProduct:
        case Metric::kCosine:
            f16 ? kernels_->dot_f16(lanes_, query, halves, count, start)
                : kernels_->dot_f32(lanes_, query, floats, count, start);
            break;
    }
}

void Search::row(const Row &row) {
    double bound = 0;
    if (ordered_) {
        bound = bound_.lower(sum(lanes_), row.record);
        lanes_ = {};
    }
    batch_.add({bound, row.slot, tid_of(row.record)});
}

}  // namespace pgslab
