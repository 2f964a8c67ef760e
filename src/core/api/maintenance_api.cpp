// pgslab/maintain.h.
#include <memory>
#include <optional>

#include "api/codebook_api.h"
#include "api/guard.h"
#include "api/kind.h"
#include "api/machine_api.h"
#include "api/task_api.h"
#include "inverted/flush.h"
#include "inverted/merge.h"
#include "inverted/needs.h"
#include "ivf/flush.h"
#include "ivf/merge.h"
#include "ivf/meta.h"
#include "ivf/needs.h"
#include "ivf/rewrite.h"
#include "ivf/stored_rows.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/insert.h"
#include "pgslab/machine.h"
#include "pgslab/maintain.h"
#include "pgslab/status.h"
#include "store/free_space.h"
#include "store/layout.h"
#include "store/manifest.h"
#include "store/move.h"
#include "store/sets.h"

using namespace pgslab;

struct PgsStoredRows {
    StoredRows rows;
};

// ---- manifest

bool pgs_meta_can_reclaim(const void *meta, uint64_t removable) {
    return can_reclaim(meta_of(as_page(meta)), removable);
}

bool pgs_meta_reclaim(void *meta_page, uint64_t removable) {
    return reclaim_runs(as_page(meta_page), removable);
}

bool pgs_meta_is_being_written(const void *meta) {
    return is_being_written(meta_of(as_page(meta)));
}

bool pgs_meta_was_given_up_since(const void *meta, uint64_t xid) {
    return was_given_up_since(meta_of(as_page(meta)), xid);
}

bool pgs_meta_can_cut(const void *meta_page) {
    const Meta &meta = meta_of(as_page(meta_page));
    return used_end(meta) < formatted_end(meta);
}

uint32_t pgs_meta_cut(void *meta_page) {
    return cut_end(as_page(meta_page));
}

PgsStatus pgs_meta_reserve(void *meta_page, uint32_t least, uint32_t blocks, uint32_t ids,
                           PgsReservation *reserved, PgsError *error) {
    Reservation taken;
    if (PgsStatus status = reserve_some(as_page(meta_page), least, blocks, ids, taken, error)) {
        return status;
    }
    *reserved = {taken.run.block, taken.run.blocks, taken.first_id, taken.generation};
    return PGS_OK;
}

uint64_t pgs_flush_rows(const void *meta_page, const PgsPolicy *policy) {
    return has_segments(meta_of(as_page(meta_page))) ? flush_rows(*policy) : UINT64_MAX;
}

void pgs_meta_close(void *meta_page, uint64_t slots) {
    close_open_part(as_page(meta_page), slots);
}

void pgs_record_page_close(void *page_bytes) {
    close_record_page(as_page(page_bytes));
}

bool pgs_record_page_closed(const void *page) {
    return as_page(page).slab.closed != 0;
}

void pgs_needs(const void *meta, uint64_t open_slots, const PgsPolicy *policy, PgsNeeds *needs) {
    const Meta &manifest = meta_of(as_page(meta));
    const Needs found = is_inverted(manifest) ? inverted::find_needs(manifest, open_slots, *policy)
                                              : find_needs(manifest, open_slots, *policy);
    *needs = {};
    needs->sidecar = found.sidecar;
    needs->drift = found.drift;
    needs->vacuum = has_any(found.rewrite) || has_any(found.recode);
    needs->compaction = has_any(found.flush) || has_any(found.merge) || found.recluster;
    needs->flush_overdue = found.flush_overdue;
}

PgsJob pgs_pick_job(const void *meta, uint64_t open_slots, const PgsPolicy *policy, PgsGoal *goal) {
    const Meta &manifest = meta_of(as_page(meta));
    return is_inverted(manifest) ? inverted::pick_job(manifest, open_slots, *policy, *goal)
                                 : pick_job(manifest, open_slots, *policy, *goal);
}

// ---- tasks

PgsStatus pgs_flush_create(const void *meta, uint32_t part, size_t memory_bytes, PgsTask **task) {
    return guard(nullptr, [&] {
        const Meta &m = meta_of(as_page(meta));
        if (part >= m.parts || m.part[part].dictionary != m.dictionary.id) {
            return PGS_MISUSE;
        }
        *task =
            is_inverted(m)
                ? new PgsTask{std::make_unique<inverted::Flush>(as_page(meta), part, memory_bytes)}
                : new PgsTask{std::make_unique<Flush>(as_page(meta), part, memory_bytes)};
        return PGS_OK;
    });
}

