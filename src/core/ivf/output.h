// What maintenance writes to reserved runs: a codebook, sealed parts and a segment, those of them
// that are wanted, each to a run of its own, so that it can take the place of what another left.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "ivf/codebook.h"
#include "ivf/meta.h"
#include "ivf/segment_writer.h"
#include "store/manifest.h"
#include "store/page_stream.h"
#include "store/parts_writer.h"

namespace pgslab {

class Output {
  public:
    // For the index that meta is of, and that many slots, in place of these parts, and, at most,
    // codes. codebook: a new one, or null; must outlive it. May throw std::bad_alloc, as may the
    // others.
    Output(const Meta &meta, const Codebook *codebook, PgsParts replaced, uint64_t slots,
           uint64_t codes);

    // PGS_TOO_LARGE when that is more than a relation holds.
    PgsStatus check(PgsError *error) const;

    // Blocks of the run that is to be reserved next, 0 when all were; how few will do; and how many
    // ids it takes: none where it continues a part. Then the run.
    uint32_t wanted() const noexcept;
    uint32_t least() const noexcept;
    uint32_t ids_wanted() const noexcept { return left_ > 0 ? 0 : 1; }
    void take(const Reservation &reserved);

    // The next slot; returns its address. row: as row_layout() says.
    uint64_t add_slot(const uint8_t *row);

    // The next code, of a list not before the last one's: see SegmentWriter.
    void add_code(uint32_t list, uint64_t address, const uint8_t *code, const ScanFactors &factors);
    uint32_t list() const noexcept { return segment_ ? segment_->list() : 0; }

    // Everything was added.
    void end();

    uint64_t slots() const noexcept { return slots_; }

    bool has_pages() const noexcept { return !ready_.empty(); }

    // The next finished page, valid until the next call; null when there is none.
    const Page *next_page(uint32_t *block) noexcept;

    // What was written, once it has ended.
    const Replacement &made() const noexcept { return made_; }

  private:
    bool wants_codebook() const noexcept { return codebook_ != nullptr && made_.runs == 0; }
    bool wants_extent() const noexcept { return begun_ < part_slots_.size() || left_ > 0; }
    bool wants_segment() const noexcept { return most_codes_ > 0 && !segment_; }
    uint32_t slots_wanted() const noexcept { return left_ > 0 ? left_ : part_slots_[begun_]; }
    void begin_codebook(const Reservation &reserved);
    void begin_part(const Reservation &reserved);
    void begin_extent(const Reservation &reserved);
    void begin_rows();
    void begin_segment(const Reservation &reserved);
    uint32_t lists() const noexcept;
    uint32_t dims() const noexcept { return vectors_of(shape_).dims; }

    Meta shape_;  // of the index; what is not its shape is not used
    const Codebook *codebook_;
    std::vector<uint32_t> part_slots_;
    uint64_t most_codes_;
    size_t begun_ = 0;   // parts
    uint32_t left_ = 0;  // slots of the last of them that have no extent yet
    bool too_large_ = false;
    Replacement made_ = {};
    std::deque<ReadyPage> ready_;
    Page handed_out_;
    std::vector<WrittenPart> written_;
    std::optional<PartsWriter> parts_;
    std::optional<SegmentWriter> segment_;
    uint64_t slots_ = 0;
};

}  // namespace pgslab
