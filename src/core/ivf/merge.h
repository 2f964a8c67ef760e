// Merges segments into one, without their dead rows, and writes parts anew in the order of its
// lists.
//
// The rows of a part that is written anew come out of all segments in the order of their lists;
// each is copied from the old part and gets the next slot of the new one. So that needs no sorting,
// and reads the old part from front to back where it was in that order before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ivf/output.h"
#include "ivf/segment_reader.h"
#include "store/row_fetch.h"
#include "store/sets.h"
#include "store/slots.h"
#include "store/task.h"
#include "store/walker.h"

namespace pgslab {

class Merge final : public Task, private RowSink {
  public:
    // Parts may be given only together with all segments, and every slot of theirs must be in a
    // segment. May throw std::bad_alloc.
    Merge(const Page &meta, PgsSegments segments, PgsParts parts);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    void reserved(const Reservation &reserved) override;
    const Replacement &made() const noexcept override { return made_; }
    PgsTaskWork work() const noexcept override;

  private:
    enum class Phase { kRecords, kReserve, kRows, kEnd };
    enum class Reading { kNothing, kRecords, kSegment, kRow };

    void piece(const Row &, uint32_t, const uint8_t *, uint32_t) override {}
    void row(const Row &row) override;
    using Task::row;
    void ask(Reading reading, uint32_t block, PgsRequest &request) noexcept;
    PgsStatus next_of_rows(PgsRequest &request, PgsError *error);
    PgsStatus take_row(SegmentReader &reader, PgsError *error);
    PgsStatus take_page_of_row(const Page &page, PgsError *error);
    void end_row();
    bool is_rewritten(uint32_t part_number) const noexcept { return has(parts_, part_number); }
    void plan();
    PgsStatus end(PgsError *error);

    Page meta_;
    PgsSegments segments_;
    PgsParts parts_;
    uint32_t key_bytes_;
    Phase phase_ = Phase::kRecords;
    Reading reading_ = Reading::kNothing;  // what the page is of that was asked for
    Walker walker_;
    std::vector<std::vector<bool>> dead_;   // by part and slot; empty where no row of the part is
    std::vector<uint64_t> live_;            // rows, by part, of those that were looked at
    std::vector<std::vector<bool>> named_;  // of a part that is written anew: rows that came
    uint64_t rewritten_ = 0;                // rows of all those parts
    uint64_t most_codes_ = 0;
    Slots slots_;
    std::vector<SegmentReader> readers_;
    SegmentReader *wanting_ = nullptr;  // a page
    SegmentReader *copying_ = nullptr;  // its row
    RowFetch fetch_;
    std::optional<VectorOutput> output_;
    uint64_t rows_ = 0;  // read
    Replacement made_ = {};
};

}  // namespace pgslab
