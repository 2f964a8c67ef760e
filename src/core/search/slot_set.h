// A set of slots, by address: a bitmap that has memory only where slots are.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace pgslab {

class SlotSet {
  public:
    bool empty() const noexcept { return chunks_.empty(); }
    void clear() noexcept { chunks_.clear(); }

    // May throw std::bad_alloc.
    void insert(uint64_t address) {
        std::unique_ptr<Chunk> &chunk = chunks_[address / kChunkSlots];
        if (!chunk) {
            chunk = std::make_unique<Chunk>();
        }
        (*chunk)[address % kChunkSlots / 64] |= bit(address);
    }

    bool contains(uint64_t address) const noexcept {
        const auto found = chunks_.find(address / kChunkSlots);
        return found != chunks_.end() &&
               ((*found->second)[address % kChunkSlots / 64] & bit(address)) != 0;
    }

  private:
    static constexpr uint64_t kChunkSlots = 8192;  // 1 KiB
    using Chunk = std::array<uint64_t, kChunkSlots / 64>;

    static uint64_t bit(uint64_t address) noexcept { return uint64_t{1} << address % 64; }

    std::unordered_map<uint64_t, std::unique_ptr<Chunk>> chunks_;
};

}  // namespace pgslab
