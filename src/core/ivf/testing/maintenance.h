// Maintenance of a MemoryIndex, driven through the boundary as the server's side drives it.
#pragma once

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ivf/testing/memory_index.h"
#include "pgslab_core.h"
#include "store/meta.h"
#include "store/sets.h"
#include "store/testing/page_store.h"
#include "store/testing/pump.h"

namespace pgslab {

// Rows for a task, with their lists, in the order of these.
using ListedRows = std::vector<std::pair<uint32_t, EncodedRow>>;

// What others do while a task runs: called before each of its writes.
using Meanwhile = std::function<void()>;

// Answers all that a task asks for until it is done. Neither publishes nor looks at the index anew.
inline void carry_out(MemoryIndex &index, PgsTask *task, const ListedRows &rows = {},
                      const Meanwhile &meanwhile = {}) {
    PageStore &store = index.store();
    PgsError error = {};
    std::vector<PgsReservation> runs;
    auto is_reserved = [&runs](uint32_t block) {
        return std::any_of(runs.begin(), runs.end(), [block](const PgsReservation &run) {
            return block >= run.block && block - run.block < run.blocks;
        });
    };
    size_t row = 0;
    for (;;) {
        const PgsRequest request = pump(pgs_task_machine(task), store);
        switch (request.kind) {
            case PGS_REQUEST_RUN: {
                PgsReservation reserved = {};
                Page page = store.read(0);
                require(pgs_meta_reserve(&page, request.least, request.blocks, request.ids,
                                         &reserved, &error),
                        error);
                store.write(0, &page);
                require(pgs_task_reserved(task, &reserved, &error), error);
                runs.push_back(reserved);
                break;
            }
            case PGS_REQUEST_ROW:
                if (row < rows.size()) {
                    const auto &[list, bytes] = rows[row++];
                    require(pgs_task_row(task, bytes.data(), list, &error), error);
                } else {
                    require(pgs_task_row(task, nullptr, 0, &error), error);
                }
                break;
            case PGS_REQUEST_WRITE: {
                if (!is_reserved(request.block)) {
                    throw std::logic_error("a page outside the reserved runs");
                }
                const Page page = as_page(request.page);
                if (meanwhile) {
                    meanwhile();
                }
                store.write(request.block, &page);
                break;
            }
            case PGS_REQUEST_DONE:
                return;
            default:
                throw std::logic_error("a task asks for what is no task's");
        }
    }
}

// Slots of the open part that are in use, and its tail page, whose block is PGS_NO_BLOCK when all
// are full.
inline uint64_t open_slots(const MemoryIndex &index, uint32_t *tail_block) {
    const uint32_t pages = pgs_open_record_pages(&index.meta());
    uint64_t slots = 0;
    *tail_block = PGS_NO_BLOCK;
    for (uint32_t i = 0; i < pages && *tail_block == PGS_NO_BLOCK; i++) {
        const PgsRecordPage where = pgs_open_record_page(&index.meta(), i);
        const uint32_t count = index.count_records(where);
        slots = pgs_open_slots_before(&index.meta(), i) + count;
        if (count < where.capacity) {
            *tail_block = where.block;
        }
    }
    return slots;
}

// Closes the open part, if it is asked for and there is one, and puts what a task has made, if any,
// into the manifest: in one step.
inline void close_and_publish(MemoryIndex &index, bool close, const PgsTask *task,
                              uint64_t next_xid) {
    PageGroup group;
    Page meta = index.store().read(0);
    if (close && pgs_open_part(&meta) != 0) {
        uint32_t tail = PGS_NO_BLOCK;
        pgs_meta_close(&meta, open_slots(index, &tail));
        if (tail != PGS_NO_BLOCK) {
            pgs_record_page_close(&group.add(tail, index.store().read(tail)));
        }
    }
    if (task != nullptr) {
        PgsError error = {};
        require(pgs_task_publish(task, &meta, next_xid, &error), error);
    }
    group.add(0, meta);
    index.store().write(group);
    index.recover();
}

inline void publish(MemoryIndex &index, const PgsTask *task, uint64_t next_xid) {
    close_and_publish(index, false, task, next_xid);
}

inline void close(MemoryIndex &index) {
    close_and_publish(index, true, nullptr, 0);
}

inline PgsSegments all_segments(const MemoryIndex &index) {
    return all_segments(meta_of(index.meta()));
}

inline PgsParts sealed_parts(const MemoryIndex &index) {
    return sealed_parts(meta_of(index.meta()));
}

template <typename Create>
Owned<PgsTask> make_task(Create create) {
    return make_owned<PgsTask>(pgs_task_destroy, create);
}

// The rows of a part that are in no segment.
inline void flush(MemoryIndex &index, uint32_t part, size_t memory_bytes, uint64_t next_xid,
                  const Meanwhile &meanwhile = {}) {
    const auto task = make_task(
        [&](PgsTask **made) { return pgs_flush_create(&index.meta(), part, memory_bytes, made); });
    carry_out(index, task.get(), {}, meanwhile);
    publish(index, task.get(), next_xid);
}

inline void merge(MemoryIndex &index, PgsSegments segments, PgsParts parts, uint64_t next_xid,
                  const Meanwhile &meanwhile = {}) {
    const auto task = make_task(
        [&](PgsTask **made) { return pgs_merge_create(&index.meta(), segments, parts, made); });
    carry_out(index, task.get(), {}, meanwhile);
    publish(index, task.get(), next_xid);
}

inline void move(MemoryIndex &index, uint32_t block, uint64_t next_xid,
                 const Meanwhile &meanwhile = {}) {
    const auto task =
        make_task([&](PgsTask **made) { return pgs_move_create(&index.meta(), block, made); });
    carry_out(index, task.get(), {}, meanwhile);
    publish(index, task.get(), next_xid);
}

// The stored rows of parts, encoded by a codebook.
inline ListedRows stored_rows(const MemoryIndex &index, const PgsCodebook *codebook,
                              PgsParts parts) {
    const auto rows = make_owned<PgsStoredRows>(pgs_stored_rows_destroy, [&](PgsStoredRows **made) {
        return pgs_stored_rows_create(&index.meta(), parts, made);
    });
    const auto encoder = make_owned<PgsEncoder>(
        pgs_encoder_destroy, [&](PgsEncoder **made) { return pgs_encoder_create(codebook, made); });
    ListedRows encoded;
    pump(pgs_stored_rows_machine(rows.get()), index.store(), [&](uint32_t) {
        for (;;) {
            EncodedRow row(pgs_row_bytes(codebook) / sizeof(uint64_t));
            uint32_t list = 0;
            bool more = false;
            require(pgs_encode_stored(encoder.get(), rows.get(), row.data(), &list, &more),
                    kNoMemory);
            if (!more) {
                break;
            }
            encoded.emplace_back(list, std::move(row));
        }
    });
    std::stable_sort(encoded.begin(), encoded.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    return encoded;
}

// Parts anew from their stored rows, by the index's codebook or another.
// What is inserted meanwhile goes to an open part that is closed in the end if that is asked for.
inline void rewrite(MemoryIndex &index, const PgsCodebook *codebook, PgsParts parts,
                    uint64_t next_xid, const Meanwhile &meanwhile = {}, bool close = false) {
    const ListedRows rows = stored_rows(index, codebook, parts);
    const auto task = make_task([&](PgsTask **made) {
        return pgs_rewrite_create(&index.meta(), codebook, parts, rows.size(), made);
    });
    carry_out(index, task.get(), rows, meanwhile);
    close_and_publish(index, close, task.get(), next_xid);
}

inline PgsOptions options_of(const PgsMetaInfo &info) {
    return {info.dims,     info.metric,      info.storage, info.embedder,
            info.revision, info.refine_bits, info.keys,    info.prefix_dims};
}

// A codebook trained with rows of the index.
inline Owned<PgsCodebook> train_again(const MemoryIndex &index, uint32_t lists, uint64_t identity) {
    const PgsMetaInfo info = index.info();
    const PgsOptions options = options_of(info);
    PgsPlan plan = {lists, 0};
    pgs_plan(&options, 1000, size_t{1} << 30, &plan);
    const auto sampler = make_owned<PgsSampler>(pgs_sampler_destroy, [&](PgsSampler **made) {
        return pgs_sampler_create(&index.meta(), index.codebook(), plan.sample, PGS_DRAW_OTHERS,
                                  identity, made);
    });
    pump(pgs_sampler_machine(sampler.get()), index.store());
    const auto training = make_owned<PgsTraining>(pgs_training_destroy, [&](PgsTraining **made) {
        return pgs_training_create(&options, &plan, index.codebook(), made);
    });
    for (uint32_t i = 0; i < pgs_sampler_vectors(sampler.get()); i++) {
        uint64_t slot = 0;
        bool taken = false;
        require(
            pgs_training_add(training.get(), pgs_sampler_vector(sampler.get(), i, &slot), &taken),
            kNoMemory);
    }
    PgsProgress progress = {};
    while (!progress.finished) {
        require(pgs_training_step(training.get(), &progress), kNoMemory);
    }
    return make_owned<PgsCodebook>(pgs_codebook_destroy, [&](PgsCodebook **made) {
        return pgs_training_finish(training.get(), identity, made);
    });
}

inline void recluster(MemoryIndex &index, uint32_t lists, uint64_t identity, uint64_t next_xid,
                      const Meanwhile &meanwhile = {}) {
    close(index);
    const auto codebook = train_again(index, lists, identity);
    rewrite(index, codebook.get(), sealed_parts(index), next_xid, meanwhile, true);
}

// What was given up before the transaction, and what a crash left, becomes free.
inline void reclaim(MemoryIndex &index, uint64_t removable) {
    Page page = index.store().read(0);
    if (pgs_meta_reclaim(&page, removable)) {
        index.store().write(0, &page);
        index.recover();
    }
}

inline void cut_end(MemoryIndex &index) {
    Page page = index.store().read(0);
    pgs_meta_cut(&page);
    index.store().write(0, &page);
    index.recover();
}

}  // namespace pgslab
