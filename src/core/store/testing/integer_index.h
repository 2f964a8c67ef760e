// An index of integers over a PageStore: what the server's side does for an index, in the order in
// which it has to be done so that a crash between any two writes loses nothing.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "store/free_space.h"
#include "store/growth.h"
#include "store/manifest.h"
#include "store/move.h"
#include "store/needs.h"
#include "store/picker.h"
#include "store/row_fetch.h"
#include "store/slots.h"
#include "store/testing/integers.h"
#include "store/testing/page_store.h"
#include "store/testing/pump.h"

namespace pgslab {

class IntegerIndex {
  public:
    // Built from rows: an output that replaces nothing. The metapage, which names what was
    // written, comes last.
    IntegerIndex(const Bounds &bounds, const std::vector<IntegerRow> &rows) {
        init_integers(meta_, bounds);
        Output output(meta(), std::nullopt, {}, rows.size(), kNoSegment);
        check([&](PgsError *error) { return output.check(error); });
        while (output.wanted() > 0) {
            Reservation run;
            check([&](PgsError *error) {
                return reserve_run(meta_, output.wanted(), output.ids_wanted(), run, error);
            });
            output.take(run);
        }
        for (const IntegerRow &row : rows) {
            output.add_slot(reinterpret_cast<const uint8_t *>(&row));
        }
        output.end(0, 0);
        uint32_t block = 0;
        while (const Page *page = output.next_page(&block)) {
            store_.write(block, page);
        }
        check([&](PgsError *error) { return publish_replacement(meta_, output.made(), 0, error); });
        store_.write(kMetaBlock, &meta_);
        recover();
    }

    PageStore &store() { return store_; }
    const Meta &meta() const { return meta_of(meta_); }
    const Page &meta_page() const { return meta_; }

    // Forgets what is not in pages, as a restart does.
    void recover() {
        store_.do_not_crash();
        look_anew();
    }

    // ---- rows

    // The last write is the row's: an integer and its record, in one group.
    void insert(PgsTid tid, int64_t value) {
        std::optional<Tail> tail;
        while (!(tail = find_tail())) {
            grow();
        }
        const IntegerRow row = integer_row(tid, value);
        const ItemPlace at =
            item_place(meta().columns.column[kIntegerColumn], tail->slot, 0, sizeof row.value);
        const PageIdentity item = table_page(tail->stride, 0, kIntegerColumn, at.page);
        const PageIdentity record = table_page(tail->stride, 0, kRecordColumn,
                                               tail->slot / records_per_page(meta().columns));
        PageGroup group;
        write_payload(group.add(item.block, read(item)), at.offset, &row.value, sizeof row.value);
        Page &records = group.add(record.block, read(record));
        write_payload(records, used_bytes(records), &row.record, kRecordItem);
        store_.write(group);
    }

    std::vector<FoundInteger> scan(const Bounds &bounds) const {
        IntegerScan scan(meta_, bounds);
        pump(&scan, store_);
        return scan.found();
    }

    // The row at an address that a scan has found.
    IntegerRow fetch(uint64_t address) const {
        const Slots slots(meta());
        RowFetch fetch(slots);
        fetch.begin(slots.find(address));
        while (fetch.wanted().block != PGS_NO_BLOCK) {
            check([&](PgsError *error) {
                return fetch.page(store_.read(fetch.wanted().block), error);
            });
        }
        return *reinterpret_cast<const IntegerRow *>(fetch.row());
    }

    // Makes tombstones of the rows dead() picks, page by page, and counts all there are.
    template <typename Dead>
    void vacuum(Dead dead) {
        std::vector<uint64_t> tombstones(meta().parts);
        each_extent(meta(), [&](const ExtentPlace &place) {
            for (uint32_t i = 0; i < record_pages(place); i++) {
                const uint32_t per_stride = record_blocks(meta().columns, place.extent.slots);
                const PageIdentity where =
                    table_page(place, i / per_stride, kRecordColumn, i % per_stride);
                tombstones[place.part_number] += vacuum_page(where, dead);
            }
            return false;
        });
        Page changed = store_.read(kMetaBlock);
        for (uint32_t p = 0; p < meta().parts; p++) {
            set_tombstones(changed, p, tombstones[p]);
        }
        write_meta(changed);
    }

    // ---- maintenance; xid: the transaction that comes next, since when what is replaced is spare

    // What others do while a task runs: called before each of its pages is written.
    using Meanwhile = std::function<void()>;

    // Does all that a task asks for, and publishes what it has made.
    void carry_out(Task &task, uint64_t xid, const Meanwhile &meanwhile = {}) {
        for (;;) {
            const PgsRequest request = pump(&task, store_);
            if (request.kind == PGS_REQUEST_RUN) {
                Page changed = store_.read(kMetaBlock);
                Reservation run;
                check([&](PgsError *error) {
                    return reserve_some(changed, request.least, request.blocks, request.ids, run,
                                        error);
                });
                store_.write(kMetaBlock, &changed);
                task.reserved(run);
            } else if (request.kind == PGS_REQUEST_WRITE) {
                if (meanwhile) {
                    meanwhile();
                }
                store_.write(request.block, request.page);
            } else if (request.kind == PGS_REQUEST_DONE) {
                break;
            } else {
                throw std::logic_error("a task of integers asks for no rows");
            }
        }
        Page changed = store_.read(kMetaBlock);
        check(
            [&](PgsError *error) { return publish_replacement(changed, task.made(), xid, error); });
        write_meta(changed);
    }
    void compact(PgsParts parts, uint64_t xid, const Meanwhile &meanwhile = {}) {
        IntegerCompaction task(meta_, parts);
        carry_out(task, xid, meanwhile);
    }
    void move(uint32_t block, uint64_t xid) {
        Move task(meta_, block);
        carry_out(task, xid);
    }

