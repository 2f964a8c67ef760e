#include "filter/tid_set.h"

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace pgslab {

namespace {

constexpr uint64_t far_row(uint32_t block, uint16_t offset) noexcept {
    return uint64_t{block} << 16 | offset;
}

// One that comes behind the others.
void append(std::vector<PgsKeyRange> &ranges, const PgsKeyRange &next) {
    if (!ranges.empty() && ranges.back().last + 1 == next.first) {
        ranges.back().last = next.last;
    } else {
        ranges.push_back(next);
    }
}

}  // namespace

void TidSet::clear() noexcept {
    ranges_.clear();
    chunks_.clear();
    entries_.clear();
    words_.clear();
    far_.clear();
    last_block_ = -1;
    rows_ = 0;
    whole_blocks_ = 0;
}

PgsStatus TidSet::add(uint32_t block, const uint16_t *offset, uint32_t n, PgsError *error) {
    if (block <= last_block_) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "block %u of the table comes after block %lld",
                    block, static_cast<long long>(last_block_));
    }
    for (uint32_t i = 0; i < n; i++) {
        if (offset[i] <= (i == 0 ? 0 : offset[i - 1])) {
            return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "offset %u of block %u is not in order",
                        offset[i], block);
        }
    }
    ranges_.clear();
    begin();
    const size_t chunk = block / kChunkBlocks;
    if (chunk >= chunks_.size()) {
        chunks_.resize(chunk + 1, 0);
    }
    if (chunks_[chunk] == 0) {
        entries_.resize(entries_.size() + kChunkBlocks, kNone);
        chunks_[chunk] = entries_.size() - kChunkBlocks;
    }
    entries_[chunks_[chunk] + block % kChunkBlocks] = n == 0 ? kWhole : add_entry(block, offset, n);
    last_block_ = block;
    rows_ += n;
    whole_blocks_ += n == 0 ? 1 : 0;
    return PGS_OK;
}

// What every set has that is not empty.
void TidSet::begin() {
    if (entries_.empty()) {
        entries_.resize(kChunkBlocks, kNone);
    }
    if (words_.empty()) {
        words_.resize(2 * kWords);
        std::fill_n(words_.begin() + kWhole * kWords, kWords, ~uint64_t{0});
    }
}

uint32_t TidSet::add_entry(uint32_t block, const uint16_t *offset, uint32_t n) {
    const size_t first = words_.size();
    const uint16_t *far = std::lower_bound(offset, offset + n, kNearOffsets);
    words_.resize(first + kWords);
    for (const uint16_t *near = offset; near < far; near++) {
        words_[first + *near / 64] |= uint64_t{1} << *near % 64;
    }
    size_t end = far_.size();
    far_.resize(end + static_cast<size_t>(offset + n - far));
    for (; far < offset + n; far++) {
        far_[end++] = far_row(block, *far);
    }
    return static_cast<uint32_t>(first / kWords);
}

// Calls row(tid) for each row that was added by itself and whole_block(block) for each block, in
// order but for rows at high offsets, which come last.
template <typename Row, typename Block>
void TidSet::each(Row row, Block whole_block) const {
    for (size_t chunk = 0; chunk < chunks_.size(); chunk++) {
        for (uint32_t b = 0; b < kChunkBlocks && chunks_[chunk] != 0; b++) {
            const uint32_t entry = entries_[chunks_[chunk] + b];
            const auto block = static_cast<uint32_t>(chunk * kChunkBlocks + b);
            if (entry == kWhole) {
                whole_block(block);
                continue;
            }
            for (size_t w = 0; w < kWords; w++) {
                for (uint64_t bits = words_[entry * kWords + w]; bits != 0; bits &= bits - 1) {
                    const auto offset = static_cast<uint16_t>(w * 64 + std::countr_zero(bits));
                    row(PgsTid{block, offset});
                }
            }
        }
    }
    for (const uint64_t far : far_) {
        row(PgsTid{static_cast<uint32_t>(far >> 16), static_cast<uint16_t>(far)});
    }
}

std::vector<PgsTid> TidSet::to_vector() const {
    std::vector<PgsTid> rows;
    rows.reserve(rows_);
    each([&](PgsTid tid) { rows.push_back(tid); }, [](uint32_t) {});
    return rows;
}

const std::vector<PgsKeyRange> &TidSet::ranges() const {
    if (!ranges_.empty()) {
        return ranges_;
    }
    std::vector<PgsKeyRange> made;
    each(
        [&](PgsTid tid) {
            append(made, {address_key(tid), address_key(tid)});
        },
        [&](uint32_t block) {
            append(made, {address_key({block, 0}), address_key({block, UINT16_MAX})});
        });
    if (!far_.empty()) {
        std::sort(made.begin(), made.end(),
                  [](const PgsKeyRange &a, const PgsKeyRange &b) { return a.first < b.first; });
        std::vector<PgsKeyRange> joined;
        for (const PgsKeyRange &range : made) {
            append(joined, range);
        }
        made.swap(joined);
    }
    ranges_.swap(made);
    return ranges_;
}

bool TidSet::contains_far(PgsTid tid) const noexcept {
    return std::binary_search(far_.begin(), far_.end(), far_row(tid.block, tid.offset));
}

}  // namespace pgslab
