#include "index/move.h"

#include <algorithm>

#include "base/error.h"
#include "format/layout.h"
#include "format/meta.h"

namespace pgslab {

namespace {

template <typename Owner>
void add_pages(PageIdentity (*identity)(const Owner &, uint32_t), const Owner &owner,
               uint32_t count, std::vector<PageIdentity> &pages) {
    for (uint32_t i = 0; i < count; i++) {
        pages.push_back(identity(owner, i));
    }
}

}  // namespace

Move::Move(const Page &meta_page, uint32_t block) {
    const Meta &meta = meta_of(meta_page);
    const SlotShape shape = slot_shape(meta);
    made_.moved.from = block;
    each_extent(meta, [&](const ExtentPlace &place) {
        const Extent &extent = place.extent;
        if (place.open || extent.record_block != block) {
            return false;
        }
        const uint32_t slab = slab_blocks(extent.slots, shape.item);
        add_pages(record_identity, place, record_blocks(extent.slots), pages_);
        add_pages(refine_identity, place, refine_blocks(extent.slots, shape.refine), pages_);
        add_pages(slab_identity, place, slab, pages_);
        made_.vector_bytes = uint64_t{slab} * kPageBytes;
        return true;
    });
    const Segment *const end = meta.segment + meta.segments;
    const Segment *segment =
        std::find_if(meta.segment, end, [block](const Segment &s) { return s.block == block; });
    if (segment != end) {
        add_pages(directory_identity, *segment, segment->directory_blocks, pages_);
        add_pages(list_identity, *segment, segment->list_blocks, pages_);
    }
    made_.code_bytes = uint64_t{blocks()} * kPageBytes - made_.vector_bytes;
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
