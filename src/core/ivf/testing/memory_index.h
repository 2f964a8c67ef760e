// An index over a PageStore, driven through the boundary as the server's side drives it.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ivf/testing/row_keys.h"
#include "pgslab_core.h"
#include "quantize/testing/hard_vectors.h"
#include "store/page.h"
#include "store/testing/page_store.h"
#include "store/testing/pump.h"
#include "store/testing/tids.h"

namespace pgslab {

struct TestRow {
    PgsTid tid;
    Vector vector;
};

// The vectors of a table's rows, by the number of their tid.
using RowVectors = std::map<uint32_t, Vector>;

// An encoded row: words, so that it is aligned.
using EncodedRow = std::vector<uint64_t>;

inline const PgsError kNoMemory = {PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "out of memory"};

// What the core made, freed by the core.
template <typename T>
using Owned = std::unique_ptr<T, void (*)(T *)>;

template <typename T, typename Create>
Owned<T> make_owned(void (*destroy)(T *), Create create) {
    T *made = nullptr;
    require(create(&made), kNoMemory);
    return {made, destroy};
}

// Reads the codebook that a metapage names.
inline Owned<PgsCodebook> load_codebook(const PageStore &store, const Page &meta) {
    const auto load = make_owned<PgsCodebookLoad>(
        pgs_codebook_load_destroy,
        [&](PgsCodebookLoad **made) { return pgs_codebook_load_create(&meta, made); });
    pump(pgs_codebook_load_machine(load.get()), store);
    PgsError error = {};
    PgsCodebook *codebook = nullptr;
    require(pgs_codebook_load_finish(load.get(), &codebook, &error), error);
    return {codebook, pgs_codebook_destroy};
}

class MemoryIndex {
  public:
    // An index without rows.
    explicit MemoryIndex(const PgsOptions &options) : MemoryIndex(options, {}) {}

    // Built from rows, with so many lists; 0 leaves their number to the core.
    MemoryIndex(const PgsOptions &options, const std::vector<TestRow> &rows, uint32_t lists = 0)
        : keys_(options.keys) {
        train(options, rows, lists);
        build(options, rows);
        open();
        for (const TestRow &row : rows) {
            (*vectors_)[number_of(row.tid)] = row.vector;
        }
    }

    PageStore &store() { return store_; }
    const PageStore &store() const { return store_; }

    // A copy of the metapage as it was last looked at.
    const Page &meta() const { return meta_; }

    PgsMetaInfo info() const {
        PgsMetaInfo info;
        pgs_meta_info(&meta_, &info);
        return info;
    }

    const PgsCodebook *codebook() const { return codebook_.get(); }

    // Of all rows that were ever built with or inserted, as the table has them.
    const RowVectors *vectors() const { return vectors_.get(); }

    // Forgets what is not in pages, as a restart does.
    void recover() {
        store_.do_not_crash();
        tail_hint_ = 0;
        open();
    }

    std::optional<EncodedRow> encoded(const TestRow &row, uint32_t *list) const {
        EncodedRow bytes(pgs_row_bytes(codebook_.get()) / sizeof(uint64_t));
        bool indexed = false;
        const std::vector<uint64_t> keys = keys_of_row(keys_, number_of(row.tid));
        require(pgs_encode_row(encoder_.get(), row.vector.data(), keys.data(), row.tid,
                               bytes.data(), list, &indexed),
                kNoMemory);
        return indexed ? std::optional(bytes) : std::nullopt;
    }

    // What verification must find of a row that is indexed.
    uint32_t content(const TestRow &row) const {
        uint32_t list = 0;
        const EncodedRow bytes = encoded(row, &list).value();
        return pgs_content(&meta_, pgs_row_item(&meta_, bytes.data()),
                           pgs_row_record(bytes.data()));
    }

