// Documents in memory, which are to become a segment: what a load and a flush have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "inverted/bound.h"
#include "inverted/format.h"
#include "inverted/inverter.h"
#include "store/output.h"

namespace pgslab::inverted {

// A batch is written in one go, so it is kept small enough for that to take about a second.
constexpr size_t kMostBatchBytes = size_t{64} << 20;

// Documents by number, with all that a segment has of them.
class DocumentBatch {
  public:
    explicit DocumentBatch(const Inverted &index)
        : index_(index), key_bytes_(key_bytes(index.keys)), inverter_(index.weights) {}

    // A number above those before. May throw std::bad_alloc.
    void add(uint32_t number, const DocumentMeasure &measure, const uint8_t *keys,
             const PgsTerm *terms, uint32_t count);

    size_t documents() const noexcept { return numbers_.size(); }
    uint32_t numbers() const noexcept { return numbers_.empty() ? 0 : numbers_.back() + 1; }
    const uint8_t *keys(size_t i) const noexcept { return keys_.data() + i * key_bytes_; }
    const DocumentMeasure &measure(size_t i) const noexcept { return measures_[i]; }
    size_t memory() const noexcept;

    // Hands all of it to a writer whose ranges were added.
    void write(SegmentWriter &writer) const;

    // Blocks of the segment that it makes.
    SegmentSize size() const;

    void clear() noexcept;

  private:
    Inverted index_;
    uint32_t key_bytes_;
    std::vector<uint32_t> numbers_;
    std::vector<DocumentMeasure> measures_;
    std::vector<uint8_t> keys_;
    Inverter inverter_;
};

}  // namespace pgslab::inverted
