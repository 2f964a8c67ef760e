// Rows of the table, by their addresses there. Whether a row is among them is told without a
// search: a bit for each block says whether the set has any of it, and how many blocks come before
// says where its rows stand, a bit for each offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pgslab/index.h"
#include "pgslab/status.h"
#include "pgslab/tid_set.h"

namespace pgslab {

class TidSet {
  public:
    void clear() noexcept;

    // See pgs_tid_set_add(). May throw std::bad_alloc.
    PgsStatus add(uint32_t block, const uint16_t *offset, uint32_t n, PgsError *error);

    bool contains(PgsTid tid) const noexcept {
        const size_t chunk = tid.block / kChunkBlocks;
        const uint64_t bit = uint64_t{1} << tid.block % kChunkBlocks;
        return chunk < chunks_.size() && (chunks_[chunk].present & bit) != 0 &&
               contains(blocks_before(chunks_[chunk], bit), tid.offset);
    }

    // Rows added one by one, and blocks added whole.
    uint64_t rows() const noexcept { return rows_; }
    uint64_t whole_blocks() const noexcept { return whole_blocks_; }

  private:
    static constexpr uint32_t kChunkBlocks = 64;
    struct Chunk {
        uint64_t present;  // a bit for each block
        size_t before;     // blocks of the set in earlier chunks
    };

    static size_t blocks_before(const Chunk &chunk, uint64_t bit) noexcept;
    bool contains(size_t block, uint16_t offset) const noexcept;

    std::vector<Chunk> chunks_;
    std::vector<size_t> first_word_;  // of each block of the set; one more, which ends the last
    std::vector<uint64_t> words_;     // a bit for each offset; none of a whole block
    int64_t last_block_ = -1;
    uint64_t rows_ = 0;
    uint64_t whole_blocks_ = 0;
};

}  // namespace pgslab

struct PgsTidSet {
    pgslab::TidSet set;
};
