#include "filter/tid_set.h"

#include <bit>

#include "base/error.h"

namespace pgslab {

void TidSet::clear() noexcept {
    chunks_.clear();
    first_word_.clear();
    words_.clear();
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
    if (first_word_.empty()) {
        first_word_.push_back(0);
    }
    const size_t blocks = first_word_.size() - 1;
    if (const size_t chunk = block / kChunkBlocks; chunk >= chunks_.size()) {
        chunks_.resize(chunk + 1, {0, blocks});
    }
    // What an addition has left that ran out of memory goes.
    const size_t first = first_word_.back();
    words_.resize(first);
    words_.resize(first + (n == 0 ? 0 : offset[n - 1] / 64 + 1));
    for (uint32_t i = 0; i < n; i++) {
        words_[first + offset[i] / 64] |= uint64_t{1} << offset[i] % 64;
    }
    first_word_.push_back(words_.size());
    chunks_.back().present |= uint64_t{1} << block % kChunkBlocks;
    last_block_ = block;
    rows_ += n;
    whole_blocks_ += n == 0 ? 1 : 0;
    return PGS_OK;
}

size_t TidSet::blocks_before(const Chunk &chunk, uint64_t bit) noexcept {
    return chunk.before + static_cast<size_t>(std::popcount(chunk.present & (bit - 1)));
}

bool TidSet::contains(size_t block, uint16_t offset) const noexcept {
    const size_t first = first_word_[block];
    const size_t words = first_word_[block + 1] - first;
    return words == 0 || (offset / 64 < words && (words_[first + offset / 64] >> offset % 64 & 1));
}

}  // namespace pgslab
