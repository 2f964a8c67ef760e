#include "index/verify.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/crc32c.h"
#include "base/error.h"
#include "format/layout.h"
#include "format/meta.h"

namespace pgslab {

namespace {

bool is_power_of_two(float x) noexcept {
    int exponent = 0;
    return std::isnormal(x) && std::frexp(x, &exponent) == 0.5f;
}

bool is_magnitude(float x) noexcept {
    return x >= 0;
}  // infinity is one: it says that no bound is known

bool values_are_finite(Storage storage, const uint8_t *bytes, uint32_t n) noexcept {
    if (storage == Storage::kF16) {
        const auto *values = reinterpret_cast<const uint16_t *>(bytes);
        return std::all_of(values, values + n / 2,
                           [](uint16_t h) { return (h & 0x7C00) != 0x7C00; });
    }
    const auto *values = reinterpret_cast<const float *>(bytes);
    return std::all_of(values, values + n / 4, [](float x) { return std::isfinite(x); });
}

}  // namespace

uint32_t content_of_values(const uint8_t *bytes, uint32_t n, uint32_t seed) noexcept {
    return crc32c(bytes, n, seed);
}

uint32_t content_with_scale(float scale, uint32_t seed) noexcept {
    return crc32c(&scale, sizeof scale, seed);
}

Verify::Verify(const Page &meta)
    : meta_(meta), slab_read_(meta_of(meta).end_block), tombstones_(meta_of(meta).parts) {
    WalkOptions options;
    options.skip = kTombstone;
    walker_.open(meta_of(meta_), options);
}

PgsStatus Verify::check_overlap(PgsError *error) const {
    const Meta &meta = meta_of(meta_);
    std::vector<bool> owned(meta.end_block);
    PgsStatus status = PGS_OK;
    auto claim = [&](uint32_t block, uint32_t blocks) {
        for (uint32_t b = block; b < block + blocks && status == PGS_OK; b++) {
            if (owned[b]) {
                status =
                    fail(error, PGS_CORRUPT, kMetaBlock, "the manifest names block %u twice", b);
            }
            owned[b] = true;
        }
    };
    claim(kMetaBlock, 1);
    claim(meta.growing.block, meta.growing.blocks);
    each_extent(meta, [&](const ExtentPlace &place) {
        claim(place.extent.record_block, record_blocks(place.extent.slots));
        claim(place.extent.slab_block, slab_blocks(place.extent.slots, item_bytes(meta)));
        return status != PGS_OK;
    });
    return status;
}

void Verify::list_tail() {
    each_extent(meta_of(meta_), [&](const ExtentPlace &place) {
        for (uint32_t i = 0; place.open && i < record_blocks(place.extent.slots); i++) {
            pages_.push_back(record_identity(place, i));
        }
        return false;
    });
}

void Verify::list_rest() {
    each_extent(meta_of(meta_), [&](const ExtentPlace &place) {
        for (uint32_t i = 0; i < slab_blocks(place.extent.slots, item_bytes(meta_of(meta_))); i++) {
            if (!slab_read_[place.extent.slab_block + i]) {
                pages_.push_back(slab_identity(place, i));
            }
        }
        // Record pages of a sealed part past its slots.
        for (uint32_t i = record_blocks(place.used); i < record_blocks(place.extent.slots); i++) {
            pages_.push_back(record_identity(place, i));
        }
        return false;
    });
}

PgsStatus Verify::next_block(uint32_t *block, PgsError *error) {
    rows_.clear();
    if (phase_ == Phase::kManifest) {
        if (PgsStatus status = check_overlap(error)) {
            return status;
        }
        list_tail();
        phase_ = Phase::kTail;
    }
    if (phase_ == Phase::kTail && (pages_.empty() || tail_found_)) {
        pages_.clear();
        phase_ = Phase::kRows;
    }
    if (phase_ == Phase::kRows && walker_.next_block() == PGS_NO_BLOCK) {
        if (PgsStatus status = end_rows(error)) {
            return status;
        }
        list_rest();
        phase_ = Phase::kRest;
    }
    if (phase_ == Phase::kRows) {
        wanted_ = walker_.wanted();
        part_number_ = walker_.part_number();
    } else {
        wanted_.block = PGS_NO_BLOCK;
        if (!pages_.empty()) {
            wanted_ = pages_.back();
            pages_.pop_back();
        }
    }
    *block = wanted_.block;
    return PGS_OK;
}

PgsStatus Verify::page(const Page &page, PgsError *error) {
    if (phase_ != Phase::kRows) {
        if (PgsStatus status = check_page(page, wanted_, true, error)) {
            return status;
        }
        if (phase_ == Phase::kTail && used_bytes(page) > 0) {
            tail_found_ = true;
            tail_sequence_ = wanted_.sequence;
        }
        return PGS_OK;
    }
    finite_ = true;
    if (PgsStatus status = walker_.page(page, true, *this, error)) {
        return status;
    }
    if (wanted_.kind == PageKind::kRecord) {
        last_record_page_ = wanted_;
        return check_records(page, error);
    }
    slab_read_[wanted_.block] = true;
    return finite_ ? PGS_OK
                   : fail(error, PGS_CORRUPT, wanted_.block,
                          "a stored vector has a value that is not finite");
}

PgsStatus Verify::check_records(const Page &page, PgsError *error) {
    const auto *records = reinterpret_cast<const Record *>(page.payload);
    const uint32_t count = used_bytes(page) / sizeof(Record);
    for (uint32_t i = 0; i < count; i++) {
        const Record &record = records[i];
        if (record.heap_offset == 0 || !is_power_of_two(record.scale) ||
            !is_magnitude(record.error) || !is_magnitude(record.norm) || record.list != 0 ||
            (record.flags & ~kRecordFlags) != 0) {
            return fail(error, PGS_CORRUPT, wanted_.block, "record %u of the page is impossible",
                        i);
        }
        tombstones_[part_number_] += (record.flags & kTombstone) != 0 ? 1 : 0;
    }
    return PGS_OK;
}

PgsStatus Verify::end_rows(PgsError *error) {
    const Meta &meta = meta_of(meta_);
    if (tail_found_ && last_record_page_.sequence < tail_sequence_) {
        return fail(error, PGS_CORRUPT, last_record_page_.block,
                    "the record page has room left although number %u of its table is in use",
                    tail_sequence_);
    }
    for (uint32_t p = 0; p < meta.parts; p++) {
        if (meta.part[p].tombstones > tombstones_[p]) {
            return fail(error, PGS_CORRUPT, kMetaBlock,
                        "part %u has %llu tombstones, the metapage says %llu", meta.part[p].id,
                        static_cast<unsigned long long>(tombstones_[p]),
                        static_cast<unsigned long long>(meta.part[p].tombstones));
        }
    }
    return PGS_OK;
}

void Verify::piece(const Row &, uint32_t, const uint8_t *bytes, uint32_t n) {
    finite_ = finite_ && values_are_finite(meta_of(meta_).storage, bytes, n);
    content_ = content_of_values(bytes, n, content_);
}

void Verify::row(const Row &row) {
    rows_.push_back({tid_of(row.record), content_with_scale(row.record.scale, content_)});
    content_ = 0;
}

}  // namespace pgslab
