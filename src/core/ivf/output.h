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

    // The next code, of a list not before the last one's: see SegmentWriter.
    void add_code(uint32_t list, uint64_t address, const uint8_t *code, const ScanFactors &factors);
    uint32_t list() const noexcept { return writer_ ? writer_->list() : 0; }

    // Everything was added.
    void end();

  private:
    uint32_t lists_;
    uint32_t dims_;
    std::optional<SegmentWriter> writer_;  // once there is a code
};

}  // namespace pgslab
