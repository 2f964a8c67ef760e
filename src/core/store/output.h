// What maintenance writes to reserved runs: a dictionary, sealed parts and a segment, those of them
// that are wanted, each to a run of its own, so that it can take the place of what another left.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "pgslab/machine.h"
#include "store/manifest.h"
#include "store/meta.h"
#include "store/page_stream.h"
#include "store/parts_writer.h"

namespace pgslab {

// A dictionary to be written: its bytes fill its pages one after the other.
struct NewDictionary {
    uint64_t identity;
    std::vector<uint8_t> bytes;
};

// A segment to be written: blocks of its first table, and of all of it at most; none if that is 0.
struct SegmentSize {
    uint32_t first_blocks;
    uint64_t most_blocks;
};
constexpr SegmentSize kNoSegment = {0, 0};

class Output {
  public:
    // For the index that meta is of: a new dictionary, or none; parts of that many slots in place
    // of these; and a segment, or none. If there is one, all those slots will be in it. May throw
    // std::bad_alloc, as may the others.
    Output(const Meta &meta, std::optional<NewDictionary> dictionary, PgsParts replaced,
           uint64_t slots, const SegmentSize &segment);

    // PGS_TOO_LARGE when that is more than a relation holds.
    PgsStatus check(PgsError *error) const;

    // Blocks of the run that is to be reserved next, 0 when all were; how few will do; and how many
    // ids it takes: none where it continues a part. A request for that. Then the run.
    uint32_t wanted() const noexcept;
    uint32_t least() const noexcept;
    uint32_t ids_wanted() const noexcept { return left_ > 0 ? 0 : 1; }
    void ask(PgsRequest &request) const noexcept;
    void take(const Reservation &reserved);

    // The next slot; returns its address. row: as row_layout() says.
    uint64_t add_slot(const uint8_t *row);

    // The segment, once all runs were taken: where it is and what it is called. Who knows what
    // segments hold appends its pages to ready(), in any order.
    const Segment &segment() const noexcept { return made_.segment; }
    std::deque<ReadyPage> &ready() noexcept { return ready_; }

    // Everything was added: to the segment so many rows, on the first so many of its blocks. One
    // without rows is not kept.
    void end(uint64_t segment_rows, uint32_t segment_blocks);

    uint64_t slots() const noexcept { return slots_; }

    bool has_pages() const noexcept { return !ready_.empty(); }

    // The next finished page, valid until the next call; null when there is none.
    const Page *next_page(uint32_t *block) noexcept;

    // What was written, once it has ended.
    const Replacement &made() const noexcept { return made_; }

  private:
    bool wants_dictionary() const noexcept { return dictionary_ && made_.runs == 0; }
    bool wants_extent() const noexcept { return begun_ < part_slots_.size() || left_ > 0; }
    bool wants_segment() const noexcept { return segment_.most_blocks > 0 && !segment_begun_; }
    uint32_t slots_wanted() const noexcept { return left_ > 0 ? left_ : part_slots_[begun_]; }
    void begin_dictionary(const Reservation &reserved);
    void begin_part(const Reservation &reserved);
    void begin_extent(const Reservation &reserved);
    void begin_rows();

    Meta shape_;                               // of the index; what is not its shape is not used
    std::optional<NewDictionary> dictionary_;  // until it has its run
    std::vector<uint32_t> part_slots_;
    SegmentSize segment_;
    bool segment_begun_ = false;
    size_t begun_ = 0;   // parts
    uint32_t left_ = 0;  // slots of the last of them that have no extent yet
    bool too_large_ = false;
    Replacement made_ = {};
    std::deque<ReadyPage> ready_;
    Page handed_out_;
    std::vector<WrittenPart> written_;
    std::optional<PartsWriter> parts_;
    uint64_t slots_ = 0;
};

}  // namespace pgslab
