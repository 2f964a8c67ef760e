#include "ivf/segment_writer.h"

#include <cstring>

#include "ivf/meta.h"
#include "quantize/code.h"
#include "quantize/fastscan.h"

namespace pgslab {

SegmentWriter::SegmentWriter(const Segment &segment, uint32_t lists, uint32_t padded,
                             std::deque<ReadyPage> &ready)
    : list_count_(lists),
      padded_(padded),
      directory_pages_(directory_page(segment, 0), ready),
      list_pages_(list_page(segment, 0), ready),
      codes_(size_t{kBlockRows} * code_bytes(1, padded)),
      packed_(size_t{4} * padded) {
    directory_.reserve(lists);
}

void SegmentWriter::add(uint32_t list, uint64_t address, const uint8_t *code,
                        const ScanFactors &factors) {
    while (directory_.size() <= list) {
        directory_.push_back({rows_, 0});
    }
    const uint32_t lane = rows_ % kBlockRows;
    const uint32_t bytes = code_bytes(1, padded_);
    std::memcpy(codes_.data() + size_t{lane} * bytes, code, bytes);
    tail_.add[lane] = factors.add;
    tail_.rescale[lane] = factors.rescale;
    tail_.error[lane] = factors.error;
    tail_.address[lane] = address;
    directory_.back().rows++;
    rows_++;
    if (lane + 1 == kBlockRows) {
        end_block();
    }
}

void SegmentWriter::end_block() {
    const uint8_t *rows[kBlockRows] = {};
    const uint32_t lanes = (rows_ - 1) % kBlockRows + 1;
    for (uint32_t i = 0; i < lanes; i++) {
        rows[i] = codes_.data() + size_t{i} * code_bytes(1, padded_);
    }
    pack_block(rows, padded_, packed_.data());
    list_pages_.append(packed_.data(), packed_.size());
    list_pages_.append(&tail_, sizeof tail_);
    tail_ = {};
}

void SegmentWriter::end() {
    if (rows_ % kBlockRows != 0) {
        end_block();
    }
    directory_.resize(list_count_, {rows_, 0});
    directory_pages_.append(directory_.data(), directory_.size() * sizeof(ListRun));
    directory_pages_.end();
    list_pages_.end();
}

}  // namespace pgslab
