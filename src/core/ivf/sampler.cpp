#include "ivf/sampler.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "ivf/meta.h"
#include "ivf/training.h"
#include "ivf/vector_tables.h"
#include "quantize/encode.h"
#include "quantize/offset.h"

namespace pgslab {

Sampler::Sampler(const Page &meta, const Codebook &codebook, uint32_t vectors, PgsDraw draw,
                 uint64_t seed)
    : meta_(meta),
      dims_(vectors_of(meta_of(meta_)).dims),
      vector_bytes_(slab_table(meta_of(meta_)).bytes),
      draw_(draw),
      random_(seed),
      quota_(vectors),
      item_(divide_up(vector_bytes_, sizeof(uint64_t))) {
    if (codebook.offset() != nullptr) {
        offset_.assign(codebook.offset(), codebook.offset() + dims_);
    }
    each_extent(meta_of(meta_), [&](const ExtentPlace &place) {
        places_.push_back(place);
        slots_ += place.used;
        return false;
    });
    next_record_page();
}

// SplitMix64.
// Takes the next record page in hand, whatever it has; false when there is none.
bool Sampler::take_next_page() noexcept {
    for (; extent_ < places_.size(); extent_++, next_stride_ = 0) {
        for (; next_stride_ < places_[extent_].extent.strides; next_stride_++, next_page_ = 0) {
            stride_ = stride_of(places_[extent_], next_stride_);
            if (next_page_ < record_blocks(*stride_.columns, stride_.used)) {
                page_ = next_page_++;
                return true;
            }
        }
    }
    return false;
}

// How many vectors are to come of the first so many slots.
uint64_t Sampler::quota_of(uint64_t slots) const noexcept {
    return static_cast<uint64_t>(static_cast<double>(slots) * quota_ / static_cast<double>(slots_));
}

// Goes on to the next record page that has a share of the quota.
void Sampler::next_record_page() {
    wanted_ = {PGS_NO_BLOCK, PageKind::kRecord, 0, 0, 0};
    picks_.clear();
    pick_ = 0;
    while (take_next_page()) {
        const uint32_t per_page = records_per_page(*stride_.columns);
        const uint64_t within = uint64_t{page_} * per_page;
        const uint64_t room = std::min<uint64_t>(per_page, stride_.used - within);
        const uint64_t before = slots_before_;
        slots_before_ += room;
        share_ = static_cast<uint32_t>(quota_of(slots_before_) - quota_of(before));
        if (share_ > 0) {
            wanted_ = table_page(stride_, 0, kRecordColumn, page_);
            return;
        }
    }
}

PgsStatus Sampler::next(PgsRequest &request, PgsError *) {
    ask_for_page(request, wanted_.block);
    return PGS_OK;
}

PgsStatus Sampler::page(const Page &page, PgsError *error) {
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    if (wanted_.kind != PageKind::kRecord) {
        return take_vector(page, error);
    }
    take_records(page);
    return PGS_OK;
}

bool Sampler::is_drawn(PgsTid tid) const noexcept {
    return draw_ == PGS_DRAW_ALL || held_out(tid) == (draw_ == PGS_DRAW_HELD_OUT);
}

void Sampler::take_records(const Page &page) {
    const uint32_t before = page_ * records_per_page(*stride_.columns);
    const auto count = static_cast<uint32_t>(
        std::min<uint64_t>(stride_.used - before, used_bytes(page) / record_bytes(page)));
    for (uint32_t i = 0; i < count; i++) {
        const Record &record = record_at(page, i);
        if (record.flags == 0 && is_drawn(tid_of(record))) {
            picks_.push_back({before + i, vector_record(record).scale});
        }
    }
    // The first `share` of a random order.
    const size_t wanted = std::min<size_t>(share_, picks_.size());
    for (size_t i = 0; i < wanted; i++) {
        std::swap(picks_[i], picks_[i + random_.next() % (picks_.size() - i)]);
    }
    picks_.resize(wanted);
    item_done_ = 0;
    want_vector_page();
}

void Sampler::want_vector_page() noexcept {
    if (pick_ == picks_.size()) {
        next_record_page();
        return;
    }
    wanted_ = table_page(stride_, 0, kSlabColumn, item_wanted().page);
}

ItemPlace Sampler::item_wanted() const noexcept {
    return item_place(meta_of(meta_).columns.column[kSlabColumn], picks_[pick_].within, item_done_,
                      vector_bytes_);
}

PgsStatus Sampler::take_vector(const Page &page, PgsError *error) {
    const Pick &pick = picks_[pick_];
    const ItemPlace at = item_wanted();
    if (at.offset + at.bytes > used_bytes(page)) {
        return fail(error, PGS_CORRUPT, wanted_.block,
                    "the slab page uses %u bytes where a slot needs %u", used_bytes(page),
                    at.offset + at.bytes);
    }
    auto *item = reinterpret_cast<uint8_t *>(item_.data());
    std::memcpy(item + item_done_, page.payload + at.offset, at.bytes);
    item_done_ += at.bytes;
    if (item_done_ == vector_bytes_) {
        const size_t begin = values_.size();
        values_.resize(begin + dims_);
        float *values = values_.data() + begin;
        decode(vectors_of(meta_of(meta_)).storage, item, pick.scale, dims_, values);
        add_offset(offset_.empty() ? nullptr : offset_.data(), dims_, values);
        drawn_.push_back(make_address(stride_.part->handle, stride_.part_slot + pick.within));
        item_done_ = 0;
        pick_++;
    }
    want_vector_page();
    return PGS_OK;
}

}  // namespace pgslab
