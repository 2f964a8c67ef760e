#include "search/code_filter.h"

#include <bit>
#include <cmath>
#include <limits>

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
    mask_ = {};
    scan_ = {};
    survivors_.clear();
    survivors_.reserve(kEnough + kMostOfPage);
}

void CodeFilter::begin(const Segment &segment, const ListRun &rows, const ListQuery &at) {
    const uint32_t coded = context_.shape.coded;
    screen_.add = static_cast<float>(at.add);
    screen_.base = context_.query.row_codes().scan_base();
    screen_.step = context_.query.row_codes().scan_step();
    screen_.per_error =
        static_cast<float>(at.distance * context_.level.deviations / std::sqrt(coded - 1.0));
    screen_.underflow = CodeBound::underflow(std::numeric_limits<float>::max());
    rounding_ = static_cast<float>(top_.rounding_in(at, 1));
    segment_ = &segment;
    rows_ = rows;
    if (!selected_.is_known()) {
        const auto number = static_cast<uint32_t>(&segment - context_.meta().segment);
        const bool is_told = matches_.is_resolved();
        mask_.begin(context_.filter, segment, context_.layout, rows,
                    is_told ? matches_.rows_of(number).data() : nullptr,
                    is_told && matches_.is_exact());
    }
    begin_codes();
}

// Once it is known which rows satisfy the filter.
void CodeFilter::begin_codes() noexcept {
    if (mask_.wanted().block == PGS_NO_BLOCK) {
        // Bounds of one bit that hold always would rule next to nothing out.
        scan_.begin(*segment_, context_.layout, rows_, mask_.blocks(),
                    context_.effort.exact ? nullptr : context_.query.row_codes().table(),
                    *kernels_);
    }
}

PageIdentity CodeFilter::wanted() const noexcept {
    if (const PageIdentity keys = mask_.wanted(); keys.block != PGS_NO_BLOCK) {
        return keys;
    }
    return survivors_.size() < kEnough ? scan_.wanted() : kNoPage;
}

PgsStatus CodeFilter::page(const Page &page, PgsError *error) {
    if (mask_.wanted().block != PGS_NO_BLOCK) {
        context_.work.key_pages++;
        const PgsStatus status = mask_.page(page, error);
        begin_codes();
        return status;
    }
    PGSLAB_ASSERT(survivors_.size() < kEnough);
    block_ = scan_.wanted().block;
    const PgsStatus status = scan_.page(page, *this, error);
    PGSLAB_ASSERT(survivors_.size() < kEnough + kMostOfPage);
    return status;
}

void CodeFilter::block(const uint32_t *sums, const BlockTail &tail, uint32_t rows) {
    if (context_.effort.exact) {
        for (; rows != 0; rows &= rows - 1) {
            keep(tail.address[std::countr_zero(rows)], 0, std::numeric_limits<float>::infinity());
        }
        return;
    }
    if (selected_.is_known()) {
        rows = selected_.among(tail.address, rows);
    }
    context_.work.codes += static_cast<uint32_t>(std::popcount(rows));
    float estimate[kBlockRows];
    float margin[kBlockRows];
    screen_.bar = static_cast<float>(top_.bar() + rounding_);
    uint32_t left = rows & kernels_->screen(sums, {tail.add, tail.rescale, tail.error}, screen_,
                                            estimate, margin);
    context_.stop.count(estimate, rows);
    if (left != rows) {
        context_.work.filtered += static_cast<uint32_t>(std::popcount(rows ^ left));
        top_.drop();
    }
    for (; left != 0; left &= left - 1) {
        const auto i = static_cast<uint32_t>(std::countr_zero(left));
        keep(tail.address[i], estimate[i], margin[i] + rounding_);
    }
}

void CodeFilter::keep(uint64_t address, float estimate, float margin) {
    if (top_.is_done(address)) {
        return;
    }
    survivors_.push_back({address, estimate, margin, block_});
    if (context_.log != nullptr) {
        context_.log->survivor(address, estimate, margin / context_.level.deviations);
    }
}

}  // namespace pgslab
