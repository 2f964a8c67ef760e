#include "ivf/segment_writer.h"

#include <cstring>

#include "ivf/meta.h"
#include "quantize/code.h"
#include "quantize/fastscan.h"

namespace pgslab {

SegmentWriter::SegmentWriter(const Segment &segment, const SegmentShape &shape,
                             std::deque<ReadyPage> &ready)
    : segment_(segment),
      list_count_(shape.lists),
      padded_(shape.padded),
      layout_(shape),
      ready_(ready),
      code_pages_(page_of_segment(segment, layout_.code_page(0)), ready),
      codes_(size_t{kBlockRows} * code_bytes(1, shape.padded)),
      packed_(size_t{4} * shape.padded) {
    directory_.reserve(shape.lists);
}

void SegmentWriter::add(const SegmentRow &row) {
    if (rows_ > 0 && rows_ % layout_.group_rows() == 0) {
        end_group();
    }
    while (directory_.size() <= row.list) {
        directory_.push_back({static_cast<uint32_t>(rows_), 0});
    }
    const auto lane = static_cast<uint32_t>(rows_ % kBlockRows);
    const uint32_t bytes = code_bytes(1, padded_);
    std::memcpy(codes_.data() + size_t{lane} * bytes, row.code, bytes);
    tail_.add[lane] = row.factors.add;
    tail_.rescale[lane] = row.factors.rescale;
    tail_.error[lane] = row.factors.error;
    tail_.address[lane] = row.address;
    keys_.insert(keys_.end(), row.keys, row.keys + layout_.key_bytes());
    directory_.back().rows++;
    rows_++;
    if (lane + 1 == kBlockRows) {
        end_block();
    }
}

void SegmentWriter::end_block() {
    const uint8_t *rows[kBlockRows] = {};
    const auto lanes = static_cast<uint32_t>((rows_ - 1) % kBlockRows) + 1;
    for (uint32_t i = 0; i < lanes; i++) {
        rows[i] = codes_.data() + size_t{i} * code_bytes(1, padded_);
    }
    pack_block(rows, padded_, packed_.data());
    code_pages_.append(packed_.data(), packed_.size());
    code_pages_.append(&tail_, sizeof tail_);
    tail_ = {};
}

// All rows of a group were added; the next one's follow.
void SegmentWriter::end_group() {
    const auto group = static_cast<uint32_t>((rows_ - 1) / layout_.group_rows());
    code_pages_.end();
    const uint64_t rows = rows_ - group * layout_.group_rows();
    write_keys(group, rows);
    for (uint32_t c = 0; c < layout_.columns().count; c++) {
        write_postings(group, rows, c);
    }
    keys_.clear();
    code_pages_ = PageStream(page_of_segment(segment_, layout_.code_page(group + 1)), ready_);
}

void SegmentWriter::write_keys(uint32_t group, uint64_t rows) {
    const uint32_t bytes = layout_.key_bytes();
    PageStream pages(page_of_segment(segment_, layout_.key_page(group, rows)), ready_);
    for (size_t at = 0; at < keys_.size(); at += bytes) {
        pages.append_whole(keys_.data() + at, bytes);
    }
    pages.end();
}

void SegmentWriter::write_postings(uint32_t group, uint64_t rows, uint32_t column) {
    postings_.begin(layout_.columns().column[column]);
    const uint8_t *at = keys_.data() + key_bytes(layout_.columns(), column);
    for (uint32_t row = 0; row < rows; row++, at += layout_.key_bytes()) {
        postings_.add(row, at);
    }
    const PostingsPlace place = layout_.postings(group, rows, column);
    postings_.write(page_of_segment(segment_, place.fences),
                    page_of_segment(segment_, place.postings), ready_);
}

uint32_t SegmentWriter::end() {
    if (rows_ % kBlockRows != 0) {
        end_block();
    }
    if (rows_ > 0) {
        end_group();
    }
    directory_.resize(list_count_, {static_cast<uint32_t>(rows_), 0});
    PageStream pages(page_of_segment(segment_, 0), ready_);
    pages.append(directory_.data(), directory_.size() * sizeof(ListRun));
    pages.end();
    return static_cast<uint32_t>(layout_.blocks(rows_));
}

}  // namespace pgslab
