// A row as all of its tables store it, in one piece of memory: what a build sorts and an insert
// writes.
#pragma once

#include <cstdint>
#include <vector>

#include "format/format.h"
#include "index/codebook.h"
#include "quantize/code_query.h"

namespace pgslab {

// Where things are in an encoded row, in bytes: the record at 0, then these.
struct RowLayout {
    uint32_t item;    // the stored vector
    uint32_t refine;  // code and RefineTail
    uint32_t bytes;   // of the row, a multiple of 8
};

RowLayout row_layout(const Shape &shape) noexcept;

class Encoder {
  public:
    // The codebook must outlive it. May throw std::bad_alloc, as may encode_row().
    explicit Encoder(const Codebook &codebook);

    // See pgs_encode_row().
    bool encode_row(const float *vector, PgsTid tid, uint8_t *row, uint32_t *list);

    // See pgs_encode_stored().
    void encode_stored(const Record &record, const uint8_t *item, uint8_t *row, uint32_t *list);

  private:
    void encode_item(uint8_t *row, uint32_t *list);
    void encode_codes(uint8_t *row, uint32_t list);

    const Codebook &codebook_;
    RowLayout layout_;
    std::vector<float> vector_;    // as it is stored
    std::vector<float> rotated_;   // in code space
    std::vector<float> centroid_;  // of its list
    std::vector<float> estimate_;
    std::vector<uint8_t> code_;  // of one bit
    CodeQuery query_;
};

}  // namespace pgslab
