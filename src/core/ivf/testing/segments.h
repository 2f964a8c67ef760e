// Gives an index the segments and watermarks that a test wants: what maintenance comes to in the
// end, without any of it.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <tuple>
#include <vector>

#include "ivf/segment_writer.h"
#include "ivf/testing/manifests.h"
#include "ivf/testing/memory_index.h"
#include "ivf/vector_tables.h"
#include "quantize/code.h"
#include "store/walker.h"

namespace pgslab {

// A row as a segment has it.
struct SegmentedRow {
    uint32_t list;
    uint64_t address;
    std::vector<uint8_t> code;
    ScanFactors factors;
    std::vector<uint8_t> keys;
    bool dead;
};

class RowsOfCodes final : public RowSink {
  public:
    explicit RowsOfCodes(const Meta &meta)
        : bits_(vectors_of(meta).refine_bits),
          coded_(coded_dims(vectors_of(meta))),
          key_bytes_(key_bytes(vectors_of(meta).keys)) {}

    void piece(const Row &row, uint32_t, const uint8_t *bytes, uint32_t) override {
        std::vector<uint8_t> code(code_bytes(1, coded_));
        sign_code(bits_, bytes, coded_, code.data());
        std::vector<uint8_t> keys(row.extra, row.extra + key_bytes_);
        rows.push_back({vector_record(row.record).list, row.address, std::move(code),
                        tail_of(bytes, bits_, coded_).scan, std::move(keys),
                        (row.record.flags & kTombstone) != 0});
    }
    void row(const Row &) override {}

    std::vector<SegmentedRow> rows;

  private:
    unsigned bits_;
    uint32_t coded_;
    uint32_t key_bytes_;
};

// Every slot of parts whose codes are the codebook's, in slot order.
inline std::vector<SegmentedRow> coded_rows(const PageStore &store, const Meta &meta) {
    RowsOfCodes sink(meta);
    Walker walker;
    walker.open(meta, {.skip = 0, .table = refine_table(meta)});
    PgsError error = {};
    while (walker.next_block() != PGS_NO_BLOCK) {
        require(walker.page(store.read(walker.next_block()), sink, &error), error);
    }
    std::erase_if(sink.rows, [&](const SegmentedRow &row) {
        return std::any_of(meta.part, meta.part + meta.parts, [&](const Part &part) {
            return part.handle == handle_of(row.address) && part.dictionary != meta.dictionary.id;
        });
    });
    return std::move(sink.rows);
}

// Puts the part's rows under a codebook that is no more: whatever its codes and lists say now.
inline void make_stale(MemoryIndex &index, Random &random, uint32_t part_number) {
    PageStore &store = index.store();
    const Meta meta = meta_of(index.meta());
    auto scramble = [&](uint32_t block, auto change) {
        Page &page = store.damage(block);
        change(page);
        page.slab.checksum = page_checksum(page);
    };
    auto scramble_records = [&](Page &page) {
        auto *records = reinterpret_cast<VectorRecord *>(page.payload);
        for (uint32_t r = 0; r < used_bytes(page) / sizeof(Record); r++) {
            records[r].list = static_cast<uint32_t>(random() % kMaxLists);
        }
    };
    auto scramble_codes = [&](Page &page) {
        std::generate_n(page.payload, used_bytes(page),
                        [&] { return static_cast<uint8_t>(random()); });
    };
    each_extent_of(meta, part_number, [&](const ExtentPlace &place) {
        for (uint32_t i = 0; i < place.blocks(); i++) {
            const PageIdentity page =
                stride_page(place, i / place.stride_blocks, i % place.stride_blocks);
            if (page.kind == PageKind::kRecord) {
                scramble(page.block, scramble_records);
            } else if (page.kind == kRefinePage) {
                scramble(page.block, scramble_codes);
            }
        }
        return false;
    });
    Page page = store.read(0);
    Meta &changed = meta_of(page);
    changed.part[part_number].dictionary = changed.next_id++;
    changed.part[part_number].flushed = 0;
    finish_meta(page);
    store.write(0, &page);
    index.recover();
}

// Writes so many segments, in place of those there are, and deals the rows out to them at random:
// of each part that is not stale the slots below coded(part_number, slots of it). Tombstones may be
// left out.
template <typename Coded>
void resegment(MemoryIndex &index, Random &random, uint32_t segments, Coded coded) {
    Page page = index.meta();
    Meta &meta = meta_of(page);
    std::vector<SegmentedRow> rows = coded_rows(index.store(), meta);
    for (uint32_t i = 0; i < meta.segments; i++) {
        meta.spare[meta.spares++] = {meta.segment[i].run, kFree};
    }
    meta.segments = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        Part &part = meta.part[p];
        if (part.dictionary != meta.dictionary.id) {
            continue;
        }
        const auto slots = std::count_if(rows.begin(), rows.end(), [&](const SegmentedRow &row) {
            return handle_of(row.address) == part.handle;
        });
        part.flushed = segments == 0 ? 0 : coded(p, static_cast<uint64_t>(slots));
        std::erase_if(rows, [&](const SegmentedRow &row) {
            return handle_of(row.address) == part.handle && slot_of(row.address) >= part.flushed;
        });
    }
    std::erase_if(rows, [&](const SegmentedRow &row) { return row.dead && random() % 2 == 0; });

    std::vector<std::vector<SegmentedRow>> dealt(std::max(segments, 1u));
    for (SegmentedRow &row : rows) {
        dealt[random() % dealt.size()].push_back(std::move(row));
    }
    std::deque<ReadyPage> ready;
    for (std::vector<SegmentedRow> &of_segment : dealt) {
        if (of_segment.empty()) {
            continue;
        }
        std::sort(of_segment.begin(), of_segment.end(), [](const auto &a, const auto &b) {
            return std::tie(a.list, a.address) < std::tie(b.list, b.address);
        });
        add_segment(page, of_segment.size());
        SegmentWriter writer(meta.segment[meta.segments - 1], segment_shape(vectors_of(meta)),
                             ready);
        for (const SegmentedRow &row : of_segment) {
            writer.add({row.list, row.address, row.code.data(), row.factors, row.keys.data()});
        }
        writer.end();
    }
    for (const ReadyPage &written : ready) {
        index.store().write(written.block, &written.page);
    }
    finish_meta(page);
    index.store().write(0, &page);
    index.recover();
}

}  // namespace pgslab
