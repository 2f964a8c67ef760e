#include "store/part_pages.h"

#include "base/error.h"
#include "store/layout.h"

namespace pgslab {

PartPages::PartPages(const Meta &meta) : meta_(meta), read_(meta.end_block) {}

// In the order in which they fill.
void PartPages::list_tail() {
    lists_tail_ = true;
    each_open_extent(meta_, [&](const ExtentPlace &place) {
        for (uint32_t stride = 0; stride < place.extent.strides; stride++) {
            for (uint32_t i = 0; i < record_blocks(*place.columns, place.extent.slots); i++) {
                pages_.push_back(table_page(place, stride, kRecordColumn, i));
            }
        }
        return false;
    });
}

void PartPages::list_rest() {
    lists_tail_ = false;
    each_extent(meta_, [&](const ExtentPlace &place) {
        for (uint32_t stride = 0; stride < place.extent.strides; stride++) {
            for (uint32_t i = 0; i < place.stride_blocks; i++) {
                const PageIdentity page = stride_page(place, stride, i);
                if (!read_[page.block]) {
                    pages_.push_back(page);
                }
            }
        }
        return false;
    });
}

PgsStatus PartPages::page(const Page &page, PgsError *error) {
    const PageIdentity wanted = pages_.back();
    if (PgsStatus status = check_page(page, wanted, error)) {
        return status;
    }
    pages_.pop_back();
    read_[wanted.block] = true;
    if (lists_tail_ && used_bytes(page) > 0) {
        tail_found_ = true;
        tail_sequence_ = wanted.sequence;
        pages_.clear();
    }
    return PGS_OK;
}

void PartPages::mark_read(const PageIdentity &page) noexcept {
    read_[page.block] = true;
    if (page.kind == PageKind::kRecord) {
        last_record_page_ = page;
    }
}

PgsStatus PartPages::check_tail(PgsError *error) const noexcept {
    if (tail_found_ && last_record_page_.sequence < tail_sequence_) {
        return fail(error, PGS_CORRUPT, last_record_page_.block,
                    "the record page has room left although page %u of its part is in use",
                    tail_sequence_);
    }
    return PGS_OK;
}

}  // namespace pgslab
