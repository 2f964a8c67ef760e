// An index that is nothing but its manifest. Jobs change that as they would if there were rows; so
// whole lives of large indexes take moments.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ivf/needs.h"
#include "ivf/output.h"
#include "ivf/testing/manifests.h"
#include "ivf/testing/tables.h"
#include "ivf/training.h"
#include "store/free_space.h"
#include "store/manifest.h"
#include "store/parts_writer.h"
#include "store/sets.h"

namespace pgslab {

class SimulatedIndex {
  public:
    // Built with so many rows.
    SimulatedIndex(const PgsOptions &options, uint32_t rows, const PgsPolicy &policy)
        : policy_(policy) {
        init_meta(page_, options);
        if (has_codes()) {
            set_codebook(page_, lists_for(rows), 1);
        }
        if (rows == 0) {
            return;
        }
        const uint64_t most = slots_of_part(rows, meta().columns);
        for (const uint32_t slots : divide_slots(rows, most)) {
            add_sealed_part(page_, slots);
        }
        if (has_codes()) {
            add_segment(page_, rows);
            set_spread(page_, {distance_ * rows, rows});
            calibrate();
        }
    }

    const Meta &meta() const { return meta_of(page_); }
    bool has_codes() const { return vectors_of(meta()).code_bits != 0; }
    uint64_t open_slots() const { return open_slots_; }
    const PgsPolicy &policy() const { return policy_; }

    // Of those that come, or are coded anew, from now on.
    void set_distance(double distance) { distance_ = distance; }
    // More cannot be trained.
    void set_most_lists(uint32_t lists) { most_lists_ = lists; }
    // More cannot be flushed at once.
    void set_rows_at_once(uint64_t rows) { rows_at_once_ = rows; }

    uint64_t live() const {
        uint64_t live = open_slots_;
        for (uint32_t p = 0; p < meta().parts; p++) {
            live += meta().part[p].slots;
            live -= meta().part[p].tombstones;
        }
        return live;
    }

    uint64_t tombstones() const {
        uint64_t tombstones = 0;
        for (uint32_t p = 0; p < meta().parts; p++) {
            tombstones += meta().part[p].tombstones;
        }
        return tombstones;
    }

    // Into the open part, which grows.
    void insert(uint64_t rows) {
        const bool open = open_part(meta()) != nullptr;
        const uint64_t capacity = open ? capacity_of(meta(), meta().parts - 1u) : 0;
        open_slots_ += rows;
        if (!open || capacity < open_slots_) {
            ASSERT_NO_FATAL_FAILURE(grow_by(page_, open_slots_ - std::min(open_slots_, capacity)));
        }
    }

    // So many more rows of a part die, or all.
    void vacuum(uint32_t p, uint64_t rows) {
        Part &part = meta_of(page_).part[p];
        const uint64_t died = std::min(slots_of(p) - part.tombstones, rows);
        part.tombstones += died;
        dead_in_segments_ += has_codes() ? died : 0;
        finish_meta(page_);
    }

    // About such a share of each part's.
    template <typename Random>
    void vacuum(Random &random, double share) {
        for (uint32_t p = 0; p < meta().parts; p++) {
            const auto most = static_cast<uint64_t>(2 * share * static_cast<double>(slots_of(p)));
            vacuum(p, random() % (most + 1));
        }
    }

    // Everything that was given up is of no use to anybody.
    void reclaim() { reclaim_runs(page_, xid_ + 1); }
    void cut() { cut_end(page_); }

    PgsJob pick(PgsGoal &goal) const { return pick_job(meta(), open_slots_, policy_, goal); }

