// An index over a PageStore, driven through the boundary as the server's side drives it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "index/testing/page_store.h"
#include "pgslab_core.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {

struct TestRow {
    PgsTid tid;
    Vector vector;
};

// The i-th of the tids a heap gives out.
inline PgsTid tid_number(uint32_t i) {
    return {i / 100, static_cast<uint16_t>(i % 100 + 1)};
}
inline uint32_t number_of(PgsTid tid) {
    return tid.block * 100 + tid.offset - 1;
}

// An encoded vector and its record.
struct EncodedRow {
    std::vector<uint64_t> item;  // words, so that it is aligned
    PgsRecord record;
};

class MemoryIndex {
  public:
    // An index without rows.
    explicit MemoryIndex(const PgsOptions &options) {
        Page page;
        pgs_meta_init(&page, &options);
        store_.write(0, &page);
        load_meta();
    }

    // Built from rows.
    MemoryIndex(const PgsOptions &options, const std::vector<TestRow> &rows) {
        PgsBuild *created = nullptr;
        require(pgs_build_create(&options, &created), {PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "build"});
        const std::unique_ptr<PgsBuild, void (*)(PgsBuild *)> build(created, pgs_build_destroy);
        uint32_t block = 1;
        auto write_ready_pages = [&] {
            while (const void *page = pgs_build_page(created)) {
                store_.write(block++, page);
            }
        };
        std::vector<PgsRecord> records;
        for (const TestRow &row : rows) {
            PgsRecord record;
            if (pgs_build_add(created, row.vector.data(), row.tid, &record)) {
                records.push_back(record);
            }
            write_ready_pages();
        }
        pgs_build_end_rows(created);
        write_ready_pages();
        for (const PgsRecord &record : records) {
            pgs_build_add_record(created, &record);
            write_ready_pages();
        }
        pgs_build_end_records(created);
        write_ready_pages();
        Page page;
        pgs_build_meta(created, &page);
        store_.write(0, &page);
        load_meta();
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

    // Forgets what is not in pages, as a restart does.
    void recover() {
        store_.do_not_crash();
        tail_hint_ = 0;
        load_meta();
    }

    std::optional<EncodedRow> encoded(const TestRow &row) const {
        EncodedRow bytes;
        bytes.item.resize((info().item_bytes + 7) / 8);
        if (!pgs_encode(&meta_, row.vector.data(), row.tid, bytes.item.data(), &bytes.record)) {
            return std::nullopt;
        }
        return bytes;
    }

    // False when the row is not one to be indexed. Once it returns, the row is in.
    bool insert(const TestRow &row) {
        const std::optional<EncodedRow> bytes = encoded(row);
        if (!bytes) {
            return false;
        }
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

    // Reserves, formats and publishes the open part's next extent.
    void grow() {
        PgsError error;
        PgsGrowth growth;
        Page page = store_.read(0);
        require(pgs_growth_reserve(&page, &growth, &error), error);
        store_.write(0, &page);
        for (uint32_t i = 0; i < growth.blocks; i++) {
            Page formatted;
            pgs_growth_format(&growth, i, &formatted);
            store_.write(growth.first_block + i, &formatted);
        }
        require(pgs_growth_publish(&page, &growth, &error), error);
        store_.write(0, &page);
        load_meta();
    }

    uint32_t count_records(const PgsRecordPage &where) const {
        PgsError error;
        uint32_t count = 0;
        require(
            pgs_record_page_check(&meta_, &where, &store_.read(where.block), true, &count, &error),
            error);
        return count;
    }

  private:
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

    // The vector's pages and, with the last of them, the record.
    void write_row(const PgsRecordPage &tail, uint32_t count, const EncodedRow &row) {
        PgsError error;
        const PgsPlacement placement = pgs_place(&meta_, &tail, count);
        PageGroup group;
        for (uint32_t i = 0; i < placement.blocks; i++) {
            Page &page = page_of_group(group, placement.first_block + i);
            require(pgs_slab_write(&meta_, &placement, i, row.item.data(), &page, false, &error),
                    error);
        }
        pgs_record_append(&page_of_group(group, tail.block), &row.record);
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
            const PgsRecord &record = pgs_page_records(&page)[i];
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

    PageStore store_;
    Page meta_;
    uint32_t tail_hint_ = 0;  // record pages of the open part before it are full
};

}  // namespace pgslab
