#include "search/refine.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "ivf/named_slot.h"
#include "quantize/code.h"

namespace pgslab {

void Refine::begin() {
    list_queries_.clear();
}

void Refine::begin_pass() noexcept {
    survivors_.clear();
    codes_.clear();
    next_ = 0;
}

PgsStatus Refine::take(std::vector<Survivor> &survivors, uint32_t list, const ListQuery &at,
                       PgsError *error) {
    PGSLAB_ASSERT(survivors_.empty());
    survivors_.swap(survivors);
    at_ = at;
    if (context_.shape.refine_bits != 0) {
        rule_one_another_out();
    }
    for (const Survivor &survivor : survivors_) {
        Slot slot;
        if (PgsStatus status =
                find_named(context_.slots, survivor.address, {list, survivor.block}, slot, error)) {
            return status;
        }
        if (context_.shape.refine_bits != 0) {
            codes_.push_back(context_.slots.item(slot, kRefineColumn));
            context_.upcoming.add(codes_.back());
        }
    }
    if (context_.shape.refine_bits == 0) {
        offer_as_they_are();
    }
    return PGS_OK;
}

// As many rows as are wanted lie below the largest of as many of the smallest upper bounds.
void Refine::rule_one_another_out() {
    const size_t wanted = top_.wanted();
    if (survivors_.size() <= wanted) {
        return;
    }
    uppers_.clear();
    for (const Survivor &survivor : survivors_) {
        const double upper = top_.upper(survivor.estimate, survivor.margin);
        uppers_.push_back(std::isfinite(upper) ? upper : std::numeric_limits<double>::infinity());
    }
    if (context_.log != nullptr) {
        context_.log->survivors_in_hand(uppers_);
        for (const Survivor &survivor : survivors_) {
            log_survivor(survivor);
        }
    }
    const auto last = uppers_.begin() + static_cast<ptrdiff_t>(wanted - 1);
    std::nth_element(uppers_.begin(), last, uppers_.end());
    const double bar = std::max(*last, top_.floor());
    const size_t ruled_out = std::erase_if(survivors_, [&](const Survivor &survivor) {
        const double lower = double{survivor.estimate} - survivor.margin;
        return lower > bar && std::isfinite(lower);
    });
    if (ruled_out > 0) {
        context_.work.filtered += ruled_out;
        top_.turn_away();
    }
}

void Refine::log_survivor(const Survivor &survivor) {
    context_.log->survivor(survivor.address, survivor.estimate,
                           survivor.margin / context_.level.deviations);
}

void Refine::offer_as_they_are() {
    for (const Survivor &s : survivors_) {
        // Where float32 left its range nothing is known.
        const bool known = std::isfinite(s.estimate) && std::isfinite(s.margin);
        top_.offer(s.address, known ? s.estimate : 0,
                   known ? s.margin : std::numeric_limits<double>::infinity());
    }
    end();
}

void Refine::end() {
    begin_pass();
    top_.follow_bar();
    if (context_.log != nullptr) {
        context_.log->survivors_were_offered(*context_.bound);
    }
}

PgsStatus Refine::page(const Page &page, PgsError *error) {
    const uint32_t block = wanted().block;
    PGSLAB_ASSERT(block != PGS_NO_BLOCK);
    while (next_ < codes_.size() && codes_[next_].page.block == block) {
        const uint8_t *code = nullptr;
        if (PgsStatus status = bytes_on(page, codes_[next_], &code, error)) {
            return status;
        }
        offer(survivors_[next_].address, code, &at_);
        next_++;
        pass_over_ruled_out();
    }
    if (next_ == codes_.size()) {
        end();
    }
    return PGS_OK;
}

// The bar has fallen since they survived.
void Refine::pass_over_ruled_out() {
    if (context_.log != nullptr) {
        context_.log->survivors_were_offered(*context_.bound);
    }
    const auto bar = static_cast<float>(top_.bar());
    for (; next_ < survivors_.size(); next_++) {
        if (context_.log != nullptr) {
            log_survivor(survivors_[next_]);
        }
        if (!survivors_[next_].is_ruled_out(bar)) {
            return;
        }
        context_.work.filtered++;
        top_.drop();
    }
}

// at is null where the code has to say which list it belongs to.
void Refine::offer(uint64_t address, const uint8_t *code, const ListQuery *at) {
    const uint32_t bits = context_.shape.refine_bits;
    const CodeQuery &codes = context_.query.row_codes();
    const CodeBound &bound = *context_.bound;
    context_.work.refined++;
    // The tail lies behind the code: by now it is on its way from memory.
    const float product = codes.product(bits, code);
    const RefineTail tail = tail_of(code, bits, context_.shape.coded);
    const ListQuery &list = at != nullptr ? *at : seen_from(tail.list);
    const Factors factors = {tail.add, tail.rescale, tail.error, tail.norm};
    const double estimate = bound.estimate(factors, product, list);
    const double margin =
        bound.margin(factors, list, codes.rounding(bits)) + top_.rounding_in(list, bits);
    // No row below the bar has an estimate from here on; most rows are done with now.
    if (estimate - margin >= top_.bar()) {
        top_.drop();
        return;
    }
    top_.offer(address, estimate, margin);
    top_.follow_bar();
}

// The query as seen from a list. One that does not exist is for slab_check() to see; here any will
// do that is not read past.
const ListQuery &Refine::seen_from(uint32_t list) {
    const Codebook &codebook = *context_.codebook;
    if (list_queries_.empty()) {
        list_queries_.assign(codebook.lists(), {0, -1, 0});
    }
    ListQuery &at = list_queries_[std::min(list, codebook.lists() - 1)];
    if (at.distance < 0) {
        at = codebook.list_query(context_.query.rotated.data(), context_.query.codes.norm(),
                                 std::min(list, codebook.lists() - 1));
    }
    return at;
}

}  // namespace pgslab