    // Measures recall with stored vectors and keeps the result on the metapage.
    // given: the caller's own queries, float[dims] each. Returns whether rows, and whether these,
    // find less than is promised, whatever is visited.
    std::pair<bool, bool> calibrate(uint32_t queries, bool held_out = false,
                                    const std::vector<float> &given = {}) {
        const auto sampler = make_owned<PgsSampler>(pgs_sampler_destroy, [&](PgsSampler **made) {
            return pgs_sampler_create(&meta_, codebook_.get(), queries,
                                      held_out ? PGS_DRAW_HELD_OUT : PGS_DRAW_ALL, 1, made);
        });
        pump(pgs_sampler_machine(sampler.get()), store_);
        const auto calibration =
            make_owned<PgsCalibration>(pgs_calibration_destroy, [&](PgsCalibration **made) {
                PgsCalibrationOptions options = {};
                options.rows = info().sealed_slots;
                options.memory_bytes = 1 << 20;
                options.thorough = true;
                options.queries = given.data();
                options.given = static_cast<uint32_t>(given.size() / info().dims);
                return pgs_calibration_create(&meta_, codebook_.get(), sampler.get(), &options,
                                              made);
            });
        pump(pgs_calibration_machine(calibration.get()), store_);
        Page page = store_.read(0);
        pgs_meta_calibrate(&page, calibration.get());
        store_.write(0, &page);
        load_meta();
        double promised = 0;
        double found = 0;
        return {pgs_calibration_falls_short(calibration.get(), false, &promised, &found),
                pgs_calibration_falls_short(calibration.get(), true, &promised, &found)};
    }

    // False when the row is not one to be indexed. Once it returns, the row is in.
    bool insert(const TestRow &row) {
        uint32_t list = 0;
        const std::optional<EncodedRow> bytes = encoded(row, &list);
        if (!bytes) {
            return false;
        }
        (*vectors_)[number_of(row.tid)] = row.vector;
        uint32_t count = 0;
        std::optional<PgsRecordPage> tail;
        while (!(tail = find_tail(&count))) {
            grow();
        }
        write_row(*tail, count, *bytes);
        return true;
    }

    // Makes tombstones of the rows dead() picks, page by page, and counts all there are.
    template <typename Dead>
    void vacuum(Dead dead) {
        const Page meta = meta_;
        std::vector<uint64_t> tombstones(kMaxParts);
        for (uint32_t i = 0; i < pgs_record_pages(&meta); i++) {
            const PgsRecordPage where = pgs_record_page(&meta, i);
            tombstones[where.part] += vacuum_page(where, dead);
        }
        Page page = store_.read(0);
        for (uint32_t part = 0; part < part_count(); part++) {
            pgs_meta_set_tombstones(&page, part, tombstones[part]);
        }
        store_.write(0, &page);
        load_meta();
    }

    // Flags the index-th record of a page as a scan does that found its row dead.
    void kill(const PgsRecordPage &where, uint32_t index) {
        Page page = store_.read(where.block);
        pgs_record_set_flags(&page, index, PGS_KILLED);
        store_.write(where.block, &page);
    }

    // Reserves if need be, formats and publishes the open part's next stride.
    void grow() {
        PgsError error;
        PgsGrowth growth;
        Page page = store_.read(0);
        require(pgs_growth_next(&page, &growth, &error), error);
        if (growth.blocks == 0) {
            require(pgs_growth_reserve(&page, &error), error);
            store_.write(0, &page);
            require(pgs_growth_next(&page, &growth, &error), error);
        }
        for (uint32_t i = 0; i < growth.blocks; i++) {
            Page formatted;
            pgs_growth_format(&page, &growth, i, &formatted);
            store_.write(growth.first_block + i, &formatted);
        }
        require(pgs_growth_publish(&page, &growth, &error), error);
        store_.write(0, &page);
        load_meta();
    }

    uint32_t count_records(const PgsRecordPage &where) const {
        PgsError error;
        uint32_t count = 0;
        require(pgs_record_page_check(&meta_, &where, &store_.read(where.block), &count, &error),
                error);
        return count;
    }

  private:
    void train(const PgsOptions &options, const std::vector<TestRow> &rows, uint32_t lists) {
        PgsPlan plan = {lists, 0};
        pgs_plan(&options, static_cast<double>(rows.size()), size_t{1} << 30, &plan);
        const auto training =
            make_owned<PgsTraining>(pgs_training_destroy, [&](PgsTraining **made) {
                return pgs_training_create(&options, &plan, nullptr, made);
            });
        for (const TestRow &row : rows) {
            bool taken = false;
            require(pgs_training_add(training.get(), row.vector.data(), &taken), kNoMemory);
        }
        PgsProgress progress = {};
        while (!progress.finished) {
            require(pgs_training_step(training.get(), &progress), kNoMemory);
        }
        codebook_ = make_owned<PgsCodebook>(pgs_codebook_destroy, [&](PgsCodebook **made) {
            return pgs_training_finish(training.get(), 42, made);
        });
        make_encoder();
    }

