// A metapage of any content with a valid checksum: what is accepted can be worked with.
//
// Input: which metapage to begin with and whether the rest is the payload itself or patches.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "api/codebook_api.h"
#include "ivf/testing/manifests.h"
#include "ivf/testing/row_keys.h"
#include "ivf/testing/tables.h"
#include "pgslab_core.h"
#include "quantize/rotation.h"
#include "store/manifest.h"
#include "store/sets.h"
#include "store/testing/patches.h"

using namespace pgslab;

namespace {

void demand(bool condition, const char *what) {
    if (!condition) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

constexpr uint32_t kLists = 9;
constexpr PgsKeyColumns kColumns = {3, {{4, 1}, {8, 1}, {4, 8}}};

void add_part(Page &page, uint32_t slots, bool codes) {
    add_sealed_part(page, slots);
    if (codes) {
        add_segment(page, slots);
    }
}

Page base_page(uint8_t choice) {
    const int dims[] = {1, 768, 2000, 16000};
    const int bits[] = {0, 4, 8, 4};
    const bool codes = (choice & 64) != 0;
    PgsOptions options = {
        dims[choice % 4], codes ? PGS_L2 : PGS_L1, (choice & 4) != 0 ? PGS_F32 : PGS_F16, "", "",
        bits[choice % 4]};
    if (choice % 4 == 2) {
        options.keys = kColumns;
    }
    Page page;
    init_meta(page, options);
    if (codes) {
        set_codebook(page, kLists, 1);
    }
    if ((choice & 8) != 0) {
        add_part(page, 1000, codes);
        // A free run and, at the end, one that maintenance had reserved.
        Reservation reserved;
        reserve_run(page, 20, 1, reserved, nullptr);
        reclaim_runs(page, 1);
        reserve_run(page, 5, 1, reserved, nullptr);
    }
    for (int i = 0; i < (choice >> 4) % 4; i++) {
        PgsGrowth growth;
        reserve_growth(page, nullptr);
        if (i != 2 && next_growth(meta_of(page), growth, nullptr) == PGS_OK) {
            publish_growth(page, growth, nullptr);
        }
    }
    return page;
}

// As long as the number of extents says, where that is possible.
void finish(Page &page) {
    if (meta_of(page).extents <= kMaxExtents) {
        finish_meta(page);
    }
    repair_checksum(page);
}

void demand_inside(const PgsMetaInfo &info, uint64_t block, uint64_t blocks) {
    demand(block > 0 && blocks > 0 && block + blocks <= info.end_block, "outside the index");
}

void use_record_page(const Page &meta, const PgsMetaInfo &info, const PgsRecordPage &where) {
    demand_inside(info, where.block, 1);
    demand(where.capacity >= 1 && where.capacity <= kMostRecords, "impossible capacity");
    // Of which role depends on who else owns the block: only verification looks.
    const PgsRole role = pgs_block_role(&meta, where.block);
    demand(role != PGS_ROLE_META && role != PGS_ROLE_BEYOND, "a record page without a role");
    for (uint32_t index : {0u, where.capacity - 1}) {
        for (uint32_t column = 1; column < pgs_columns(&meta); column++) {
            const PgsPlacement place = pgs_place(&meta, &where, index, column);
            demand_inside(info, place.first_block, place.blocks);
            demand(place.offset < kPayloadBytes, "impossible offset");
            demand(column != kRefineColumn ||
                       place.offset + refine_bytes_of(meta_of(meta)) <= kPayloadBytes,
                   "a code crosses a page");
        }
    }
}

void use(const Page &meta) {
    PgsMetaInfo info;
    pgs_meta_info(&meta, &info);
    demand(uint64_t{1} + info.record_blocks + info.slab_blocks + info.refine_blocks +
                   info.codebook_blocks + info.segment_blocks + info.in_progress_blocks +
                   info.spare_blocks ==
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

// What the calibration, whatever it says, makes a planner and a scan believe.
void expect_work(const Page &meta, const PgsMetaInfo &info) {
    PgsLevel level;
    for (int i = 0; i < PGS_LEVELS; i++) {
        demand(pgs_meta_level(&meta, i, &level) == (info.calibration_queries != 0), "a level");
    }
    for (const PgsEffort &effort :
         {PgsEffort{true, false, 0, 0, 0, 0}, PgsEffort{false, false, 0.95, 0, 0, 10},
          PgsEffort{false, false, 1, 0, 0, UINT32_MAX},
          PgsEffort{false, false, 0, UINT32_MAX, UINT32_MAX, 0}}) {
        PgsWork expected;
        pgs_expected_work(&meta, &effort, &expected);
        const uint64_t slots = info.sealed_slots + info.open_capacity;
        const auto demand_possible = [&](const PgsWork &work) {
            demand(work.lists <= info.lists && work.codes <= slots && work.refined <= slots &&
                       work.compared <= slots,
                   "more work than there is");
        };
        demand_possible(expected);
        for (double share : {1e-9, 0.01, 1.0}) {
            PgsWork work = expected;
            pgs_expected_filtering(&effort, info.lists, static_cast<double>(slots), share, &work);
            demand_possible(work);
            work = expected;
            pgs_expected_named(&effort, info.lists, static_cast<double>(slots), share, &work);
            demand_possible(work);
        }
    }
}

bool is_begin_of_table(const Meta &meta, uint32_t block) {
    const bool extent = std::any_of(meta.extent, meta.extent + meta.extents,
                                    [block](const Extent &e) { return e.block == block; });
    return extent || std::any_of(meta.segment, meta.segment + meta.segments,
                                 [block](const Segment &s) { return s.run.block == block; });
}

// Whatever is picked concerns what is there.
void pick_jobs(const Page &page, const PgsMetaInfo &info) {
    const Meta &meta = meta_of(page);
    for (const uint64_t open_slots : {uint64_t{0}, info.open_capacity}) {
        for (const PgsPolicy &policy : {PgsPolicy{0, 0.2, 65536, 0}, PgsPolicy{1, 0, 0, 7}}) {
            PgsNeeds needs;
            pgs_needs(&page, open_slots, &policy, &needs);
            for (int kind = PGS_GOAL_FLUSH; kind <= PGS_GOAL_RECLUSTER; kind++) {
                PgsGoal goal = {};
                goal.kind = static_cast<PgsGoalKind>(kind);
                const PgsJob job = pgs_pick_job(&page, open_slots, &policy, &goal);
                demand(job.kind != PGS_JOB_CLOSE || pgs_open_part(&page) != 0, "no open part");
                demand(job.kind != PGS_JOB_FLUSH || job.part < meta.parts, "no such part to flush");
                demand(job.kind != PGS_JOB_MOVE || is_begin_of_table(meta, job.block),
                       "nothing to move there");
                demand((job.parts.bits & ~sealed_parts(meta).bits) == 0, "no such parts");
                demand((job.segments.bits & ~all_segments(meta).bits) == 0, "no such segments");
            }
        }
    }
}

void begin_scan(const Page &meta, const PgsMetaInfo &info) {
    constexpr uint32_t kMostLists = 100;  // so that a codebook is made in no time
    if (info.lists > kMostLists) {
        return;
    }
    const Shape shape = shape_of(meta_of(meta));
    const size_t centroids = size_t{info.lists} * shape.padded;
    const PgsCodebook codebook = {
        info.lists == 0
            ? std::make_unique<Codebook>(shape)
            : std::make_unique<Codebook>(
                  shape, info.codebook_identity, std::vector<uint8_t>(rotation_bytes(shape.padded)),
                  std::vector<float>(shape.dims), std::vector<float>(centroids))};
    const std::vector<float> query(shape.dims, 1.0f);
    // Of the first filter column, if there is one.
    const KeysIn condition(0, {{1, 5}, {1000, 2000}});
    const PgsFilter with_keys = condition.filter();
    const bool has_keys = key_columns(vectors_of(meta_of(meta)).keys).count > 0;
    const PgsFilter *const filter = has_keys ? &with_keys : nullptr;
    for (const PgsEffort &effort :
         {PgsEffort{true, false, 0, 0, 0, 0}, PgsEffort{false, false, 0.95, 0, 0, 10}}) {
        for (const float *q : {query.data(), static_cast<const float *>(nullptr)}) {
            PgsScan *scan = nullptr;
            PgsError error;
            PgsRequest request;
            demand(pgs_scan_create(0, &scan) == PGS_OK, "out of memory");
            demand(
                pgs_scan_start(scan, &meta, &codebook, q, filter, &effort, false, &error) == PGS_OK,
                "no scan begins");
            demand(pgs_next(pgs_scan_machine(scan), &request, &error) == PGS_OK, error.detail);
            demand(request.kind == PGS_REQUEST_PAGE || request.kind == PGS_REQUEST_DONE,
                   "a first request");
            pgs_scan_destroy(scan);
        }
    }
}

// Growing an accepted index leaves one that is accepted.
void grow_on(Page page) {
    PgsError error;
    PgsGrowth growth;
    for (int i = 0; i < 3; i++) {
        const PgsStatus status = pgs_growth_reserve(&page, &error);
        if (status == PGS_FULL || status == PGS_TOO_LARGE) {
            return;
        }
        demand(pgs_meta_check(&page, &error) == PGS_OK, error.detail);
        demand(pgs_growth_next(&page, &growth, &error) == PGS_OK, error.detail);
        demand(growth.blocks > 0, "nothing is reserved");
        Page formatted;
        pgs_growth_format(&page, &growth, 0, &formatted);
        pgs_growth_format(&page, &growth, growth.blocks - 1, &formatted);
        demand(pgs_growth_publish(&page, &growth, &error) == PGS_OK, error.detail);
        demand(pgs_meta_check(&page, &error) == PGS_OK, error.detail);
        use(page);
    }
}

// Whether no block has two owners; false for what is too large to say.
bool owned_once(const Meta &meta) {
    constexpr uint32_t kMost = 1 << 16;
    return meta.end_block <= kMost && check_owners(meta, nullptr) == PGS_OK;
}

void demand_sound(const Page &page) {
    PgsError error;
    demand(pgs_meta_check(&page, &error) == PGS_OK, error.detail);
    demand(owned_once(meta_of(page)), "a block has two owners");
    use(page);
}

// What maintenance makes of an accepted index is accepted, too.
void maintain(Page page) {
    if (!owned_once(meta_of(page))) {
        return;
    }
    Reservation reserved;
    if (reserve_run(page, 7, 2, reserved, nullptr) == PGS_OK) {
        demand_sound(page);
    }
    Replacement gone = {};
    const Meta &meta = meta_of(page);
    for (uint32_t i = 0; i < meta.segments; i++) {
        gone.segment_id[gone.segments++] = meta.segment[i].id;
    }
    for (uint32_t p = 0; p + 1 < meta.parts; p++) {
        gone.part_id[gone.parts++] = meta.part[p].id;
    }
    if (publish_replacement(page, gone, 1000, nullptr) == PGS_OK) {
        demand_sound(page);
    }
    if (open_part(meta) != nullptr) {
        close_open_part(page, meta.part[meta.parts - 1].flushed);
        demand_sound(page);
    }
    reclaim_runs(page, 2000);
    demand_sound(page);
    cut_end(page);
    demand_sound(page);
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
    finish(page);
    PgsPageInfo info;
    pgs_page_info(&page, &info);
    PgsError error = {};
    if (pgs_meta_check(&page, &error) == PGS_OK) {
        PgsMetaInfo shape;
        pgs_meta_info(&page, &shape);
        use(page);
        expect_work(page, shape);
        pick_jobs(page, shape);
        begin_scan(page, shape);
        grow_on(page);
        maintain(page);
    } else {
        demand(error.block == 0 && error.detail[0] != '\0', "a refusal without a reason");
    }
    return 0;
}
