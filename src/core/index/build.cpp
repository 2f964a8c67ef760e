#include "index/build.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "format/layout.h"
#include "format/meta.h"
#include "quantize/code.h"

namespace pgslab {

namespace {

constexpr uint32_t kMostSlots = 0xFFFFFFFF;

}  // namespace

Build::Build(const PgsOptions &options, const Codebook &codebook)
    : codebook_(codebook), layout_(row_layout(codebook.shape())) {
    init_meta(meta_page_, options);
    if (codebook.lists() == 0) {
        return;
    }
    set_codebook(meta_page_, codebook.lists(), codebook.identity());
    const std::vector<uint8_t> stripe = codebook.stripe();
    PageStream pages(codebook_identity(meta_of(meta_page_), 0), ready_);
    pages.append(stripe.data(), stripe.size());
    pages.end();
    code_.resize(code_bytes(1, codebook.shape().padded));
}

// Puts the parts and the segment into the manifest as they will be, to learn their pages'
// identities; the metapage gets them when all rows were added.
PgsStatus Build::begin_rows(uint64_t rows, uint32_t *blocks, PgsError *error) {
    expected_ = rows;
    const uint32_t begin = meta_of(meta_page_).end_block;
    *blocks = begin;
    if (rows == 0) {
        return PGS_OK;
    }
    const SlotShape shape = slot_shape(meta_of(meta_page_));
    const uint64_t extent = rows > kMostSlots ? kMaxBlocks : extent_blocks(rows, shape);
    const uint64_t codes = divide_up(rows, kBlockRows) * block_bytes(codebook_.shape().dims);
    if (rows > kMostSlots ||
        begin + extent + codes / kPayloadBytes + codebook_.lists() > kMaxBlocks) {
        return fail(error, PGS_TOO_LARGE, PGS_NO_BLOCK, "%llu rows are too many",
                    static_cast<unsigned long long>(rows));
    }
    Page plan = meta_page_;
    const Meta &meta = meta_of(plan);
    std::vector<Piece> pieces;
    for (uint32_t slots : divide_slots(rows, slots_of_piece(rows, shape))) {
        pieces.push_back(make_piece(meta, meta.next_id, meta.generation));
        add_extent(meta, slots, meta.end_block, pieces.back());
        add_sealed_part(plan, pieces.back().extents.front());
    }
    parts_.emplace(std::move(pieces), shape, ready_);
    if (codebook_.lists() > 0) {
        add_segment(plan, rows);
        segment_.emplace(meta.segment[0], codebook_.lists(), codebook_.shape().padded, ready_);
    }
    *blocks = meta.end_block;
    return PGS_OK;
}

PgsStatus Build::add_row(const uint8_t *row, uint32_t list, PgsError *error) {
    if (rows_ == expected_ || (segment_ && list < segment_->list()) ||
        list >= std::max(codebook_.lists(), 1u)) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "row %llu of %llu is out of order, list %u",
                    static_cast<unsigned long long>(rows_),
                    static_cast<unsigned long long>(expected_), list);
    }
    const uint8_t *refine = row + layout_.refine;
    const uint64_t address = parts_->add(row, row + layout_.item, refine);
    if (segment_) {
        const Shape &shape = codebook_.shape();
        const RefineTail tail = tail_of(refine, shape.refine_bits, shape.padded);
        sign_code(shape.refine_bits, refine, shape.padded, code_.data());
        segment_->add(list, address, code_.data(), tail.scan);
        spread_ += spread_of(tail);
    }
    rows_++;
    return PGS_OK;
}

PgsStatus Build::end_rows(PgsError *error) {
    if (rows_ != expected_) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "%llu rows came instead of %llu",
                    static_cast<unsigned long long>(rows_),
                    static_cast<unsigned long long>(expected_));
    }
    if (rows_ == 0) {
        return PGS_OK;
    }
    parts_->end();
    for (const Piece &piece : parts_->pieces()) {
        add_sealed_part(meta_page_, piece.extents.front());
    }
    if (segment_) {
        segment_->end();
        add_segment(meta_page_, rows_);
        set_spread(meta_page_, {spread_, rows_});
    }
    return PGS_OK;
}

const Page *Build::next_page(uint32_t *block) noexcept {
    if (ready_.empty()) {
        return nullptr;
    }
    handed_out_ = ready_.front().page;
    *block = ready_.front().block;
    ready_.pop_front();
    return &handed_out_;
}

}  // namespace pgslab
