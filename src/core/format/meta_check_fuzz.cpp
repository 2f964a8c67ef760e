// A metapage of any content with a valid checksum: what is accepted can be worked with.
//
// Input: which metapage to begin with and whether the rest is the payload itself or patches.
#include <cstdio>
#include <cstdlib>

#include "format/meta.h"
#include "format/testing/patches.h"
#include "pgslab_core.h"

using namespace pgslab;

namespace {

void demand(bool condition, const char *what) {
    if (!condition) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

Page base_page(uint8_t choice) {
    const int dims[] = {1, 768, 2000, 16000};
    const PgsOptions options = {dims[choice % 4], PGS_L2, (choice & 4) != 0 ? PGS_F32 : PGS_F16, "",
                                0};
    Page page;
    init_meta(page, options);
    if ((choice & 8) != 0) {
        add_sealed_part(page, {1 + slab_blocks(1000, item_bytes(meta_of(page))), 1, 1000});
    }
    for (int i = 0; i < (choice >> 4) % 4; i++) {
        PgsGrowth growth;
        reserve_growth(page, growth, nullptr);
        if (i != 2) {
            publish_growth(page, growth, nullptr);
        }
    }
    return page;
}

// As long as the number of extents says, where that is possible.
void seal(Page &page) {
    if (meta_of(page).extents <= kMaxExtents) {
        seal_meta(page);
    }
    repair_checksum(page);
}

void demand_inside(const PgsMetaInfo &info, uint64_t block, uint64_t blocks) {
    demand(block > 0 && blocks > 0 && block + blocks <= info.end_block, "outside the index");
}

void use_record_page(const Page &meta, const PgsMetaInfo &info, const PgsRecordPage &where) {
    demand_inside(info, where.block, 1);
    demand(where.capacity >= 1 && where.capacity <= kRecordsPerPage, "impossible capacity");
    demand(pgs_block_role(&meta, where.block) == PGS_ROLE_RECORD ||
               pgs_block_role(&meta, where.block) == PGS_ROLE_IN_PROGRESS ||
               pgs_block_role(&meta, where.block) == PGS_ROLE_SLAB,
           "a record page without a role");
    for (uint32_t index : {0u, where.capacity - 1}) {
        const PgsPlacement place = pgs_place(&meta, &where, index);
        demand_inside(info, place.first_block, place.blocks);
        demand(place.offset < kPayloadBytes, "impossible offset");
    }
}

void use(const Page &meta) {
    PgsMetaInfo info;
    pgs_meta_info(&meta, &info);
    demand(uint64_t{1} + info.record_blocks + info.slab_blocks + info.in_progress_blocks ==
               info.end_block,
           "blocks without an owner");
    for (uint32_t block : {0u, 1u, info.end_block / 2, info.end_block - 1}) {
        pgs_block_role(&meta, block);
    }
    demand(pgs_block_role(&meta, info.end_block) == PGS_ROLE_BEYOND, "an owner beyond the end");

    const uint32_t pages = pgs_record_pages(&meta);
    demand(pages <= info.record_blocks, "more record pages than blocks");
    for (uint32_t i : {0u, pages / 2, pages - 1}) {
        if (i < pages) {
            use_record_page(meta, info, pgs_record_page(&meta, i));
        }
    }
    const uint32_t open = pgs_open_record_pages(&meta);
    for (uint32_t i : {0u, open / 2, open - 1}) {
        if (i < open) {
            use_record_page(meta, info, pgs_open_record_page(&meta, i));
        }
    }
}

void begin_scan(const Page &meta) {
    PgsScan *scan = nullptr;
    PgsError error;
    PgsStep step;
    demand(pgs_scan_create(0, &scan) == PGS_OK, "out of memory");
    demand(pgs_scan_start(scan, &meta, nullptr, false, &error) == PGS_OK, "no scan begins");
    pgs_scan_next(scan, &step, &error);
    demand(step.kind == PGS_STEP_PAGE || step.kind == PGS_STEP_DONE, "a scan's first step");
    pgs_scan_destroy(scan);
}

// Growing an accepted index leaves one that is accepted.
void grow(Page page) {
    PgsError error;
    PgsGrowth growth;
    for (int i = 0; i < 3; i++) {
        if (pgs_growth_reserve(&page, &growth, &error) == PGS_FULL) {
            return;
        }
        demand(pgs_meta_check(&page, &error) == PGS_OK, error.detail);
        Page formatted;
        pgs_growth_format(&growth, 0, &formatted);
        pgs_growth_format(&growth, growth.blocks - 1, &formatted);
        demand(pgs_growth_publish(&page, &growth, &error) == PGS_OK, error.detail);
        demand(pgs_meta_check(&page, &error) == PGS_OK, error.detail);
        use(page);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    FuzzInput input(data, size);
    const uint8_t choice = input.byte();
    Page page = base_page(choice);
    if ((choice & 128) != 0) {
        input.copy(page.payload, kPayloadBytes);
    } else {
        patch(page, input);
    }
    seal(page);
    PgsPageInfo info;
    pgs_page_info(&page, &info);
    PgsError error = {};
    if (pgs_meta_check(&page, &error) == PGS_OK) {
        use(page);
        begin_scan(page);
        grow(page);
    } else {
        demand(error.block == 0 && error.detail[0] != '\0', "a refusal without a reason");
    }
    return 0;
}
