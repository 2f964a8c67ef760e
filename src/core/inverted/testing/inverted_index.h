// An index of documents over a PageStore, through the boundary: what the server's side does for an
// index, in the order in which it has to be done so that a crash between any two writes loses
// nothing.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "filter/keys.h"
#include "inverted/format.h"
#include "inverted/forward_row.h"
#include "inverted/segment_reader.h"
#include "pgslab/inverted.h"
#include "pgslab_core.h"
#include "store/layout.h"
#include "store/meta.h"
#include "store/page.h"
#include "store/sets.h"
#include "store/testing/page_store.h"
#include "store/testing/pump.h"
#include "store/testing/tids.h"
#include "store/walker.h"

namespace pgslab::inverted {

// What a test knows of a document. keys: one number for each key but that of the address.
struct ModelDocument {
    std::map<std::string, float> terms;
    std::vector<uint64_t> keys;

    // They point into it.
    std::vector<PgsTerm> pgs_terms() const {
        std::vector<PgsTerm> all;
        for (const auto &[term, weight] : terms) {
            all.push_back({term.data(), static_cast<uint32_t>(term.size()), weight});
        }
        return all;
    }
};

// Documents by the number of their tid: see tid_number().
using Model = std::map<uint32_t, ModelDocument>;

inline PgsInvertedOptions options_of(Weights weights, const PgsKeyColumns &keys = {}) {
    PgsInvertedOptions options = {};
    options.weights = static_cast<PgsWeights>(weights);
    options.embedder = "";
    options.revision = "";
    options.keys = keys;
    if (weights == Weights::kOccurrences) {
        options.k1 = 1.2;
        options.b = 0.75;
    } else {
        options.dims = 1 << 20;
    }
    return options;
}

class InvertedIndex {
  public:
    explicit InvertedIndex(const PgsInvertedOptions &options) {
        pgs_inverted_meta_init(&meta_, &options);
        store_.write(kMetaBlock, &meta_);
        recover();
    }

    PageStore &store() { return store_; }
    const PageStore &store() const { return store_; }
    const Meta &meta() const { return meta_of(meta_); }
    const Page &meta_page() const { return meta_; }
    const Inverted &index() const { return inverted_of(meta()); }

    // Forgets what is not in pages, as a restart does.
    void recover() {
        store_.do_not_crash();
        look_anew();
    }

    // ---- documents

    // Whether it is one to be indexed.
    bool insert(PgsTid tid, const ModelDocument &document) {
        const std::vector<PgsTerm> terms = document.pgs_terms();
        const auto count = static_cast<uint32_t>(terms.size());
        const uint64_t slots = pgs_document_slots(&meta_, terms.data(), count);
        const uint32_t record_bytes = pgs_document_record_bytes(&meta_);
        const uint32_t piece_bytes = pgs_document_piece_bytes(&meta_);
        std::vector<uint8_t> records(slots * record_bytes);
        std::vector<uint8_t> pieces(slots * piece_bytes);
        if (!pgs_document_encode(&meta_, terms.data(), count, document.keys.data(), tid,
                                 records.data(), pieces.data())) {
            return false;
        }
        for (uint64_t done = 0; done < slots;) {
            done += insert_some(records.data() + done * record_bytes,
                                pieces.data() + done * piece_bytes, slots - done);
        }
        return true;
    }

    // Adds documents to batches of so much memory, each of which becomes a part and a segment; what
    // is due of maintenance is done between them.
    void load(const Model &documents, size_t memory_bytes) {
        PgsLoad *created = nullptr;
        require(pgs_load_create(&meta_, memory_bytes, &created), {});
        const std::unique_ptr<PgsLoad, void (*)(PgsLoad *)> load(created, pgs_load_destroy);
        for (const auto &[number, document] : documents) {
            const std::vector<PgsTerm> terms = document.pgs_terms();
            bool indexed = false;
            bool full = false;
            require(pgs_load_add(load.get(), terms.data(), static_cast<uint32_t>(terms.size()),
                                 document.keys.data(), tid_number(number), &indexed, &full),
                    {});
            if (full) {
                write(*load);
                maintain(PGS_GOAL_AUTOMATIC, {});
            }
        }
        if (pgs_load_documents(load.get()) > 0) {
            write(*load);
        }
    }

    // Makes tombstones of what dead() picks by its tid, page by page, and counts all there are.
    template <typename Dead>
    void vacuum(Dead dead) {
        std::vector<uint64_t> tombstones(meta().parts);
        for (uint32_t i = 0; i < pgs_record_pages(&meta_); i++) {
            const PgsRecordPage where = pgs_record_page(&meta_, i);
            tombstones[where.part] += vacuum_page(where, dead);
        }
        Page changed = store_.read(kMetaBlock);
        for (uint32_t p = 0; p < meta().parts; p++) {
            pgs_meta_set_tombstones(&changed, p, tombstones[p]);
        }
        write_meta(changed);
    }

