#include "ivf/segment_check.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "ivf/code_check.h"
#include "ivf/format.h"
#include "ivf/meta.h"
#include "ivf/named_slot.h"
#include "quantize/code.h"
#include "quantize/fastscan.h"

namespace pgslab {

namespace {

bool all_zero(const uint8_t *bytes, size_t n) noexcept {
    return std::all_of(bytes, bytes + n, [](uint8_t byte) { return byte == 0; });
}

uint64_t hash_of_posting(const Posting &posting) noexcept {
    const uint64_t hash = (posting.key + 1) * 0x9E3779B97F4A7C15 ^ posting.row;
    return (hash ^ hash >> 29) * 0xBF58476D1CE4E5B9;
}

}  // namespace

SegmentCheck::SegmentCheck(const Meta &meta, ListedSlots &slots)
    : meta_(meta),
      slots_(slots),
      layout_(segment_shape(vectors_of(meta))),
      block_(block_bytes(coded_dims(vectors_of(meta)))),
      code_(code_bytes(1, coded_dims(vectors_of(meta)))) {
    directory_.reserve(vectors_of(meta).lists);
    begin_segment();
}

void SegmentCheck::begin_segment() noexcept {
    page_ = 0;
    directory_.clear();
    rows_ = 0;
    first_row_ = 0;
    filled_ = 0;
    list_ = 0;
}

PageIdentity SegmentCheck::wanted() const noexcept {
    if (number_ == meta_.segments) {
        return kNoPage;
    }
    return page_of_segment(segment(), page_);
}

PgsStatus SegmentCheck::page(const Page &page, PgsError *error) {
    if (PgsStatus status = check_page(page, wanted(), error)) {
        return status;
    }
    const SegmentPage described = layout_.describe(segment(), page_);
    if (used_bytes(page) != described.bytes) {
        return fail(error, PGS_CORRUPT, wanted().block,
                    "the page of the segment uses %u bytes instead of %u", used_bytes(page),
                    described.bytes);
    }
    PgsStatus status = PGS_OK;
    switch (described.table) {
        case SegmentTable::kDirectory:
            status = take_runs(page, error);
            break;
        case SegmentTable::kCodes:
            if (described.number == 0) {
                addresses_.clear();
                keys_ = {};
            }
            status = take_blocks(page, error);
            break;
        case SegmentTable::kKeys:
            status = take_keys(page, described, error);
            break;
        case SegmentTable::kFences:
            take_fences(page, described);
            break;
        case SegmentTable::kPostings:
            status = take_postings(page, described, error);
            break;
    }
    if (status != PGS_OK) {
        return status;
    }
    page_++;
    if (page_ == segment().run.blocks) {
        number_++;
        begin_segment();
    }
    return PGS_OK;
}

PgsStatus SegmentCheck::take_runs(const Page &page, PgsError *error) {
    const uint32_t block = wanted().block;
    for (uint32_t at = 0; at < used_bytes(page); at += sizeof(ListRun)) {
        ListRun run;
        std::memcpy(&run, page.payload + at, sizeof run);
        if (run.first_row != rows_) {
            return fail(error, PGS_CORRUPT, block, "list %zu begins at row %u instead of %llu",
                        directory_.size(), run.first_row, static_cast<unsigned long long>(rows_));
        }
        rows_ += run.rows;
        directory_.push_back(run);
    }
    return directory_.size() == vectors_of(meta_).lists ? end_directory(block, error) : PGS_OK;
}

PgsStatus SegmentCheck::end_directory(uint32_t block, PgsError *error) const {
    if (rows_ != segment().rows) {
        return fail(error, PGS_CORRUPT, block, "the lists have %llu rows, the metapage says %llu",
                    static_cast<unsigned long long>(rows_),
                    static_cast<unsigned long long>(segment().rows));
    }
    return PGS_OK;
}

PgsStatus SegmentCheck::take_blocks(const Page &page, PgsError *error) {
    const uint32_t page_block = wanted().block;
    for (uint32_t at = 0; at < used_bytes(page);) {
        const auto n =
            static_cast<uint32_t>(std::min<size_t>(block_.size() - filled_, used_bytes(page) - at));
        std::memcpy(block_.data() + filled_, page.payload + at, n);
        filled_ += n;
        at += n;
        if (filled_ < block_.size()) {
            break;
        }
        if (PgsStatus status = check_block(page_block, error)) {
            return status;
        }
        filled_ = 0;
        first_row_ += kBlockRows;
    }
    return PGS_OK;
}

// Codes of all rows of the group came before.
PgsStatus SegmentCheck::take_keys(const Page &page, const SegmentPage &described, PgsError *error) {
    const uint32_t bytes = layout_.key_bytes();
    size_t row = size_t{described.number} * layout_.keys_per_page();
    for (uint32_t at = 0; at < described.bytes; at += bytes, row++) {
        const Slot slot = slots_.find(addresses_[row]);
        if (!slot.exists()) {
            return fail(error, PGS_INTERNAL, wanted().block, "a row of the group has no slot");
        }
        slots_.add_keys(slot, addresses_[row], hash_of_keys(page.payload + at, bytes));
        const uint8_t *key = page.payload + at;
        for (uint32_t c = 0; c < layout_.columns().count; c++) {
            const PgsKeyColumn &column = layout_.columns().column[c];
            for (uint32_t k = 0; k < column.keys; k++, key += column.key_bytes) {
                keys_[c] +=
                    hash_of_posting({load_key(key, column.key_bytes), static_cast<uint32_t>(row)});
            }
        }
    }
    return PGS_OK;
}

void SegmentCheck::take_fences(const Page &page, const SegmentPage &described) {
    const uint32_t bytes = layout_.columns().column[described.column].key_bytes;
    if (described.number == 0) {
        fences_.clear();
    }
    for (uint32_t at = 0; at < described.bytes; at += bytes) {
        fences_.push_back(load_key(page.payload + at, bytes));
    }
}

// They are in order, those that fences say begin pages, and the last page leaves nothing of what
// the keys say.
PgsStatus SegmentCheck::take_postings(const Page &page, const SegmentPage &described,
                                      PgsError *error) {
    const PgsKeyColumn &column = layout_.columns().column[described.column];
    if (described.number == 0) {
        last_ = {};
    }
    for (uint32_t at = 0; at < described.bytes; at += bytes_of_posting(column)) {
        const Posting posting = load_posting(page.payload + at, column);
        if (posting < last_) {
            return fail(error, PGS_CORRUPT, wanted().block,
                        "the postings of filter column %u are not in order", described.column);
        }
        if (at == 0 && posting.key != fences_[described.number]) {
            return fail(error, PGS_CORRUPT, wanted().block,
                        "the page of postings of filter column %u does not begin as its fence says",
                        described.column);
        }
        last_ = posting;
        keys_[described.column] -= hash_of_posting(posting);
    }
    const PostingsPlace place = layout_.postings(
        described.group, layout_.rows_of(segment(), described.group), described.column);
    if (described.number + 1 == place.pages && keys_[described.column] != 0) {
        return fail(error, PGS_CORRUPT, wanted().block,
                    "the postings of filter column %u are not those of the rows' keys",
                    described.column);
    }
    return PGS_OK;
}

PgsStatus SegmentCheck::check_block(uint32_t page_block, PgsError *error) {
    BlockTail tail;
    std::memcpy(&tail, block_.data() + block_.size() - sizeof tail, sizeof tail);
    for (uint32_t row = 0; row < kBlockRows; row++) {
        unpack_row(block_.data(), row, coded_dims(vectors_of(meta_)), code_.data());
        if (first_row_ + row < rows_) {
            while (first_row_ + row >=
                   uint64_t{directory_[list_].first_row} + directory_[list_].rows) {
                list_++;
            }
            if (PgsStatus status = check_row(tail, row, page_block, error)) {
                return status;
            }
        } else if (tail.address[row] != 0 || !all_zero(code_.data(), code_.size()) ||
                   tail.add[row] != 0 || tail.rescale[row] != 0 || tail.error[row] != 0) {
            return fail(error, PGS_CORRUPT, page_block, "the segment has a row past its last");
        }
    }
    return PGS_OK;
}

PgsStatus SegmentCheck::check_row(const BlockTail &tail, uint32_t row, uint32_t page_block,
                                  PgsError *error) {
    const uint64_t address = tail.address[row];
    const NamedBy by = {list_, page_block};
    const Slot slot = slots_.find(address);
    if (!slot.exists()) {
        return wrongly_named(address, by, "which does not exist", error);
    }
    if (!slots_.is_flushed(slot)) {
        return wrongly_named(address, by, "which is the sidecar's", error);
    }
    if (!slots_.name(slot)) {
        return wrongly_named(address, by, "which was named before", error);
    }
    const ScanFactors factors = {tail.add[row], tail.rescale[row], tail.error[row]};
    if (!factors_are_possible(factors)) {
        return wrongly_named(address, by, "which has an impossible code", error);
    }
    slots_.add(slot, address, list_,
               hash_of_code(code_.data(), coded_dims(vectors_of(meta_)), factors));
    if (layout_.key_bytes() > 0) {
        addresses_.push_back(address);
    } else {
        slots_.add_keys(slot, address, hash_of_keys(nullptr, 0));
    }
    return PGS_OK;
}

}  // namespace pgslab
