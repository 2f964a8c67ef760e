// Rows of the table, by their addresses there. Whether a row is among them is told without a search
// and, for nearly all addresses, without a branch, since whoever asks does so of every row of an
// index: a bit for each offset of each block that the set has any of, and one entry each for blocks
// of which it has none or all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "filter/keys.h"
#include "pgslab/index.h"
#include "pgslab/status.h"
#include "pgslab/tid_set.h"

namespace pgslab {

class TidSet {
  public:
    void clear() noexcept;

    // See pgs_tid_set_add(). May throw std::bad_alloc, and has added nothing then.
    PgsStatus add(uint32_t block, const uint16_t *offset, uint32_t n, PgsError *error);

    bool contains(PgsTid tid) const noexcept {
        const size_t chunk = tid.block / kChunkBlocks;
        if (chunk >= chunks_.size()) {
            return false;
        }
        const uint32_t entry = entries_[chunks_[chunk] + tid.block % kChunkBlocks];
        if (tid.offset >= kNearOffsets) {
            return entry == kWhole || contains_far(tid);
        }
        return (words_[size_t{entry} * kWords + tid.offset / 64] >> tid.offset % 64 & 1) != 0;
    }

    // The rows added one by one. May throw std::bad_alloc, as may ranges().
    std::vector<PgsTid> to_vector() const;

    // What keys all of its rows have in a column of addresses: in order, none touches another. Made
    // when they are asked for, and kept until the set changes.
    const std::vector<PgsKeyRange> &ranges() const;

    // Rows added one by one, and blocks added whole.
    uint64_t rows() const noexcept { return rows_; }
    uint64_t whole_blocks() const noexcept { return whole_blocks_; }

  private:
    static constexpr uint32_t kChunkBlocks = 64;
    static constexpr size_t kWords = 5;  // of an entry, which is enough for a heap's blocks
    static constexpr uint32_t kNearOffsets = kWords * 64;
    static constexpr uint32_t kNone = 0;  // entries of blocks
    static constexpr uint32_t kWhole = 1;

    template <typename Row, typename Block>
    void each(Row row, Block whole_block) const;
    void begin();
    uint32_t add_entry(uint32_t block, const uint16_t *offset, uint32_t n);
    bool contains_far(PgsTid tid) const noexcept;

    std::vector<size_t> chunks_;     // where the entries of so many blocks begin; those of a chunk
                                     // of which nothing is in the set come first
    std::vector<uint32_t> entries_;  // of blocks
    std::vector<uint64_t> words_;    // of entries: a bit for each offset
    std::vector<uint64_t> far_;      // rows at higher offsets, in order
    int64_t last_block_ = -1;
    uint64_t rows_ = 0;
    uint64_t whole_blocks_ = 0;
    mutable std::vector<PgsKeyRange> ranges_;  // empty unless they were made
};

}  // namespace pgslab

struct PgsTidSet {
    pgslab::TidSet set;
};
