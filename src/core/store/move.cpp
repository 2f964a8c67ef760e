#include "store/move.h"

#include "store/meta.h"

#include <algorithm>

#include "base/error.h"
#include "store/layout.h"

namespace pgslab {

Move::Move(const Page &meta_page, uint32_t block) {
    const Meta &meta = meta_of(meta_page);
    made_.moved.from = block;
    each_extent(meta, [&](const ExtentPlace &place) {
        if (place.open || place.extent.block != block) {
            return false;
        }
        add_extent(place);
        return true;
    });
    const Segment *const end = meta.segment + meta.segments;
    const Segment *segment =
        std::find_if(meta.segment, end, [block](const Segment &s) { return s.run.block == block; });
    if (segment != end) {
        for (uint32_t i = 0; i < segment->run.blocks; i++) {
            pages_.push_back(segment_page(meta.kinds, *segment, i));
        }
    }
    made_.other_bytes = uint64_t{blocks()} * kPageBytes - made_.value_bytes;
}

void Move::add_extent(const ExtentPlace &place) {
    for (uint32_t stride = 0; stride < place.extent.strides; stride++) {
        for (uint32_t i = 0; i < place.stride_blocks; i++) {
            pages_.push_back(stride_page(place, stride, i));
        }
    }
    for (uint32_t c = 0; c < place.column_count; c++) {
        const Column &column = place.columns->column[c];
        if ((column.flags & kValues) != 0) {
            made_.value_bytes +=
                column_blocks(column, place.extent.slots) * place.extent.strides * kPageBytes;
        }
    }
}

PgsStatus Move::next(PgsRequest &request, PgsError *error) {
    if (pages_.empty()) {
        return fail(error, PGS_MISUSE, PGS_NO_BLOCK, "nothing that can be moved begins at block %u",
                    made_.moved.from);
    }
    if (made_.runs == 0) {
        request.kind = PGS_REQUEST_RUN;
        request.blocks = blocks();
        request.least = blocks();
    } else if (has_page_) {
        request.kind = PGS_REQUEST_WRITE;
        request.block = made_.moved.to + moved_++;
        request.page = &page_;
        has_page_ = false;
    } else if (moved_ < blocks()) {
        request.kind = PGS_REQUEST_PAGE;
        request.block = pages_[moved_].block;
    } else {
        request.kind = PGS_REQUEST_DONE;
    }
    return PGS_OK;
}

PgsStatus Move::page(const Page &page, PgsError *error) {
    page_ = page;
    unmark(page_);
    has_page_ = true;
    return check_page(page, pages_[moved_], error);
}

void Move::reserved(const Reservation &reserved) {
    made_.runs = 1;
    made_.run[0] = reserved.run;
    made_.used[0] = reserved.run.blocks;
    made_.moved.to = reserved.run.block;
}

PgsTaskWork Move::work() const noexcept {
    PgsTaskWork work = {};
    work.rows = moved_;
    work.total = blocks();
    return work;
}

}  // namespace pgslab
