#include "ivf/output.h"

#include "ivf/format.h"

namespace pgslab {

namespace {

constexpr uint64_t kMostRows = 0xFFFFFFFF;  // of a segment

uint32_t lists_of(const Meta &meta, const Codebook *codebook) noexcept {
    return codebook != nullptr ? codebook->lists() : vectors_of(meta).lists;
}

std::optional<NewDictionary> dictionary_of(const Codebook *codebook) {
    return codebook != nullptr
               ? std::optional<NewDictionary>({codebook->identity(), codebook->stripe()})
               : std::nullopt;
}

SegmentSize segment_size(uint32_t dims, uint32_t lists, uint64_t codes) noexcept {
    if (codes == 0) {
        return kNoSegment;
    }
    const uint32_t directory = directory_blocks(lists);
    return {directory,
            codes > kMostRows ? UINT64_MAX : directory + uint64_t{list_blocks(dims, codes)}};
}

}  // namespace

VectorOutput::VectorOutput(const Meta &meta, const Codebook *codebook, PgsParts replaced,
                           uint64_t slots, uint64_t codes)
    : Output(meta, dictionary_of(codebook), replaced, slots,
             segment_size(vectors_of(meta).dims, lists_of(meta, codebook), codes)),
      lists_(lists_of(meta, codebook)),
      dims_(vectors_of(meta).dims) {}

void VectorOutput::add_code(uint32_t list, uint64_t address, const uint8_t *code,
                            const ScanFactors &factors) {
    if (!writer_) {
        writer_.emplace(segment(), lists_, padded_dims(dims_), ready());
    }
    writer_->add(list, address, code, factors);
}

void VectorOutput::end() {
    if (!writer_) {
        Output::end(0, 0);
        return;
    }
    Output::end(writer_->rows(), segment().first_blocks + list_blocks(dims_, writer_->rows()));
    writer_->end();
}

}  // namespace pgslab
