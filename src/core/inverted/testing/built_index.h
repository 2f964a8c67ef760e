// An index whose pages are made at once: which documents lie in which segments, parts and the
// sidecar is said, not come about. For tests of searches; how an index comes to be so is tested
// with testing/inverted_index.h.
#pragma once

#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "filter/keys.h"
#include "inverted/format.h"
#include "inverted/forward_row.h"
#include "inverted/inverter.h"
#include "inverted/segment_writer.h"
#include "store/layout.h"
#include "store/meta.h"
#include "store/page.h"
#include "store/page_stream.h"

namespace pgslab::inverted {

struct BuiltDocument {
    std::vector<std::pair<std::string, float>> terms;  // in order
    std::vector<uint64_t> keys;
    PgsTid tid = {};
    uint16_t flags = 0;
    bool is_orphan = false;  // its last piece is missing
    uint64_t address = 0;    // of its last piece; once it is in an index

    std::vector<PgsTerm> pgs_terms() const {
        std::vector<PgsTerm> all;
        for (const auto &[term, weight] : terms) {
            all.push_back({term.data(), static_cast<uint32_t>(term.size()), weight});
        }
        return all;
    }
};

class BuiltIndex {
  public:
    BuiltIndex(Weights weights, const PgsKeyColumns &keys = {}, double k1 = 1.2, double b = 0.75)
        : keys_(keys) {
        Page page;
        init_manifest(page, kInvertedIndex, inverted_columns(key_formats(keys)),
                      kInvertedTableKinds, "", "");
        pages_.push_back(page);
        Inverted &index = inverted_of(meta());
        index.weights = weights;
        index.keys = key_formats(keys);
        const bool is_text = weights == Weights::kOccurrences;
        index.dims = is_text ? 0 : 1u << 20;
        index.k1 = is_text ? k1 : 0;
        index.b = is_text ? b : 0;
        finish();
    }

    const Page &meta_page() const { return pages_[0]; }
    const Meta &meta() const { return meta_of(pages_[0]); }
    Meta &meta() { return meta_of(pages_[0]); }
    const Page &page(uint32_t block) const { return pages_.at(block); }
    Page &page(uint32_t block) { return pages_.at(block); }
    uint32_t blocks() const { return static_cast<uint32_t>(pages_.size()); }
    const Inverted &index() const { return inverted_of(meta()); }

    // A part that maintenance has written, and a segment of its documents: number i is the i-th.
    void add_written(const std::vector<BuiltDocument *> &documents) {
        add_written(documents.size(), [&](size_t i) -> BuiltDocument & { return *documents[i]; });
    }

    // The same of n documents that are made one by one.
    template <typename Make>
    void add_written(size_t n, Make make) {
        const uint16_t handle = next_written_++;
        Rows rows;
        NewSegment segment(*this);
        segment.writer.add_range(make_address(handle, 0), static_cast<uint32_t>(n));
        for (size_t i = 0; i < n; i++) {
            BuiltDocument &document = make(i);
            document.address = make_address(handle, i);
            add_record(document, kLastPiece, rows);
            segment.add(*this, document, static_cast<uint32_t>(i));
        }
        add_part(handle, rows, n, n);
        segment.end(*this);
    }

    // The open part, behind all others: the first so many of its documents are in that many
    // segments, the others are the sidecar.
    void add_open(std::vector<BuiltDocument *> documents, size_t flushed, size_t segments = 1) {
        Rows rows;
        uint64_t flushed_slots = 0;
        std::vector<uint64_t> begins;
        for (size_t i = 0; i < documents.size(); i++) {
            begins.push_back(rows.count());
            add_pieces(*documents[i], rows);
            if (i < flushed) {
                flushed_slots = rows.count();
            }
        }
        begins.push_back(rows.count());
        add_part(1, rows, flushed_slots, 0);
        for (size_t s = 0; s < segments && flushed > 0; s++) {
            const size_t from = flushed * s / segments;
            const size_t to = flushed * (s + 1) / segments;
            if (from < to) {
                NewSegment segment(*this);
                segment.writer.add_range(make_address(1, begins[from]),
                                         static_cast<uint32_t>(begins[to] - begins[from]));
                for (size_t i = from; i < to; i++) {
                    if (!documents[i]->is_orphan) {
                        segment.add(
                            *this, *documents[i],
                            static_cast<uint32_t>(slot_of(documents[i]->address) - begins[from]));
                    }
                }
                segment.end(*this);
            }
        }
    }

  private:
    struct Rows {
        std::vector<uint8_t> records;
        std::vector<uint8_t> pieces;
        uint32_t record_bytes = sizeof(Record);
        uint64_t count() const { return records.size() / record_bytes; }
    };

    // A segment that is being made, and put behind all pages at its end.
    struct NewSegment {
        explicit NewSegment(const BuiltIndex &built)
            : inverter(built.index().weights),
              segment{0, 1, 0, {0, 0}, kHeaderPages, 0},
              writer(segment, built.index(), ready) {}

