#include "ivf/output.h"

#include "ivf/format.h"

namespace pgslab {

namespace {

SegmentShape shape_with(const Meta &meta, const Codebook *codebook) noexcept {
    SegmentShape shape = segment_shape(vectors_of(meta));
    shape.lists = codebook != nullptr ? codebook->lists() : shape.lists;
    return shape;
}

std::optional<NewDictionary> dictionary_of(const Codebook *codebook) {
    return codebook != nullptr
               ? std::optional<NewDictionary>({codebook->identity(), codebook->stripe()})
               : std::nullopt;
}

SegmentSize segment_size(const SegmentShape &shape, uint64_t rows) noexcept {
    if (rows == 0) {
        return kNoSegment;
    }
    return {directory_blocks(shape.lists),
            rows > kMostSegmentRows ? UINT64_MAX : SegmentLayout(shape).blocks(rows)};
}

}  // namespace

VectorOutput::VectorOutput(const Meta &meta, const Codebook *codebook, PgsParts replaced,
                           uint64_t slots, uint64_t codes)
    : Output(meta, dictionary_of(codebook), replaced, slots,
             segment_size(shape_with(meta, codebook), codes)),
      shape_(shape_with(meta, codebook)) {}

void VectorOutput::add_row(const SegmentRow &row) {
    if (!writer_) {
        writer_.emplace(segment(), shape_, ready());
    }
    writer_->add(row);
}

void VectorOutput::end() {
    if (!writer_) {
        Output::end(0, 0);
        return;
    }
    const uint64_t rows = writer_->rows();
    Output::end(rows, writer_->end());
}

}  // namespace pgslab