    // ---- maintenance

    // What others do while a task runs: called before each of its pages is written.
    using Meanwhile = std::function<void()>;

    void flush(uint32_t part, size_t memory_bytes, const Meanwhile &meanwhile = {}) {
        PgsTask *task = nullptr;
        require(pgs_flush_create(&meta_, part, memory_bytes, &task), {});
        carry_out(task, meanwhile);
    }
    void merge(PgsSegments segments, PgsParts parts, const Meanwhile &meanwhile = {}) {
        PgsTask *task = nullptr;
        require(pgs_merge_create(&meta_, segments, parts, &task), {});
        carry_out(task, meanwhile);
    }
    void move(uint32_t block) {
        PgsTask *task = nullptr;
        require(pgs_move_create(&meta_, block, &task), {});
        carry_out(task, {});
    }

    // The open part, if there is one. Who is about to append to its tail page finds that closed.
    void close() {
        if (pgs_open_part(&meta_) == 0) {
            return;
        }
        PageGroup group;
        Page changed = store_.read(kMetaBlock);
        const std::optional<Tail> tail = find_tail();
        pgs_meta_close(&changed, open_slots());
        group.add(kMetaBlock, changed);
        if (tail) {
            pgs_record_page_close(&group.add(tail->where.block, store_.read(tail->where.block)));
        }
        store_.write(group);
        look_anew();
    }

    // What was given up by all who have ended, and what a crash has left, becomes free.
    void reclaim() {
        Page changed = store_.read(kMetaBlock);
        if (pgs_meta_reclaim(&changed, xid_++)) {
            write_meta(changed);
        }
    }
    void cut() {
        Page changed = store_.read(kMetaBlock);
        if (pgs_meta_can_cut(&changed)) {
            const uint32_t end = pgs_meta_cut(&changed);
            write_meta(changed);
            store_.truncate(end);
        }
    }

    // All jobs of a goal; how many there were. Each begins where nobody reads what the one before
    // has replaced.
    uint32_t maintain(PgsGoalKind kind, const PgsPolicy &policy,
                      size_t memory_bytes = size_t{1} << 24) {
        PgsGoal goal = {};
        goal.kind = kind;
        for (;;) {
            reclaim();
            const PgsJob job = pgs_pick_job(&meta_, open_slots(), &policy, &goal);
            switch (job.kind) {
                case PGS_JOB_NONE:
                    return goal.jobs;
                case PGS_JOB_CLOSE:
                    close();
                    break;
                case PGS_JOB_FLUSH:
                    flush(job.part, memory_bytes);
                    break;
                case PGS_JOB_MERGE:
                    merge(job.segments, job.parts);
                    break;
                case PGS_JOB_MOVE:
                    move(job.block);
                    break;
                default:
                    throw std::logic_error("a job that is for vectors");
            }
        }
    }

    // Slots of the open part that are in use.
    uint64_t open_slots() const {
        const std::optional<Tail> tail = find_tail();
        return tail ? pgs_open_slots_before(&meta_, tail->page) + tail->count
                    : pgs_open_slots_before(&meta_, pgs_open_record_pages(&meta_));
    }

    // ---- what is there

    // Throws CoreFailure at the first damage; what is stored of documents that are no tombstones.
    std::vector<PgsVerifiedRow> verify() const {
        Page found = store_.read(kMetaBlock);
        PgsError error = {};
        require(pgs_meta_check(&found, &error), error);
        PgsVerify *created = nullptr;
        require(pgs_verify_create(&found, &created), {});
        const std::unique_ptr<PgsVerify, void (*)(PgsVerify *)> verify(created, pgs_verify_destroy);
        std::vector<PgsVerifiedRow> all;
        pump(pgs_verify_machine(created), store_, [&](uint32_t) {
            size_t count = 0;
            const PgsVerifiedRow *rows = pgs_verify_rows(created, &count);
            all.insert(all.end(), rows, rows + count);
        });
        return all;
    }

    // The documents that are no tombstones: their terms by the postings of segments, and of the
    // sidecar by their forward rows; their keys by their records. Without looking at checks.
    Model documents() const {
        ReadBack read(*this);
        return std::move(read.documents);
    }

  private:
    // The page of the open part that records are appended to next.
    struct Tail {
        uint32_t page;  // number among the open part's
        PgsRecordPage where;
        uint32_t count;  // records on it
    };

