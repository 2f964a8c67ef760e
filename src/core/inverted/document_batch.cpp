#include "inverted/document_batch.h"

#include <deque>

#include "inverted/segment_layout.h"

namespace pgslab::inverted {

void DocumentBatch::add(uint32_t number, const DocumentMeasure &measure, const uint8_t *keys,
                        const PgsTerm *terms, uint32_t count) {
    inverter_.add(number, terms, count);
    numbers_.push_back(number);
    measures_.push_back(measure);
    keys_.insert(keys_.end(), keys, keys + key_bytes_);
}

size_t DocumentBatch::memory() const noexcept {
    return inverter_.memory() + numbers_.capacity() * sizeof numbers_[0] +
           measures_.capacity() * sizeof measures_[0] + keys_.capacity();
}

void DocumentBatch::write(SegmentWriter &writer) const {
    for (size_t i = 0; i < numbers_.size(); i++) {
        writer.add_document(numbers_[i], measures_[i], keys(i));
    }
    writer.begin_terms();
    inverter_.write(writer);
}

// By writing it to nowhere. Where its slots are makes no difference to its size.
SegmentSize DocumentBatch::size() const {
    if (numbers_.empty()) {
        return kNoSegment;
    }
    std::deque<ReadyPage> nowhere;
    SegmentWriter writer({}, index_, nowhere);
    writer.add_range(make_address(kFirstWrittenHandle, 0), numbers());
    write(writer);
    return {kHeaderPages, writer.end()};
}

void DocumentBatch::clear() noexcept {
    inverter_.clear();
    std::vector<uint32_t>().swap(numbers_);
    std::vector<DocumentMeasure>().swap(measures_);
    std::vector<uint8_t>().swap(keys_);
}

}  // namespace pgslab::inverted