        void add(const BuiltIndex &built, const BuiltDocument &document, uint32_t number) {
            const std::vector<PgsTerm> terms = document.pgs_terms();
            const auto count = static_cast<uint32_t>(terms.size());
            writer.add_document(number, measure_of(built.index().weights, terms.data(), count),
                                built.stored_keys(document).data());
            inverter.add(number, terms.data(), count);
        }

        void end(BuiltIndex &built) {
            writer.begin_terms();
            inverter.write(writer);
            segment.rows = writer.documents();
            segment.run = {built.blocks(), writer.end()};
            segment.id = built.meta().next_id++;
            built.pages_.resize(built.pages_.size() + segment.run.blocks);
            for (ReadyPage &page : ready) {
                // It was written as if it began with block 0.
                const uint32_t used = used_bytes(page.page);
                const uint32_t i = page.block;
                Page &own = built.pages_.at(segment.run.block + i);
                format_page(own, page_of_segment(segment, i));
                write_payload(own, 0, page.page.payload, used);
            }
            built.meta().segment[built.meta().segments++] = segment;
            built.finish();
        }

        std::deque<ReadyPage> ready;
        Inverter inverter;
        Segment segment;
        SegmentWriter writer;
    };

    void finish() {
        meta().end_block = blocks();
        finish_meta(pages_[0]);
    }

    std::vector<uint8_t> stored_keys(const BuiltDocument &document) const {
        std::vector<uint8_t> keys(key_bytes(keys_) + 1);
        store_keys(keys_, document.keys.data(), document.tid, keys.data());
        keys.resize(key_bytes(keys_));
        return keys;
    }

    void add_record(const BuiltDocument &document, uint32_t piece, Rows &rows) const {
        const std::vector<PgsTerm> terms = document.pgs_terms();
        const DocumentMeasure measure =
            measure_of(index().weights, terms.data(), static_cast<uint32_t>(terms.size()));
        DocumentRecord record = {};
        set_tid(record, document.tid);
        record.flags = document.flags;
        record.piece = piece;
        record.length = measure.length;
        record.square = measure.square;
        const auto *bytes = reinterpret_cast<const uint8_t *>(&record);
        rows.record_bytes = meta().columns.column[kRecordColumn].item;
        rows.records.insert(rows.records.end(), bytes, bytes + sizeof record);
        const std::vector<uint8_t> keys = stored_keys(document);
        rows.records.insert(rows.records.end(), keys.begin(), keys.end());
    }

    void add_pieces(BuiltDocument &document, Rows &rows) const {
        rows.record_bytes = meta().columns.column[kRecordColumn].item;
        const std::vector<PgsTerm> terms = document.pgs_terms();
        const auto count = static_cast<uint32_t>(terms.size());
        const uint64_t slots = slots_of(forward_bytes(index().weights, terms.data(), count));
        const size_t before = rows.pieces.size();
        rows.pieces.resize(before + slots * kPieceBytes);
        write_forward(index().weights, terms.data(), count, rows.pieces.data() + before);
        for (uint32_t i = 0; i < slots; i++) {
            const bool is_last = i + 1 == slots;
            if (is_last && document.is_orphan) {
                rows.pieces.resize(before + (slots - 1) * kPieceBytes);
                return;
            }
            document.address = make_address(1, rows.count());
            add_record(document, i | (is_last ? kLastPiece : 0), rows);
        }
    }

    // One stride. An open one has room for more.
    void add_part(uint16_t handle, const Rows &rows, uint64_t flushed, uint64_t sealed) {
        const bool is_open = sealed == 0;
        Part &part = meta().part[meta().parts++];
        part = {meta().next_id++,
                1,
                sealed,
                0,
                flushed,
                0,
                handle,
                is_open ? PartState::kOpen : PartState::kSealed,
                1,
                0};
        Extent &extent = meta().extent[meta().extents++];
        extent = {blocks(), static_cast<uint32_t>(rows.count() + (is_open ? 100 : 0)), 1};
        const ExtentPlace place = extent_place(part, meta().columns, extent);
        const std::vector<uint8_t> *tables[] = {&rows.records, &rows.pieces};
        for (uint32_t c = 0; c < place.column_count; c++) {
            const Column &column = meta().columns.column[c];
            const uint32_t on_page =
                (column.flags & kWhole) != 0 ? items_per_page(column) * column.item : kPayloadBytes;
            const auto pages = static_cast<uint32_t>(column_blocks(column, extent.slots));
            for (uint32_t i = 0; i < pages; i++) {
                Page page;
                format_page(page, table_page(place, 0, c, i));
                const size_t at = std::min(tables[c]->size(), size_t{i} * on_page);
                const auto n =
                    static_cast<uint32_t>(std::min<size_t>(on_page, tables[c]->size() - at));
                if (n > 0) {
                    write_payload(page, 0, tables[c]->data() + at, n);
                }
                pages_.push_back(page);
            }
        }
        finish();
    }

    PgsKeyColumns keys_;
    std::deque<Page> pages_;
    uint16_t next_written_ = kFirstWrittenHandle;
};

}  // namespace pgslab::inverted