    struct ReadBack final : RowSink {
        explicit ReadBack(const InvertedIndex &read_index)
            : index(read_index), pieces(index.index().weights) {
            for (uint32_t s = 0; s < index.meta().segments; s++) {
                read_segment(index.meta().segment[s]);
            }
            Walker walker;
            walker.open(index.meta(), {.skip = 0, .table = {kPieceColumn, kPieceBytes}});
            while (walker.next_block() != PGS_NO_BLOCK) {
                part = &index.meta().part[walker.part_number()];
                PgsError error = {};
                require(walker.page(index.store_.read(walker.next_block()), *this, &error), error);
            }
        }

        void read_segment(const Segment &segment) {
            SegmentReader reader(segment, index.index());
            read_on(reader);
            reader.begin_terms();
            for (read_on(reader); !reader.at_end(); read_on(reader)) {
                if (reader.ends_term()) {
                    reader.next_term();
                    continue;
                }
                const Postings &block = reader.block();
                const auto *bytes = reinterpret_cast<const char *>(reader.term().data());
                for (uint32_t i = 0; i < block.count; i++) {
                    by_address[reader.shape().address_of(block.number[i])].emplace(
                        std::string(bytes, reader.term().size()), block.weight[i]);
                }
                reader.next_block();
            }
        }
        void read_on(SegmentReader &reader) const {
            while (reader.wanted().block != PGS_NO_BLOCK) {
                PgsError error = {};
                require(reader.page(index.store_.read(reader.wanted().block), &error), error);
            }
        }

        void piece(const Row &, uint32_t offset, const uint8_t *bytes, uint32_t n) override {
            pieces.piece(offset, bytes, n);
        }
        void row(const Row &row) override {
            const bool is_whole = is_written(*part) || pieces.row(row);
            if (!is_whole || (row.record.flags & kTombstone) != 0) {
                return;
            }
            ModelDocument document;
            if (slot_of(row.address) < part->flushed) {
                document.terms = by_address[row.address];
            } else if (std::vector<PgsTerm> terms; pieces.read(row, terms)) {
                for (const PgsTerm &term : terms) {
                    document.terms.emplace(
                        std::string(static_cast<const char *>(term.bytes), term.length),
                        term.weight);
                }
            } else {
                throw std::logic_error("a document of the sidecar is none");
            }
            document.keys = keys_of(row.extra);
            if (!documents.emplace(number_of(tid_of(row.record)), document).second) {
                throw std::logic_error("a document is there twice");
            }
        }
        std::vector<uint64_t> keys_of(const uint8_t *stored) const {
            const PgsKeyColumns columns = key_columns(index.index().keys);
            std::vector<uint64_t> keys;
            for (uint32_t c = 0; c < columns.count; c++) {
                const PgsKeyColumn &column = columns.column[c];
                for (uint32_t k = 0; k < column.keys; k++) {
                    if (!column.is_address) {
                        keys.push_back(load_key(stored, column.key_bytes));
                    }
                    stored += column.key_bytes;
                }
            }
            return keys;
        }

        const InvertedIndex &index;
        PieceReader pieces;
        const Part *part = nullptr;  // being walked
        std::map<uint64_t, std::map<std::string, float>> by_address;
        Model documents;
    };

    void look_anew() {
        meta_ = store_.read(kMetaBlock);
        PgsError error = {};
        require(pgs_meta_check(&meta_, &error), error);
    }

    void write_meta(const Page &changed) {
        store_.write(kMetaBlock, &changed);
        look_anew();
    }

    // Nothing where the open part is full, or there is none.
    std::optional<Tail> find_tail() const {
        for (uint32_t i = 0; i < pgs_open_record_pages(&meta_); i++) {
            const PgsRecordPage where = pgs_open_record_page(&meta_, i);
            const uint32_t count = records_on(where);
            if (count < where.capacity) {
                return Tail{i, where, count};
            }
        }
        return {};
    }

    uint32_t records_on(const PgsRecordPage &where) const {
        PgsError error = {};
        uint32_t count = 0;
        require(pgs_record_page_check(&meta_, &where, &store_.read(where.block), &count, &error),
                error);
        return count;
    }

