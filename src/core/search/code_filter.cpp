#include "search/code_filter.h"

#include <cmath>

#include "base/assert.h"
#include "store/layout.h"

namespace pgslab {

namespace {

// That many survivors are to be taken before more codes are scanned.
constexpr size_t kEnough = 64;

// Rows that one page may have the end of: a block that began on the page before, and all that fit.
constexpr size_t kMostOfPage = (kPayloadBytes / block_bytes(1) + 2) * kBlockRows;

}  // namespace

void CodeFilter::begin_pass() {
    kernels_ = &kernels();
    scan_ = {};
    survivors_.clear();
    survivors_.reserve(kEnough + kMostOfPage);
}

void CodeFilter::begin(const Segment &segment, const ListRun &rows, const ListQuery &at) noexcept {
    const uint32_t padded = context_.shape.padded;
    add_ = static_cast<float>(at.add);
    per_error_ =
        static_cast<float>(at.distance * context_.level.deviations / std::sqrt(padded - 1.0));
    scan_.begin(segment, rows, padded, context_.query.codes.table(), *kernels_);
}

PageIdentity CodeFilter::wanted() const noexcept {
    return survivors_.size() < kEnough ? scan_.wanted() : kNoPage;
}

PgsStatus CodeFilter::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(survivors_.size() < kEnough);
    block_ = scan_.wanted().block;
    const PgsStatus status = scan_.page(page, *this, error);
    PGSLAB_ASSERT(survivors_.size() < kEnough + kMostOfPage);
    return status;
}

void CodeFilter::block(const uint32_t *sums, const BlockTail &tail, uint32_t begin, uint32_t end) {
    context_.work.codes += end - begin;
    const float base = context_.query.codes.scan_base();
    const float step = context_.query.codes.scan_step();
    const auto bar = static_cast<float>(top_.bar());
    const float add = add_;
    const float per_error = per_error_;
    float estimate[kBlockRows];
    float margin[kBlockRows];
    uint32_t passed_over = 0;
    for (uint32_t i = 0; i < kBlockRows; i++) {
        const float product = base + step * static_cast<float>(static_cast<int32_t>(sums[i]));
        estimate[i] = tail.add[i] + add + tail.rescale[i] * product;
        margin[i] = tail.error[i] * per_error + CodeBound::underflow(tail.error[i]);
    }
    context_.stop.count(estimate, begin, end);
    for (uint32_t i = begin; i < end; i++) {
        if (Survivor::is_ruled_out(estimate[i] - margin[i], bar)) {
            passed_over++;
        } else if (!top_.is_done(tail.address[i])) {
            survivors_.push_back({tail.address[i], estimate[i], margin[i], block_});
            if (context_.log != nullptr) {
                context_.log->survivor(tail.address[i], estimate[i],
                                       margin[i] / context_.level.deviations);
            }
        }
    }
    if (passed_over > 0) {
        context_.work.filtered += passed_over;
        top_.drop();
    }
}

}  // namespace pgslab