    // The open part, if there is one. Who is about to append to its tail page finds that closed.
    void close() {
        if (open_part(meta()) == nullptr) {
            return;
        }
        PageGroup group;
        Page changed = store_.read(kMetaBlock);
        close_open_part(changed, open_slots());
        group.add(kMetaBlock, changed);
        if (const std::optional<Tail> tail = find_tail()) {
            const PageIdentity where = table_page(tail->stride, 0, kRecordColumn,
                                                  tail->slot / records_per_page(meta().columns));
            close_record_page(group.add(where.block, read(where)));
        }
        store_.write(group);
        look_anew();
    }

    // What was given up before the transaction, and what a crash has left, becomes free.
    void reclaim(uint64_t removable) {
        Page changed = store_.read(kMetaBlock);
        if (reclaim_runs(changed, removable)) {
            write_meta(changed);
        }
    }
    void cut() {
        Page changed = store_.read(kMetaBlock);
        const uint32_t end = cut_end(changed);
        write_meta(changed);
        store_.truncate(end);
    }

    // All jobs of a goal. Each begins where nobody reads what the one before has replaced.
    void maintain(PgsGoalKind kind, const PgsPolicy &policy) {
        PgsGoal goal = {};
        goal.kind = kind;
        for (;;) {
            reclaim(xid_++);
            const PgsJob job = pick_job(meta(), open_slots(), policy, {}, goal);
            switch (job.kind) {
                case PGS_JOB_NONE:
                    return;
                case PGS_JOB_CLOSE:
                    close();
                    break;
                case PGS_JOB_REWRITE:
                    compact(job.parts, xid_++);
                    break;
                case PGS_JOB_MOVE:
                    move(job.block, xid_++);
                    break;
                default:
                    throw std::logic_error("a job that is for a dictionary or segments");
            }
        }
    }

    // Throws CoreFailure at the first damage; the rows that are no tombstones.
    std::vector<FoundInteger> verify() const {
        Page found = store_.read(kMetaBlock);
        check([&](PgsError *error) { return check_integers(found, error); });
        IntegerCheck machine(found);
        pump(&machine, store_);
        return machine.rows();
    }

    // Slots of the open part that are in use.
    uint64_t open_slots() {
        if (const std::optional<Tail> tail = find_tail()) {
            return tail->stride.part_slot + tail->slot;
        }
        return open_capacity(meta());
    }

  private:
    // The first slot of the open part that is not in use.
    struct Tail {
        ExtentPlace stride;
        uint32_t slot;  // of the stride
    };

    template <typename Call>
    static void check(Call call) {
        PgsError error = {};
        require(call(&error), error);
    }

    const Page &read(const PageIdentity &wanted) const {
        const Page &page = store_.read(wanted.block);
        check([&](PgsError *error) { return check_page(page, wanted, error); });
        return page;
    }

    void look_anew() {
        meta_ = store_.read(kMetaBlock);
        check([&](PgsError *error) { return check_integers(meta_, error); });
    }

    void write_meta(Page &changed) {
        finish_meta(changed);
        store_.write(kMetaBlock, &changed);
        look_anew();
    }

    // Nothing where the open part is full, or there is none.
    std::optional<Tail> find_tail() const {
        std::optional<Tail> tail;
        each_open_extent(meta(), [&](const ExtentPlace &place) {
            for (uint32_t s = 0; s < place.extent.strides && !tail; s++) {
                const ExtentPlace stride = stride_of(place, s);
                for (uint32_t i = 0;
                     i < record_blocks(meta().columns, stride.extent.slots) && !tail; i++) {
                    const Page &page = read(table_page(stride, 0, kRecordColumn, i));
                    const uint32_t count = used_bytes(page) / record_bytes(page);
                    const uint32_t per_page = records_per_page(meta().columns);
                    const uint32_t before = i * per_page;
                    if (count < std::min(per_page, stride.extent.slots - before)) {
                        tail = {stride, before + count};
                    }
                }
            }
            return tail.has_value();
        });
        return tail;
    }

    // Reserves if need be, formats and publishes the open part's next stride.
    void grow() {
        Page changed = store_.read(kMetaBlock);
        PgsGrowth growth;
        check([&](PgsError *error) { return next_growth(meta_of(changed), growth, error); });
        if (growth.blocks == 0) {
            check([&](PgsError *error) { return reserve_growth(changed, error); });
            store_.write(kMetaBlock, &changed);
            check([&](PgsError *error) { return next_growth(meta_of(changed), growth, error); });
        }
        for (uint32_t i = 0; i < growth.blocks; i++) {
            Page formatted;
            format_growth(meta_of(changed), growth, i, formatted);
            store_.write(growth.first_block + i, &formatted);
        }
        check([&](PgsError *error) { return publish_growth(changed, growth, error); });
        write_meta(changed);
    }

    // The page's tombstones afterwards.
    template <typename Dead>
    uint64_t vacuum_page(const PageIdentity &where, Dead dead) {
        Page page = read(where);
        uint64_t tombstones = 0;
        bool changed = false;
        for (uint32_t i = 0; i < used_bytes(page) / record_bytes(page); i++) {
            Record &record = record_at(page, i);
            if ((record.flags & kTombstone) == 0 && dead(tid_of(record))) {
                record.flags |= kTombstone;
                changed = true;
            }
            tombstones += (record.flags & kTombstone) != 0 ? 1 : 0;
        }
        if (changed) {
            store_.write(where.block, &page);
        }
        return tombstones;
    }

    PageStore store_;
    Page meta_;  // as it was last looked at
    uint64_t xid_ = 1000;
};

}  // namespace pgslab
