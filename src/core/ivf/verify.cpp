#include "ivf/verify.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "base/crc32c.h"
#include "base/error.h"
#include "ivf/meta.h"
#include "ivf/vector_tables.h"
#include "kernels/kernels.h"
#include "quantize/bits.h"

namespace pgslab {

namespace {

// A power of two; of int8 a number of 16 significant bits, of which 127 are finite; of bits see
// Verify::row().
bool is_scale(Storage storage, float x) noexcept {
    int exponent = 0;
    if (storage == Storage::kBits) {
        return true;
    }
    if (storage == Storage::kI8) {
        const float mantissa = std::frexp(x, &exponent) * 0x1p16f;
        return x > 0 && std::isfinite(127 * x) && mantissa == std::nearbyint(mantissa);
    }
    return std::isnormal(x) && std::frexp(x, &exponent) == 0.5f;
}

// Infinity is one: it says that no bound is known.
bool is_magnitude(float x) noexcept {
    return x >= 0;
}

bool values_are_finite(Storage storage, const uint8_t *bytes, uint32_t n) noexcept {
    if (storage == Storage::kI8 || storage == Storage::kBits) {
        return true;
    }
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

uint32_t content_with_record(float scale, const uint8_t *keys, uint32_t key_bytes,
                             uint32_t seed) noexcept {
    return crc32c(keys, key_bytes, crc32c(&scale, sizeof scale, seed));
}

Verify::Verify(const Page &meta)
    : meta_(meta), pages_(meta_of(meta_)), tombstones_(meta_of(meta).parts) {
    walker_.open(meta_of(meta_), {.table = slab_table(meta_of(meta_))});
}

// The next page of the phase, or false at its end.
bool Verify::want_page() noexcept {
    wanted_ = {};
    wanted_.block = PGS_NO_BLOCK;
    switch (phase_) {
        case Phase::kManifest:
            break;
        case Phase::kCodebook:
            wanted_.block = codebook_->next_block();
            break;
        case Phase::kSegments:
            wanted_ = segments_->wanted();
            break;
        case Phase::kRows:
        case Phase::kCodes:
            wanted_ = walker_.wanted();
            break;
        case Phase::kTail:
        case Phase::kRest:
            wanted_ = pages_.wanted();
            break;
    }
    return wanted_.block != PGS_NO_BLOCK;
}

PgsStatus Verify::next(PgsRequest &request, PgsError *error) {
    rows_.clear();
    while (!want_page() && phase_ != Phase::kRest) {
        if (PgsStatus status = end_phase(error)) {
            return status;
        }
    }
    ask_for_page(request, wanted_.block);
    return PGS_OK;
}

// What can be said once all pages of the phase were seen; then the next phase begins.
PgsStatus Verify::end_phase(PgsError *error) {
    PgsStatus status = PGS_OK;
    switch (phase_) {
        case Phase::kManifest:
            status = check_owners(meta_of(meta_), error);
            pages_.list_tail();
            break;
        case Phase::kTail:
            codebook_.emplace(meta_);
            break;
        case Phase::kCodebook: {
            std::unique_ptr<const Codebook> codebook;
            status = codebook_->finish(codebook, error);
            codebook_.reset();
            break;
        }
        case Phase::kRows:
            status = end_rows(error);
            begin_segments();
            break;
        case Phase::kSegments:
            segments_.reset();
            break;
        case Phase::kCodes:
            status = codes_ ? codes_->end(error) : PGS_OK;
            pages_.list_rest();
            break;
        case Phase::kRest:
            break;
    }
    phase_ = static_cast<Phase>(static_cast<int>(phase_) + 1);
    return status;
}

// Without codes both phases that follow have nothing to read.
void Verify::begin_segments() {
    const Meta &meta = meta_of(meta_);
    segments_.emplace(meta, listed_);
    if (vectors_of(meta).code_bits != 0) {
        listed_.open(meta);
        codes_.emplace(meta, listed_);
        walker_.open(meta, {.skip = 0, .table = refine_table(meta)});
    }
}

PgsStatus Verify::page(const Page &page, PgsError *error) {
    switch (phase_) {
        case Phase::kCodebook:
            return codebook_->page(page, error);
        case Phase::kSegments:
            return segments_->page(page, error);
        case Phase::kRows:
            return take_row_page(page, error);
        case Phase::kCodes:
            if (PgsStatus status = walker_.page(page, *codes_, error)) {
                return status;
            }
            pages_.mark_read(wanted_);
            return codes_->result(wanted_.block, error);
        default:
            return pages_.page(page, error);
    }
}

PgsStatus Verify::take_row_page(const Page &page, PgsError *error) {
    const uint32_t part = walker_.part_number();
    sound_ = true;
    if (PgsStatus status = walker_.page(page, *this, error)) {
        return status;
    }
    if (wanted_.kind == PageKind::kRecord) {
        pages_.mark_read(wanted_);
        return check_records(page, part, error);
    }
    pages_.mark_read(wanted_);
    return sound_ ? PGS_OK
                  : fail(error, PGS_CORRUPT, wanted_.block, "%s",
                         vectors_of(meta_of(meta_)).storage == Storage::kBits
                             ? "a stored vector has other bits than its record says"
                             : "a stored vector has a value that is not finite");
}

PgsStatus Verify::check_records(const Page &page, uint32_t part, PgsError *error) {
    const Meta &meta = meta_of(meta_);
    // Records of a part with an earlier codebook may name any list; without codes the list is 0.
    const bool current = meta.part[part].dictionary == meta.dictionary.id;
    const uint32_t lists = current ? std::max(vectors_of(meta).lists, 1u) : kMaxLists;
    const uint32_t count = used_bytes(page) / record_bytes(page);
    const Storage storage = vectors_of(meta).storage;
    const PgsKeyColumns keys = key_columns(vectors_of(meta).keys);
    const uint32_t addresses = address_column(keys);
    for (uint32_t i = 0; i < count; i++) {
        const VectorRecord record = vector_record(record_at(page, i));
        const auto *extra = reinterpret_cast<const uint8_t *>(&record_at(page, i) + 1);
        if (addresses < keys.count &&
            load_key(extra + key_bytes(keys, addresses), 8) != address_key(tid_of(record))) {
            return fail(error, PGS_CORRUPT, wanted_.block,
                        "record %u of the page has the address of another row as a key", i);
        }
        if (record.heap_offset == 0 || !is_scale(storage, record.scale) ||
            !is_magnitude(record.error) || !is_magnitude(record.norm) || record.list >= lists ||
            (record.flags & ~kRecordFlags) != 0) {
            return fail(error, PGS_CORRUPT, wanted_.block, "record %u of the page is impossible",
                        i);
        }
        tombstones_[part] += (record.flags & kTombstone) != 0 ? 1 : 0;
    }
    return PGS_OK;
}

PgsStatus Verify::end_rows(PgsError *error) {
    if (PgsStatus status = pages_.check_tail(error)) {
        return status;
    }
    return check_tombstones(meta_of(meta_), tombstones_, error);
}

void Verify::piece(const Row &, uint32_t offset, const uint8_t *bytes, uint32_t n) {
    const Vectors &vectors = vectors_of(meta_of(meta_));
    sound_ = sound_ && values_are_finite(vectors.storage, bytes, n);
    content_ = content_of_values(bytes, n, content_);
    if (vectors.storage == Storage::kBits) {
        const uint32_t unused = 8 * vector_bytes(vectors.dims, Storage::kBits) - vectors.dims;
        const bool is_last = offset + n == vector_bytes(vectors.dims, Storage::kBits);
        sound_ = sound_ && (!is_last || (bytes[n - 1] & ((1u << unused) - 1)) == 0);
        ones_ += bits_shared(bytes, bytes, n);
    }
}

void Verify::row(const Row &row) {
    const Vectors &vectors = vectors_of(meta_of(meta_));
    if (vectors.storage == Storage::kBits) {
        const float scale = scale_of_set(vectors.metric, ones_, vectors.dims);
        sound_ = sound_ && vector_record(row.record).scale == scale;
        ones_ = 0;
    }
    const uint32_t keys = extra_of(meta_of(meta_).columns.column[kRecordColumn].item);
    rows_.push_back({tid_of(row.record), content_with_record(vector_record(row.record).scale,
                                                             row.extra, keys, content_)});
    content_ = 0;
}

}  // namespace pgslab