    // Does what was picked last. Nothing is given up that the job itself needs.
    void carry_out(const PgsJob &job) {
        xid_++;
        switch (job.kind) {
            case PGS_JOB_NONE:
                FAIL() << "no job";
            case PGS_JOB_CLOSE:
                ASSERT_NE(open_part(meta()), nullptr);
                close_open_part(page_, open_slots_);
                open_slots_ = 0;
                break;
            case PGS_JOB_FLUSH:
                flush(job.part);
                break;
            case PGS_JOB_MERGE:
                merge(job.segments, job.parts);
                break;
            case PGS_JOB_REWRITE:
                rewrite(job.parts);
                break;
            case PGS_JOB_RECLUSTER:
                recluster(job.parts);
                break;
            case PGS_JOB_MOVE:
                move(job.block);
                break;
            case PGS_JOB_CALIBRATE:
                calibrate();
                break;
        }
        PgsError error = {};
        ASSERT_EQ(check_meta(page_, &error), PGS_OK) << error.detail;
        expect_spares_in_order(meta());
    }

    void expect_one_owner_each() const { expect_one_owner(meta()); }

  private:
    uint64_t slots_of(uint32_t p) const {
        const Part &part = meta().part[p];
        return part.state == PartState::kOpen ? open_slots_ : part.slots;
    }

    uint32_t lists_for(uint64_t rows) const {
        const auto suited = automatic_lists(static_cast<double>(rows));
        return std::min(most_lists_, policy_.lists == 0 ? suited : policy_.lists);
    }

    uint64_t live_of(PgsParts parts) const {
        uint64_t live = 0;
        for (uint32_t p = 0; p < meta().parts; p++) {
            live += has(parts, p) ? meta().part[p].slots - meta().part[p].tombstones : 0;
        }
        return live;
    }

    // Reserves runs for parts of so many slots in the place of others, and for a segment of so many
    // rows, and describes them. shape: the manifest as it is, or with another codebook.
    Replacement write(const Meta &shape, PgsParts replaced, uint64_t slots, uint64_t rows) {
        VectorOutput output(shape, nullptr, replaced, slots, rows);
        while (output.wanted() > 0) {
            Reservation reserved;
            PgsError error = {};
            const PgsStatus status = reserve_some(page_, output.least(), output.wanted(),
                                                  output.ids_wanted(), reserved, &error);
            EXPECT_EQ(status, PGS_OK) << error.detail;
            if (status != PGS_OK) {
                return {};
            }
            output.take(reserved);
        }
        Replacement made = output.made();
        made.segment.rows = rows;
        made.segment.run.blocks =
            rows == 0 ? 0 : made.segment.first_blocks + list_blocks(vectors_of(shape).dims, rows);
        return made;
    }

    // lists: of a new codebook. rows: that were coded.
    void publish(const Replacement &made, uint32_t lists = 0, uint64_t rows = 0) {
        PgsError error = {};
        ASSERT_EQ(publish_replacement(page_, made, xid_, &error), PGS_OK) << error.detail;
        add_coded(meta_of(page_), lists, {distance_ * static_cast<double>(rows), rows});
        finish_meta(page_);
    }

    void flush(uint32_t p) {
        ASSERT_TRUE(has_codes());
        ASSERT_LT(p, meta().parts);
        ASSERT_LT(meta().segments, kMaxSegments);
        const Part part = meta().part[p];
        ASSERT_EQ(part.dictionary, meta().dictionary.id) << "its codes are of no use";
        ASSERT_GT(slots_of(p), part.flushed) << "nothing to flush";
        const uint64_t rows = std::min(slots_of(p) - part.flushed, rows_at_once_);
        Replacement made = write(meta(), {}, 0, rows);
        made.flushed_part = part.id;
        made.flushed = part.flushed + rows;
        publish(made, 0, rows);
    }

