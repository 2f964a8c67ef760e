// Turns documents into postings: what is added by document comes out by term. In memory, of which
// it says how much it takes.
//
// A term's postings are encoded: the gap to the number before and the weight. They lie in pieces of
// memory that are chained, each larger than the one before, so that a term that one document has
// takes little and one that all have is read in long runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "inverted/dictionary.h"
#include "inverted/format.h"
#include "inverted/posting_block.h"
#include "inverted/segment_writer.h"
#include "pgslab/inverted.h"

namespace pgslab::inverted {

// Memory that is handed out and not taken back before all of it is.
class Arena {
  public:
    static constexpr uint32_t kUnit = 16;
    static constexpr uint32_t kChunk = 1 << 16;

    // A place for so many bytes, at most a chunk: in units of kUnit. May throw std::bad_alloc, as
    // it does beyond 2^32 units.
    uint32_t allocate(uint32_t bytes);
    uint8_t *at(uint32_t place) const noexcept {
        return chunks_[place / kUnits].get() + size_t{place % kUnits} * kUnit;
    }

    size_t memory() const noexcept {
        return chunks_.size() * size_t{kChunk} + chunks_.capacity() * sizeof chunks_[0];
    }
    void clear() noexcept;

  private:
    static constexpr uint32_t kUnits = kChunk / kUnit;

    std::vector<std::unique_ptr<uint8_t[]>> chunks_;
    uint32_t used_ = kUnits;  // units of the last one
};

class Inverter {
  public:
    explicit Inverter(Weights weights);

    // The terms of a document, whose number is above those before. May throw std::bad_alloc, and
    // then it is only good for clear(); write() may throw it, too.
    void add(uint32_t number, const PgsTerm *terms, uint32_t count);

    // Bytes of memory that it takes, with what write() takes besides.
    size_t memory() const noexcept;
    uint64_t postings() const noexcept { return postings_; }

    // Hands all terms, in their order, to the writer: as often as it is asked to.
    void write(SegmentWriter &writer) const;

    // Forgets all, and keeps no memory.
    void clear() noexcept;

  private:
    // A term and its chain. Each piece begins with the place of the next one.
    struct alignas(32) Chain {
        uint32_t term;    // where its bytes are
        uint32_t first;   // piece
        uint32_t last;    // piece, which is being filled:
        uint16_t filled;  // bytes of it
        uint16_t room;
        uint32_t number;  // of its last posting
        uint32_t postings;
        uint16_t length;  // of the term
    };
    struct Slot {
        uint32_t hash;
        uint32_t chain;  // and 1; 0: none
    };
    // For sorting: terms of which these 8 bytes differ need not be looked at.
    struct Order {
        uint64_t prefix;
        uint32_t chain;
    };
    class ChainReader;

    Bytes term_of(const Chain &chain) const noexcept {
        return {arena_.at(chain.term), chain.length};
    }
    uint32_t find_or_add(uint32_t hash, Bytes term);
    uint32_t add_chain(Bytes term);
    void grow();
    void append(Chain &chain, uint32_t number, float weight);
    void begin_piece(Chain &chain);
    std::vector<Order> in_order() const;

    Weights weights_;
    Arena arena_;
    std::vector<Chain> chains_;
    std::vector<Slot> slots_;  // by hash; a power of two
    uint64_t postings_ = 0;
};

}  // namespace pgslab::inverted
