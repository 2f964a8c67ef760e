// pgslab/inverted.h: the index, inserts, loads, and what a document is to a check.
#include <algorithm>
#include <cstring>
#include <memory>

#include "api/guard.h"
#include "api/task_api.h"
#include "filter/keys.h"
#include "inverted/content.h"
#include "inverted/format.h"
#include "inverted/forward_row.h"
#include "inverted/load.h"
#include "inverted/meta.h"
#include "pgslab/inverted.h"
#include "store/layout.h"
#include "store/page.h"

using namespace pgslab;
using inverted::DocumentMeasure;
using inverted::DocumentRecord;
using inverted::Weights;

static_assert(PGS_OCCURRENCES == static_cast<int>(Weights::kOccurrences) &&
              PGS_PRODUCTS == static_cast<int>(Weights::kProducts) &&
              PGS_COSINES == static_cast<int>(Weights::kCosines));

struct PgsLoad {
    inverted::Load load;
};

static const inverted::Inverted &index_of(const void *meta) {
    return inverted::inverted_of(meta_of(as_page(meta)));
}

void pgs_inverted_meta_init(void *page, const PgsInvertedOptions *options) {
    inverted::init_inverted(as_page(page), *options);
}

// ---- insert

uint64_t pgs_document_slots(const void *meta, const PgsTerm *terms, uint32_t count) {
    return inverted::slots_of(inverted::forward_bytes(index_of(meta).weights, terms, count));
}

uint32_t pgs_document_record_bytes(const void *meta) {
    return meta_of(as_page(meta)).columns.column[kRecordColumn].item;
}

uint32_t pgs_document_piece_bytes(const void *) {
    return inverted::kPieceBytes;
}

bool pgs_document_encode(const void *meta, const PgsTerm *terms, uint32_t count,
                         const uint64_t *keys, PgsTid tid, void *records, void *pieces) {
    const inverted::Inverted &index = index_of(meta);
    const DocumentMeasure measure = inverted::measure_of(index.weights, terms, count);
    if (index.weights == Weights::kCosines && measure.square == 0) {
        return false;
    }
    const PgsKeyColumns columns = key_columns(index.keys);
    const uint64_t slots = pgs_document_slots(meta, terms, count);
    auto *at = static_cast<uint8_t *>(records);
    for (uint64_t i = 0; i < slots; i++) {
        DocumentRecord record = {};
        set_tid(record, tid);
        record.piece = static_cast<uint32_t>(i) | (i + 1 == slots ? inverted::kLastPiece : 0);
        record.length = measure.length;
        record.square = measure.square;
        std::memcpy(at, &record, sizeof record);
        store_keys(columns, keys, tid, at + sizeof record);
        at += sizeof record + key_bytes(columns);
    }
    inverted::write_forward(index.weights, terms, count, static_cast<uint8_t *>(pieces));
    return true;
}

PgsChange pgs_pieces_write(const void *, const PgsPlacement *placement, uint32_t i,
                           const void *pieces, uint32_t n, void *page) {
    const uint32_t offset = i == 0 ? placement->offset : 0;
    const uint64_t done = i == 0 ? 0 : uint64_t{i} * kPayloadBytes - placement->offset;
    const uint64_t left = uint64_t{n} * inverted::kPieceBytes - done;
    const auto bytes = static_cast<uint32_t>(std::min<uint64_t>(left, kPayloadBytes - offset));
    write_payload(as_page(page), offset, static_cast<const uint8_t *>(pieces) + done, bytes);
    return {static_cast<uint16_t>(kPayloadOffset + offset), static_cast<uint16_t>(bytes)};
}

PgsChange pgs_records_append(void *page_bytes, const void *records, uint32_t n) {
    Page &page = as_page(page_bytes);
    const uint32_t offset = used_bytes(page);
    const uint32_t bytes = n * record_bytes(page);
    write_payload(page, offset, records, bytes);
    return {static_cast<uint16_t>(kPayloadOffset + offset), static_cast<uint16_t>(bytes)};
}

// ---- loads

PgsStatus pgs_load_create(const void *meta, size_t memory_bytes, PgsLoad **load) {
    return guard(nullptr, [&] {
        *load = new PgsLoad{inverted::Load(meta_of(as_page(meta)), memory_bytes)};
        return PGS_OK;
    });
}

void pgs_load_destroy(PgsLoad *load) {
    delete load;
}

PgsStatus pgs_load_add(PgsLoad *load, const PgsTerm *terms, uint32_t count, const uint64_t *keys,
                       PgsTid tid, bool *indexed, bool *full) {
    return guard(nullptr, [&] {
        *indexed = load->load.add(terms, count, keys, tid, full);
        return PGS_OK;
    });
}

uint64_t pgs_load_documents(const PgsLoad *load) {
    return load->load.documents();
}

PgsStatus pgs_load_task(PgsLoad *load, const void *meta, PgsTask **task) {
    return guard(nullptr, [&] {
        if (load->load.documents() == 0) {
            return PGS_MISUSE;
        }
        *task = new PgsTask{std::make_unique<inverted::LoadTask>(load->load, as_page(meta))};
        return PGS_OK;
    });
}

// ---- verification

uint32_t pgs_document_content(const void *meta, const PgsTerm *terms, uint32_t count,
                              const uint64_t *keys, PgsTid tid) {
    const PgsKeyColumns columns = key_columns(index_of(meta).keys);
    uint8_t stored[kMostRecordBytes];
    store_keys(columns, keys, tid, stored);
    return inverted::content_with_keys(inverted::content_of_terms(terms, count), stored,
                                       key_bytes(columns));
}
