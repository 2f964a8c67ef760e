#include "search/selected.h"

#include <bit>

#include "base/assert.h"
#include "store/layout.h"

namespace pgslab {

void Selected::begin_walk() {
    first_word_.assign(1, 0);
    each_extent(context_.meta(), [&](const ExtentPlace &place) {
        const size_t after = size_t{place.part->handle} + 1;
        if (first_word_.size() <= after) {
            first_word_.resize(after + 1, 0);
        }
        first_word_[after] += divide_up(place.capacity(), 64);
        return false;
    });
    for (size_t h = 1; h < first_word_.size(); h++) {
        first_word_[h] += first_word_[h - 1];
    }
    words_.assign(first_word_.back(), 0);
    lists_.assign(context_.codebook->lists(), false);
    rows_ = 0;
    wanted_.set(context_.filter, nullptr);
    walker_.open(context_.meta(),
                 {.skip = context_.skip, .filter = &wanted_, .stale_filter = &wanted_});
    state_ = walker_.next_block() == PGS_NO_BLOCK ? State::kKnown : State::kWalking;
}

PgsStatus Selected::page(const Page &page, PgsError *error) {
    PGSLAB_ASSERT(state_ == State::kWalking);
    const PgsStatus status = walker_.page(page, *this, error);
    if (status == PGS_OK && walker_.next_block() == PGS_NO_BLOCK) {
        state_ = State::kKnown;
    }
    return status;
}

// A list that does not exist, or one of an earlier codebook, is not the probe's.
void Selected::row(const Row &row) {
    const uint64_t slot = slot_of(row.address);
    words_[first_word_[handle_of(row.address)] + slot / 64] |= uint64_t{1} << slot % 64;
    if (const uint32_t list = vector_record(row.record).list; list < lists_.size()) {
        lists_[list] = true;
    }
    rows_++;
}

uint32_t Selected::among(const uint64_t *address, uint32_t rows) const noexcept {
    uint32_t selected = 0;
    for (; rows != 0; rows &= rows - 1) {
        const auto i = static_cast<uint32_t>(std::countr_zero(rows));
        const uint32_t handle = handle_of(address[i]);
        const uint64_t slot = slot_of(address[i]);
        // Whether there is such a slot is for those to say who read it.
        if (handle + 1 < first_word_.size() &&
            slot / 64 < first_word_[handle + 1] - first_word_[handle]) {
            const uint64_t word = words_[first_word_[handle] + slot / 64];
            selected |= static_cast<uint32_t>(word >> slot % 64 & 1) << i;
        }
    }
    return selected;
}

}  // namespace pgslab