    void merge(PgsSegments segments, PgsParts parts) {
        ASSERT_TRUE(has_codes());
        ASSERT_EQ(segments.bits & ~all_segments(meta()).bits, 0u);
        ASSERT_EQ(parts.bits & ~sealed_parts(meta()).bits, 0u);
        ASSERT_TRUE(has_any(parts) || count_of(segments) > 1) << "changes nothing";
        if (has_any(parts)) {
            ASSERT_EQ(segments.bits, all_segments(meta()).bits);
        }
        for (uint32_t p = 0; p < meta().parts; p++) {
            if (has(parts, p)) {
                ASSERT_EQ(meta().part[p].dictionary, meta().dictionary.id);
                ASSERT_EQ(meta().part[p].flushed, meta().part[p].slots)
                    << "not all are in segments";
            }
        }
        uint64_t rows = 0;
        for (uint32_t i = 0; i < meta().segments; i++) {
            rows += has(segments, i) ? meta().segment[i].rows : 0;
        }
        const uint64_t slots = live_of(parts);
        if (segments.bits == all_segments(meta()).bits) {
            rows -= std::min(rows, dead_in_segments_);
            dead_in_segments_ = 0;
        }
        Replacement made = write(meta(), parts, slots, std::max(rows, slots));
        name_replaced(meta(), parts, segments, made);
        publish(made);
    }

    void rewrite(PgsParts parts) {
        ASSERT_EQ(parts.bits & ~sealed_parts(meta()).bits, 0u);
        ASSERT_TRUE(has_any(parts));
        for (uint32_t p = 0; has_codes() && p < meta().parts; p++) {
            if (has(parts, p)) {
                ASSERT_NE(meta().part[p].dictionary, meta().dictionary.id)
                    << "a merge would have done";
            }
        }
        const uint64_t rows = live_of(parts);
        Replacement made = write(meta(), parts, rows, has_codes() ? rows : 0);
        name_replaced(meta(), parts, {}, made);
        publish(made, 0, has_codes() ? rows : 0);
    }

    // What is in the open part now has come while the others were written.
    void recluster(PgsParts parts) {
        ASSERT_TRUE(has_codes());
        ASSERT_EQ(parts.bits, sealed_parts(meta()).bits);
        const uint64_t rows = live_of(parts);
        const uint32_t lists = lists_for(live());
        const uint32_t blocks = codebook_blocks(vectors_of(meta()).dims, lists, false);
        Reservation reserved;
        PgsError error = {};
        ASSERT_EQ(reserve_run(page_, blocks, 1, reserved, &error), PGS_OK) << error.detail;
        Meta shape = meta();
        shape.dictionary = {reserved.first_id, reserved.first_id, reserved.generation,
                            reserved.run};
        vectors_of(shape).lists = lists;
        Replacement made = write(shape, parts, rows, rows);
        made.dictionary = shape.dictionary;
        made.run[made.runs] = reserved.run;
        made.used[made.runs++] = blocks;
        name_replaced(meta(), parts, all_segments(meta()), made);
        if (open_part(meta()) != nullptr) {
            close_open_part(page_, open_slots_);
            open_slots_ = 0;
        }
        publish(made, lists, rows);
    }

    void move(uint32_t block) {
        Replacement made = {};
        uint64_t blocks = 0;
        each_extent(meta(), [&](const ExtentPlace &place) {
            if (!place.open && place.extent.block == block) {
                blocks = place.blocks();
            }
            return false;
        });
        for (uint32_t i = 0; i < meta().segments; i++) {
            if (meta().segment[i].run.block == block) {
                blocks = meta().segment[i].run.blocks;
            }
        }
        ASSERT_GT(blocks, 0u) << "nothing that can be moved begins there";
        Reservation reserved;
        PgsError error = {};
        ASSERT_EQ(reserve_run(page_, static_cast<uint32_t>(blocks), 0, reserved, &error), PGS_OK)
            << error.detail;
        made.runs = 1;
        made.run[0] = reserved.run;
        made.used[0] = reserved.run.blocks;
        made.moved = {block, reserved.run.block};
        publish(made);
    }

    void calibrate() {
        if (has_codes() && live() >= 100) {
            Calibration calibration = {};
            calibration.queries = 50;
            calibration.rows = live();
            set_calibration(page_, calibration);
        }
    }

    Page page_;
    PgsPolicy policy_;
    uint64_t open_slots_ = 0;
    uint64_t dead_in_segments_ = 0;  // about
    uint64_t xid_ = 100;
    double distance_ = 1;
    uint32_t most_lists_ = kMaxLists;
    uint64_t rows_at_once_ = UINT64_MAX;
};

}  // namespace pgslab
