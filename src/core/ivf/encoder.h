// Encodes rows: what their tables store, in one piece of memory (store/row.h).
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/codebook.h"
#include "ivf/format.h"
#include "quantize/code_query.h"
#include "store/row.h"

namespace pgslab {

class Encoder {
  public:
    // The codebook must outlive it. May throw std::bad_alloc, as may encode_row().
    explicit Encoder(const Codebook &codebook);

    // See pgs_encode_row().
    bool encode_row(const float *vector, const uint64_t *keys, PgsTid tid, uint8_t *row,
                    uint32_t *list);

    // See pgs_encode_stored(). record: with what is behind it.
    void encode_stored(const uint8_t *record, const uint8_t *item, uint8_t *row, uint32_t *list);

  private:
    void encode_item(uint8_t *row, uint32_t *list);
    void encode_codes(uint8_t *row, uint32_t list);

    const Codebook &codebook_;
    PgsKeyColumns keys_;
    uint32_t item_;  // where a row has its vector, and its refinement code
    uint32_t refine_;
    std::vector<float> vector_;    // as it is stored, without the offset
    std::vector<float> rotated_;   // in code space
    std::vector<float> centroid_;  // of its list
    std::vector<float> estimate_;
    CodeQuery query_;
};

}  // namespace pgslab