    void build(const PgsOptions &options, const std::vector<TestRow> &rows) {
        const auto build = make_owned<PgsBuild>(pgs_build_destroy, [&](PgsBuild **made) {
            return pgs_build_create(&options, codebook_.get(), made);
        });
        std::map<uint32_t, Page> pages;  // in block order, as the store takes them
        auto take_pages = [&] {
            uint32_t block;
            while (const void *page = pgs_build_page(build.get(), &block)) {
                pages.emplace(block, as_page(page));
            }
        };
        std::vector<std::pair<uint32_t, EncodedRow>> sorted;
        for (const TestRow &row : rows) {
            uint32_t list = 0;
            if (std::optional<EncodedRow> bytes = encoded(row, &list)) {
                sorted.emplace_back(list, std::move(*bytes));
            }
        }
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const auto &a, const auto &b) { return a.first < b.first; });
        PgsError error;
        uint32_t blocks = 0;
        take_pages();
        require(pgs_build_begin_rows(build.get(), sorted.size(), &blocks, &error), error);
        for (const auto &[list, row] : sorted) {
            require(pgs_build_add_row(build.get(), row.data(), list, &error), error);
            take_pages();
        }
        require(pgs_build_end_rows(build.get(), &error), error);
        take_pages();
        pgs_build_meta(build.get(), &pages[0]);
        for (const auto &[block, page] : pages) {
            store_.write(block, &page);
        }
    }

    // Reads the metapage and the codebook it names.
    void open() {
        load_meta();
        codebook_ = load_codebook(store_, meta_);
        make_encoder();
    }

    void make_encoder() {
        encoder_ = make_owned<PgsEncoder>(pgs_encoder_destroy, [&](PgsEncoder **made) {
            return pgs_encoder_create(codebook_.get(), made);
        });
    }

    void load_meta() {
        PgsError error;
        require(pgs_meta_check(&store_.read(0), &error), error);
        meta_ = store_.read(0);
    }

    uint32_t part_count() const {
        return info().sealed_parts + (pgs_open_record_pages(&meta_) > 0 ? 1 : 0);
    }

    // The first open record page with room, or nothing when the open part is full.
    std::optional<PgsRecordPage> find_tail(uint32_t *count) {
        for (; tail_hint_ < pgs_open_record_pages(&meta_); tail_hint_++) {
            const PgsRecordPage where = pgs_open_record_page(&meta_, tail_hint_);
            *count = count_records(where);
            if (*count < where.capacity) {
                return where;
            }
        }
        return std::nullopt;
    }

    // The pages of its items and, with the last of them, the record.
    void write_row(const PgsRecordPage &tail, uint32_t count, const EncodedRow &row) {
        PgsError error;
        PageGroup group;
        for (uint32_t c = 1; c < pgs_columns(&meta_); c++) {
            const PgsPlacement placement = pgs_place(&meta_, &tail, count, c);
            for (uint32_t i = 0; i < placement.blocks; i++) {
                Page &page = page_of_group(group, placement.first_block + i);
                require(pgs_item_page_check(&meta_, &placement, i, &page, &error), error);
                pgs_item_write(&meta_, &placement, i, row.data(), &page);
            }
        }
        pgs_record_append(&page_of_group(group, tail.block), row.data());
        store_.write(group);
    }

    // The block's page in the group, which is written first if it is full.
    Page &page_of_group(PageGroup &group, uint32_t block) {
        if (group.full()) {
            store_.write(group);
            group = {};
        }
        return group.add(block, store_.read(block));
    }

    // The page's tombstones afterwards.
    template <typename Dead>
    uint64_t vacuum_page(const PgsRecordPage &where, Dead dead) {
        const uint32_t count = count_records(where);
        Page page = store_.read(where.block);
        uint64_t tombstones = 0;
        bool changed = false;
        for (uint32_t i = 0; i < count; i++) {
            const PgsRecord &record = *pgs_page_record(&page, i);
            if ((pgs_record_flags(&record) & PGS_TOMBSTONE) == 0 && dead(pgs_record_tid(&record))) {
                pgs_record_set_flags(&page, i, PGS_TOMBSTONE);
                changed = true;
            }
            tombstones += (pgs_record_flags(&record) & PGS_TOMBSTONE) != 0 ? 1 : 0;
        }
        if (changed) {
            store_.write(where.block, &page);
        }
        return tombstones;
    }

    PgsKeyColumns keys_;  // of rows: see keys_of_row()
    PageStore store_;
    Page meta_;
    std::shared_ptr<PgsCodebook> codebook_;  // shared by copies of the index
    std::shared_ptr<PgsEncoder> encoder_;
    std::shared_ptr<RowVectors> vectors_ = std::make_shared<RowVectors>();  // likewise
    uint32_t tail_hint_ = 0;  // record pages of the open part before it are full
};

}  // namespace pgslab
