// The postings of a term in a segment: of few blocks, which are kept, or of many, of which some
// are read for a window of numbers after the other.
#pragma once

#include <cstdint>
#include <vector>

#include "inverted/format.h"
#include "inverted/posting_block.h"
#include "inverted/segment_layout.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

// Numbers from `begin` to `end` - 1.
struct Window {
    uint32_t begin = 0;
    uint32_t end = 0;
};

// Some postings, in order.
struct Run {
    const uint32_t *numbers;
    const float *weights;
    uint32_t count;
};

// The part of them that lies in a window.
Run within(const Run &run, const Window &window) noexcept;

// All postings of a term.
struct KeptPostings {
    std::vector<uint32_t> numbers;
    std::vector<float> weights;
    float most = 0;  // of f
    float least = 0;
    uint32_t at = 0;  // the first that is not before the window

    bool is_empty() const noexcept { return numbers.empty(); }
    Run run() const noexcept {
        return {numbers.data(), weights.data(), static_cast<uint32_t>(numbers.size())};
    }

    // May throw std::bad_alloc, as may gather().
    void append(const Postings &postings);

    // Brings what was appended of several terms in order; weights of one number are added.
    void gather();

    // Whether there are any in a window, none of which begins before an earlier one.
    bool reaches(const Window &window) noexcept;
};

// Adds up the weights of equal numbers of several runs: out is in order then. May throw
// std::bad_alloc.
void merge_runs(const std::vector<Run> &runs, std::vector<uint32_t> &numbers,
                std::vector<float> &weights);

// What a list's blocks in a window say of its postings there.
struct BlockBounds {
    uint8_t most = 0;
    uint8_t least = 0;
    bool any = false;
};

class PostingList {
  public:
    static constexpr uint32_t kNone = UINT32_MAX;

    PostingList(uint32_t term, const TermEntry &entry, const SegmentHeader &header)
        : term_(term),
          entry_(entry),
          page_(entry.page),
          offset_(entry.offset),
          numbers_(header.numbers),
          stream_(header.stream) {}

    uint32_t term() const noexcept { return term_; }
    const TermEntry &entry() const noexcept { return entry_; }

    // ---- its block entries

    // Whether the next page of entries has to be read for a window; and that page, counted over
    // the segment.
    bool wants_entries(const Window &window) const noexcept {
        return next_ < entry_.blocks && (entries_.empty() || entries_.back().last + 1 < window.end);
    }
    uint32_t entries_page() const noexcept { return page_; }
    PgsStatus take_entries(const Page &page, uint32_t block, PgsError *error);

    // Of a list whose entries were all read and none passed.
    uint32_t loaded() const noexcept { return static_cast<uint32_t>(entries_.size()); }
    const BlockEntry &loaded(uint32_t i) const noexcept { return entries_[i]; }

    // From here on only numbers from this one on are of interest.
    void advance(uint32_t number) noexcept;

    // A number that none from `from` on is below; the segment's numbers if there is none.
    uint32_t next_number(uint32_t from) const noexcept;

    // Of the window that was advanced to.
    BlockBounds bounds(const Window &window) const noexcept;

    // Calls what(block, entry, numbers it may have of the window) for each block that may have
    // any.
    template <typename What>
    void each_block(const Window &window, What what) const {
        for (uint32_t i = at_; i < entries_.size(); i++) {
            const uint32_t first = first_of(i);
            if (first >= window.end) {
                return;
            }
            what(first_ + i, entries_[i],
                 Window{first > window.begin ? first : window.begin,
                        entries_[i].last < window.end ? entries_[i].last + 1 : window.end});
        }
    }

    // ---- its blocks

    // Blocks that are there; of earlier windows only the one that reaches into this one is kept.
    void begin_window() noexcept;
    bool has(uint32_t block) const noexcept;
    PgsStatus decode(Weights weights, uint32_t block, const Page &page, uint32_t page_block,
                     PgsError *error);
    const Postings &last_decoded() const noexcept { return blocks_[decoded_ - 1].postings; }

    // Those there, in order. May throw std::bad_alloc.
    void add_runs(const Window &window, std::vector<Run> &runs) const;

  private:
    struct Decoded {
        uint32_t block;  // its number
        Postings postings;
    };

    uint32_t first_of(uint32_t i) const noexcept {
        return i == 0 ? after_ : entries_[i - 1].last + 1;
    }

    uint32_t term_;
    TermEntry entry_;
    uint32_t page_;  // of the next entries
    uint32_t offset_;
    uint32_t numbers_;
    TablePages stream_;
    uint32_t next_ = 0;  // entry to be read
    std::vector<BlockEntry> entries_;
    uint32_t first_ = 0;  // number of the first of these
    uint32_t at_ = 0;     // of these, the first that is not before the window
    uint32_t after_ = 0;  // number that none of them is below
    std::vector<Decoded> blocks_;
    uint32_t decoded_ = 0;  // of these
};

// Reads a block at its place.
PgsStatus decode_at(Weights weights, const Page &page, uint32_t offset, uint32_t page_block,
                    Postings &postings, PgsError *error) noexcept;

}  // namespace pgslab::inverted
