// Merges segments into one, and writes parts anew without their dead documents, in which each has
// one slot.
//
// Numbers go on from segment to segment. Those of a part that stays are as far apart as before, and
// its dead documents stay with their postings; a part that is written anew has its documents one
// behind the other, in the order of their numbers. So postings stay in order, and what a term has
// in one segment comes behind what it has in those before.
//
// In memory it has what SegmentReader and SegmentWriter have, 4 bytes for each number, and a bit
// for each slot of parts that are written anew.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inverted/format.h"
#include "inverted/segment_reader.h"
#include "inverted/segment_writer.h"
#include "store/output.h"
#include "store/sets.h"
#include "store/slots.h"
#include "store/task.h"
#include "store/walker.h"

namespace pgslab::inverted {

class Merge final : public Task, private RowSink {
  public:
    // Parts may be given only together with all segments, and every document of theirs must be in
    // a segment. May throw std::bad_alloc.
    Merge(const Page &meta, PgsSegments segments, PgsParts parts);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    void reserved(const Reservation &reserved) override;
    const Replacement &made() const noexcept override { return made_; }
    PgsTaskWork work() const noexcept override;

  private:
    enum class Phase { kCount, kHeaders, kReserve, kDocuments, kTerms, kEnd };

    using Task::row;
    void piece(const Row &, uint32_t, const uint8_t *, uint32_t) override {}
    void row(const Row &row) override;
    bool is_rewritten(const Slot &slot) const noexcept {
        return has(parts_, slot.extent->part_number);
    }

    PgsStatus advance(PgsError *error);
    bool want(const PageIdentity &page) noexcept;
    bool want_headers() noexcept;
    void order_readers();
    void plan();
    PgsStatus add_range(uint64_t address, uint32_t count, PgsError *error);
    void begin_documents();
    PgsStatus next_document(PgsError *error);
    PgsStatus take_records(const Page &page, PgsError *error);
    PgsStatus take_record(const uint8_t *bytes, const Slot &slot, PgsError *error);
    void next_range() noexcept;
    PgsStatus end_documents(PgsError *error);
    bool advance_terms();
    bool choose_term();
    void add_block(const Postings &block, const std::vector<uint32_t> &numbers);
    void end_terms();

    Page meta_;
    PgsSegments segments_;
    PgsParts parts_;
    Slots slots_;
    Phase phase_ = Phase::kCount;
    PageIdentity wanted_ = kNoPage;
    Walker walker_;
    uint64_t live_ = 0;                      // documents of parts that are written anew
    std::vector<std::vector<bool>> copied_;  // by part and slot: those that were
    std::vector<SegmentReader> readers_;
    size_t reader_ = 0;  // in hand
    std::optional<Output> output_;
    std::optional<SegmentWriter> writer_;

    // The document in hand: the i-th of a range of the reader's segment.
    size_t range_ = 0;
    uint32_t within_ = 0;
    std::vector<std::vector<uint32_t>> new_number_;  // by reader and number; or kNoNumber
    uint32_t numbers_ = 0;                           // that were given
    uint64_t documents_ = 0;                         // of them, of parts that are written anew
    uint64_t end_address_ = UINT64_MAX;              // of the range in hand
    uint32_t ranges_ = 0;

    bool in_term_ = false;
    std::vector<bool> has_term_;  // by reader
    Postings kept_ = {};
    Replacement made_ = {};
};

}  // namespace pgslab::inverted