PgsStatus pgs_merge_create(const void *meta, PgsSegments segments, PgsParts parts, PgsTask **task) {
    return guard(nullptr, [&] {
        const Meta &manifest = meta_of(as_page(meta));
        if (!is_within(segments, manifest.segments) || !is_within(parts, manifest.parts) ||
            (has_any(parts) && segments.bits != all_segments(manifest).bits)) {
            return PGS_MISUSE;
        }
        *task = is_inverted(manifest)
                    ? new PgsTask{std::make_unique<inverted::Merge>(as_page(meta), segments, parts)}
                    : new PgsTask{std::make_unique<Merge>(as_page(meta), segments, parts)};
        return PGS_OK;
    });
}

PgsStatus pgs_move_create(const void *meta, uint32_t block, PgsTask **task) {
    return guard(nullptr, [&] {
        *task = new PgsTask{std::make_unique<Move>(as_page(meta), block)};
        return PGS_OK;
    });
}

PgsStatus pgs_rewrite_create(const void *meta, const PgsCodebook *codebook, PgsParts parts,
                             uint64_t rows, PgsTask **task) {
    return guard(nullptr, [&] {
        const Meta &manifest = meta_of(as_page(meta));
        if (is_inverted(manifest) || !is_within(parts, manifest.parts) ||
            shape_of(manifest) != codebook->codebook->shape() ||
            vectors_of(manifest).offset_checksum != codebook->codebook->offset_checksum()) {
            return PGS_MISUSE;
        }
        *task =
            new PgsTask{std::make_unique<Rewrite>(as_page(meta), *codebook->codebook, parts, rows)};
        return PGS_OK;
    });
}

void pgs_task_destroy(PgsTask *task) {
    delete task;
}

PgsMachine *pgs_task_machine(PgsTask *task) {
    return task->task.get();
}

PgsStatus pgs_task_reserved(PgsTask *task, const PgsReservation *reserved, PgsError *error) {
    return guard(error, [&] {
        if (PgsStatus status = take_answer(*task->task, PGS_REQUEST_RUN, error)) {
            return status;
        }
        task->task->reserved(
            {{reserved->block, reserved->blocks}, reserved->first_id, reserved->generation});
        return PGS_OK;
    });
}

PgsStatus pgs_task_row(PgsTask *task, const void *row, uint32_t list, PgsError *error) {
    return guard(error, [&] {
        if (PgsStatus status = take_answer(*task->task, PGS_REQUEST_ROW, error)) {
            return status;
        }
        return task->task->row(static_cast<const uint8_t *>(row), list, error);
    });
}

void pgs_task_work(const PgsTask *task, PgsTaskWork *work) {
    *work = task->task->work();
    work->bytes = task->task->made().other_bytes + task->task->made().value_bytes;
}

PgsStatus pgs_task_publish(const PgsTask *task, void *meta_page, uint64_t next_xid,
                           PgsError *error) {
    if (PgsStatus status = require_done(*task->task, error)) {
        return status;
    }
    Page &page = as_page(meta_page);
    if (PgsStatus status = publish_replacement(page, task->task->made(), next_xid, error)) {
        return status;
    }
    task->task->amend(meta_of(page));
    finish_meta(page);
    return PGS_OK;
}

// ---- stored rows

PgsStatus pgs_stored_rows_create(const void *meta, PgsParts parts, PgsStoredRows **rows) {
    return guard(nullptr, [&] {
        const Meta &manifest = meta_of(as_page(meta));
        if (is_inverted(manifest) || !is_within(parts, manifest.parts)) {
            return PGS_MISUSE;
        }
        *rows = new PgsStoredRows{StoredRows(as_page(meta), parts)};
        return PGS_OK;
    });
}

void pgs_stored_rows_destroy(PgsStoredRows *rows) {
    delete rows;
}

PgsMachine *pgs_stored_rows_machine(PgsStoredRows *rows) {
    return &rows->rows;
}

PgsStatus pgs_encode_stored(PgsEncoder *encoder, PgsStoredRows *rows, void *row, uint32_t *list,
                            bool *more) {
    return guard(nullptr, [&] {
        const uint8_t *record = nullptr;
        const uint8_t *item = nullptr;
        *more = rows->rows.current(&record, &item);
        if (*more) {
            encoder->encoder.encode_stored(record, item, static_cast<uint8_t *>(row), list);
            rows->rows.advance();
        }
        return PGS_OK;
    });
}
