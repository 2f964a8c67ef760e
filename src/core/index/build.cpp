#include "index/build.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "format/meta.h"
#include "quantize/fastscan.h"

namespace pgslab {

namespace {

constexpr uint32_t kMostSlots = 0xFFFFFFFF;

}  // namespace

void PageStream::begin_page() noexcept {
    format_page(page_, next_.kind, next_.part, next_.generation, next_.sequence);
    begun_ = true;
}

void PageStream::append(const void *bytes, size_t n) {
    const auto *from = static_cast<const uint8_t *>(bytes);
    while (n > 0) {
        if (room() == 0) {
            end();
            begin_page();
        }
        const size_t here = std::min<size_t>(n, room());
        std::memcpy(page_.payload + used_bytes(page_), from, here);
        page_.server.lower = static_cast<uint16_t>(page_.server.lower + here);
        from += here;
        n -= here;
    }
}

void PageStream::append_whole(const void *bytes, uint32_t n) {
    if (room() < n) {
        end();
    }
    append(bytes, n);
}

void PageStream::end() {
    if (begun_) {
        page_.slab.checksum = page_checksum(page_);
        ready_->push_back({next_.block, page_});
        next_.block++;
        next_.sequence++;
        begun_ = false;
    }
}

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
    const uint32_t padded = codebook.shape().padded;
    codes_.resize(size_t{kBlockRows} * code_bytes(1, padded));
    packed_.resize(size_t{4} * padded);
    directory_.reserve(codebook.lists());
}

// Puts the part and the segment into the manifest as they will be, to learn their pages'
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
    const uint64_t lists = divide_up(rows, kBlockRows) + codebook_.lists();
    const uint64_t list_bytes = lists * block_bytes(codebook_.shape().dims);
    if (rows > kMostSlots ||
        begin + extent + list_bytes / kPayloadBytes + codebook_.lists() > kMaxBlocks) {
        return fail(error, PGS_FULL, PGS_NO_BLOCK, "%llu rows are too many for one relation",
                    static_cast<unsigned long long>(rows));
    }
    const uint32_t refine = begin + record_blocks(rows);
    const uint32_t refines = refine_blocks(rows, shape.refine);
    extent_ = {begin, refine + refines, refines == 0 ? 0 : refine, static_cast<uint32_t>(rows)};

    Page plan = meta_page_;
    add_sealed_part(plan, extent_);
    if (codebook_.lists() > 0) {
        add_segment(plan, 0, 0);
    }
    const Meta &meta = meta_of(plan);
    each_extent(meta, [&](const ExtentPlace &place) {
        tables_.push_back({{record_identity(place, 0), ready_},
                           {refine_identity(place, 0), ready_},
                           {slab_identity(place, 0), ready_},
                           {directory_identity(meta.segment[0], 0), ready_},
                           {list_identity(meta.segment[0], 0), ready_}});
        return true;
    });
    *blocks = meta.end_block;
    return PGS_OK;
}

PgsStatus Build::add_row(const uint8_t *row, uint32_t list, PgsError *error) {
    const Meta &meta = meta_of(meta_page_);
    if (rows_ == expected_ || list < directory_.size() - (directory_.empty() ? 0 : 1) ||
        list >= std::max(codebook_.lists(), 1u)) {
        return fail(error, PGS_CORRUPT, PGS_NO_BLOCK, "row %llu of %llu is out of order, list %u",
                    static_cast<unsigned long long>(rows_),
                    static_cast<unsigned long long>(expected_), list);
    }
    Tables &tables = tables_.front();
    tables.records.append_whole(row, sizeof(Record));
    tables.slab.append(row + layout_.item, item_bytes(meta));
    const SlotShape shape = slot_shape(meta);
    if (shape.refine != 0) {
        tables.refine.append_whole(row + layout_.refine, shape.refine);
    }
    if (codebook_.lists() > 0) {
        while (directory_.size() <= list) {
            end_block();
            directory_.push_back({blocks_, 0});
        }
        add_code(row, make_address(meta.next_id, rows_));
    }
    rows_++;
    return PGS_OK;
}

void Build::add_code(const uint8_t *row, uint64_t address) {
    if (in_block_ == kBlockRows) {
        end_block();
    }
    const uint32_t code = code_bytes(1, codebook_.shape().padded);
    std::memcpy(codes_.data() + size_t{in_block_} * code, row + layout_.code, code);
    ScanFactors factors;
    std::memcpy(&factors, row + layout_.code_factors, sizeof factors);
    tail_.add[in_block_] = factors.add;
    tail_.rescale[in_block_] = factors.rescale;
    tail_.error[in_block_] = factors.error;
    tail_.address[in_block_] = address;
    in_block_++;
    directory_.back().rows++;
}

// Writes the block that has rows.
void Build::end_block() {
    if (in_block_ == 0) {
        return;
    }
    const uint32_t padded = codebook_.shape().padded;
    const uint8_t *rows[kBlockRows] = {};
    for (uint32_t i = 0; i < in_block_; i++) {
        rows[i] = codes_.data() + size_t{i} * code_bytes(1, padded);
    }
    pack_block(rows, padded, packed_.data());
    PageStream &lists = tables_.front().lists;
    lists.append(packed_.data(), packed_.size());
    lists.append(&tail_, sizeof tail_);
    tail_ = {};
    in_block_ = 0;
    blocks_++;
}

PgsStatus Build::end_rows(PgsError *error) {
    if (rows_ != expected_) {
        return fail(error, PGS_CORRUPT, PGS_NO_BLOCK, "%llu rows came instead of %llu",
                    static_cast<unsigned long long>(rows_),
                    static_cast<unsigned long long>(expected_));
    }
    if (rows_ == 0) {
        return PGS_OK;
    }
    Tables &tables = tables_.front();
    if (codebook_.lists() > 0) {
        end_block();
        directory_.resize(codebook_.lists(), {blocks_, 0});
        tables.directory.append(directory_.data(), directory_.size() * sizeof(ListRun));
    }
    for (PageStream *table :
         {&tables.records, &tables.refine, &tables.slab, &tables.directory, &tables.lists}) {
        table->end();
    }
    add_sealed_part(meta_page_, extent_);
    if (codebook_.lists() > 0) {
        add_segment(meta_page_, tables.lists.pages(), rows_);
    }
    return PGS_OK;
}

const Page *Build::next_page(uint32_t *block) {
    if (ready_.empty()) {
        return nullptr;
    }
    handed_out_ = ready_.front().page;
    *block = ready_.front().block;
    ready_.pop_front();
    return &handed_out_;
}

}  // namespace pgslab