    // As many slots as one group of pages holds, on the open part's tail; how many.
    uint64_t insert_some(const uint8_t *records, const uint8_t *pieces, uint64_t slots) {
        std::optional<Tail> tail;
        while (!(tail = find_tail())) {
            grow();
        }
        auto n =
            static_cast<uint32_t>(std::min<uint64_t>(slots, tail->where.capacity - tail->count));
        PgsPlacement at = pgs_place_pieces(&meta_, &tail->where, tail->count, n);
        while (at.blocks + 1 > kMostPagesOfGroup) {
            at = pgs_place_pieces(&meta_, &tail->where, tail->count, --n);
        }
        PageGroup group;
        for (uint32_t i = 0; i < at.blocks; i++) {
            Page &page = group.add(at.first_block + i, store_.read(at.first_block + i));
            PgsError error = {};
            require(pgs_item_page_check(&meta_, &at, i, &page, &error), error);
            pgs_pieces_write(&meta_, &at, i, pieces, n, &page);
        }
        pgs_records_append(&group.add(tail->where.block, store_.read(tail->where.block)), records,
                           n);
        store_.write(group);
        return n;
    }

    // Reserves if need be, formats and publishes the open part's next stride.
    void grow() {
        Page changed = store_.read(kMetaBlock);
        PgsGrowth growth = {};
        PgsError error = {};
        require(pgs_growth_next(&changed, &growth, &error), error);
        if (growth.blocks == 0) {
            require(pgs_growth_reserve(&changed, &error), error);
            store_.write(kMetaBlock, &changed);
            require(pgs_growth_next(&changed, &growth, &error), error);
        }
        for (uint32_t i = 0; i < growth.blocks; i++) {
            Page formatted;
            pgs_growth_format(&changed, &growth, i, &formatted);
            store_.write(growth.first_block + i, &formatted);
        }
        require(pgs_growth_publish(&changed, &growth, &error), error);
        write_meta(changed);
    }

    void write(PgsLoad &load) {
        PgsTask *task = nullptr;
        require(pgs_load_task(&load, &meta_, &task), {});
        carry_out(task, {});
    }

    // Does all that a task asks for, and publishes what it has made. It writes to what it reserved.
    void carry_out(PgsTask *created, const Meanwhile &meanwhile) {
        const std::unique_ptr<PgsTask, void (*)(PgsTask *)> task(created, pgs_task_destroy);
        std::vector<Run> reserved;
        PgsError error = {};
        for (;;) {
            const PgsRequest request = pump(pgs_task_machine(created), store_);
            if (request.kind == PGS_REQUEST_RUN) {
                Page changed = store_.read(kMetaBlock);
                PgsReservation run = {};
                require(pgs_meta_reserve(&changed, request.least, request.blocks, request.ids, &run,
                                         &error),
                        error);
                store_.write(kMetaBlock, &changed);
                require(pgs_task_reserved(created, &run, &error), error);
                reserved.push_back({run.block, run.blocks});
            } else if (request.kind == PGS_REQUEST_WRITE) {
                if (meanwhile) {
                    meanwhile();
                }
                if (std::ranges::none_of(reserved, [&](const Run &run) {
                        return request.block >= run.block && request.block - run.block < run.blocks;
                    })) {
                    throw std::logic_error("a task writes where it has reserved nothing");
                }
                store_.write(request.block, request.page);
            } else if (request.kind == PGS_REQUEST_DONE) {
                break;
            } else {
                throw std::logic_error("a task of documents asks for no rows");
            }
        }
        Page changed = store_.read(kMetaBlock);
        require(pgs_task_publish(created, &changed, xid_++, &error), error);
        write_meta(changed);
    }

    // The page's tombstones afterwards.
    template <typename Dead>
    uint64_t vacuum_page(const PgsRecordPage &where, Dead dead) {
        const uint32_t count = records_on(where);
        Page page = store_.read(where.block);
        uint64_t tombstones = 0;
        bool changed = false;
        for (uint32_t i = 0; i < count; i++) {
            const PgsRecord *record = pgs_page_record(&page, i);
            if ((pgs_record_flags(record) & PGS_TOMBSTONE) == 0 && dead(pgs_record_tid(record))) {
                pgs_record_set_flags(&page, i, PGS_TOMBSTONE);
                changed = true;
            }
            tombstones += (pgs_record_flags(record) & PGS_TOMBSTONE) != 0 ? 1 : 0;
        }
        if (changed) {
            store_.write(where.block, &page);
        }
        return tombstones;
    }

    PageStore store_;
    Page meta_ = {};  // as it was last looked at
    uint64_t xid_ = 1000;
};

// What a check has to hand out of these documents, in the order of tids.
inline std::map<uint32_t, uint32_t> contents_of(const InvertedIndex &index, const Model &model) {
    std::map<uint32_t, uint32_t> contents;
    for (const auto &[number, document] : model) {
        const std::vector<PgsTerm> terms = document.pgs_terms();
        contents[number] = pgs_document_content(&index.meta_page(), terms.data(),
                                                static_cast<uint32_t>(terms.size()),
                                                document.keys.data(), tid_number(number));
    }
    return contents;
}

}  // namespace pgslab::inverted
