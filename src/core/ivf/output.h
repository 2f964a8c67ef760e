// What maintenance of an index of vectors writes: a codebook, parts, and a segment of codes.
#pragma once

#include <cstdint>
#include <optional>

#include "ivf/codebook.h"
#include "ivf/segment_writer.h"
#include "store/output.h"

namespace pgslab {

class VectorOutput final : public Output {
  public:
    // For the index that meta is of: a new codebook, or null; that many slots in place of these
    // parts; and, at most, codes. May throw std::bad_alloc, as may the others.
    VectorOutput(const Meta &meta, const Codebook *codebook, PgsParts replaced, uint64_t slots,
                 uint64_t codes);

    // The next row of the segment, of a list not before the last one's: see SegmentWriter.
    void add_row(const SegmentRow &row);
    uint32_t list() const noexcept { return writer_ ? writer_->list() : 0; }

    // Everything was added.
    void end();

  private:
    SegmentShape shape_;
    std::optional<SegmentWriter> writer_;  // once there is a row
};

}  // namespace pgslab
