#include "index/sampler.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "format/meta.h"
#include "index/training.h"
#include "quantize/encode.h"

namespace pgslab {

Sampler::Sampler(const Page &meta, uint32_t vectors, PgsDraw draw, uint64_t seed)
    : meta_(meta),
      dims_(meta_of(meta_).dims),
      vector_bytes_(dims_ * element_bytes(meta_of(meta_).storage)),
      draw_(draw),
      random_(seed),
      quota_(vectors),
      item_(divide_up(vector_bytes_, sizeof(uint64_t))) {
    each_extent(meta_of(meta_), [&](const ExtentPlace &place) {
        places_.push_back(place);
        record_pages_ += record_blocks(place.used);
        return false;
    });
    next_record_page();
}

// SplitMix64.
uint64_t Sampler::random() noexcept {
    uint64_t x = random_ += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

// Goes on to the next record page that has a share of the quota.
void Sampler::next_record_page() {
    wanted_ = {PGS_NO_BLOCK, PageKind::kRecord, 0, 0, 0};
    picks_.clear();
    pick_ = 0;
    for (; next_page_ < record_pages_; next_page_++) {
        const uint64_t before = next_page_ * quota_ / record_pages_;
        share_ = static_cast<uint32_t>((next_page_ + 1) * quota_ / record_pages_ - before);
        if (share_ == 0) {
            continue;
        }
        uint64_t page = next_page_++;
        place_ = 0;
        while (page >= record_blocks(places_[place_].used)) {
            page -= record_blocks(places_[place_++].used);
        }
        page_in_place_ = static_cast<uint32_t>(page);
        wanted_ = record_identity(places_[place_], page_in_place_);
        return;
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
    return wanted_.kind == PageKind::kRecord ? take_records(page, error) : take_vector(page, error);
}

bool Sampler::is_drawn(PgsTid tid) const noexcept {
    return draw_ == PGS_DRAW_ALL || held_out(tid) == (draw_ == PGS_DRAW_HELD_OUT);
}

PgsStatus Sampler::take_records(const Page &page, PgsError *) {
    const auto *records = reinterpret_cast<const Record *>(page.payload);
    const uint32_t room =
        std::min(kRecordsPerPage, places_[place_].used - page_in_place_ * kRecordsPerPage);
    const uint32_t count = std::min<uint32_t>(room, used_bytes(page) / sizeof(Record));
    for (uint32_t i = 0; i < count; i++) {
        if (records[i].flags == 0 && is_drawn(tid_of(records[i]))) {
            picks_.push_back({page_in_place_ * kRecordsPerPage + i, records[i].scale});
        }
    }
    // The first `share` of a random order.
    const size_t wanted = std::min<size_t>(share_, picks_.size());
    for (size_t i = 0; i < wanted; i++) {
        std::swap(picks_[i], picks_[i + random() % (picks_.size() - i)]);
    }
    picks_.resize(wanted);
    item_done_ = 0;
    want_vector_page();
    return PGS_OK;
}

void Sampler::want_vector_page() noexcept {
    if (pick_ == picks_.size()) {
        next_record_page();
        return;
    }
    const uint64_t at = uint64_t{picks_[pick_].within} * item_bytes(meta_of(meta_)) + item_done_;
    wanted_ = slab_identity(places_[place_], static_cast<uint32_t>(at / kPayloadBytes));
}

PgsStatus Sampler::take_vector(const Page &page, PgsError *error) {
    const Pick &pick = picks_[pick_];
    const auto at = static_cast<uint32_t>(
        (uint64_t{pick.within} * item_bytes(meta_of(meta_)) + item_done_) % kPayloadBytes);
    const uint32_t n = std::min(vector_bytes_ - item_done_, kPayloadBytes - at);
    if (at + n > used_bytes(page)) {
        return fail(error, PGS_CORRUPT, wanted_.block,
                    "the slab page uses %u bytes where a slot needs %u", used_bytes(page), at + n);
    }
    auto *item = reinterpret_cast<uint8_t *>(item_.data());
    std::memcpy(item + item_done_, page.payload + at, n);
    item_done_ += n;
    if (item_done_ == vector_bytes_) {
        const size_t begin = values_.size();
        values_.resize(begin + dims_);
        float *values = values_.data() + begin;
        decode(meta_of(meta_).storage, item, pick.scale, dims_, values);
        const ExtentPlace &place = places_[place_];
        drawn_.push_back(make_address(place.part->id, place.part_slot + pick.within));
        item_done_ = 0;
        pick_++;
    }
    want_vector_page();
    return PGS_OK;
}

}  // namespace pgslab
