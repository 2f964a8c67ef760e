#include "ivf/encoder.h"

#include <algorithm>
#include <cstring>

#include "quantize/encode.h"

namespace pgslab {

Encoder::Encoder(const Codebook &codebook)
    : codebook_(codebook),
      keys_(key_columns(codebook.shape().keys)),
      item_(row_layout(columns_of(codebook.shape())).item[kSlabColumn]),
      refine_(row_layout(columns_of(codebook.shape())).item[kRefineColumn]),
      vector_(codebook.shape().dims),
      rotated_(codebook.shape().padded),
      centroid_(codebook.shape().padded),
      estimate_(codebook.lists()) {}

bool Encoder::encode_row(const float *vector, const uint64_t *keys, PgsTid tid, uint8_t *row,
                         uint32_t *list) {
    const Shape &shape = codebook_.shape();
    auto *record = reinterpret_cast<VectorRecord *>(row);
    if (!encode(shape.metric, shape.storage, vector, shape.dims, row + item_, record,
                codebook_.offset())) {
        return false;
    }
    set_tid(*record, tid);
    store_keys(keys_, keys, tid, row + sizeof(Record));
    encode_item(row, list);
    return true;
}

void Encoder::encode_stored(const uint8_t *record, const uint8_t *item, uint8_t *row,
                            uint32_t *list) {
    std::memcpy(row, record, sizeof(Record) + key_bytes(keys_));
    std::memcpy(row + item_, item, item_bytes(codebook_.shape().dims, codebook_.shape().storage));
    encode_item(row, list);
}

// What follows from what is stored of the vector: list and codes. So they are the same whenever a
// codebook makes them.
void Encoder::encode_item(uint8_t *row, uint32_t *list) {
    const Shape &shape = codebook_.shape();
    auto *record = reinterpret_cast<VectorRecord *>(row);
    *list = 0;
    if (shape.code_bits != 0) {
        decode(shape.storage, row + item_, record->scale, shape.dims, vector_.data());
        codebook_.to_code_space(vector_.data(), rotated_.data());
        if (codebook_.lists() > 1) {
            query_.set(rotated_.data(), shape.padded, CodeQuery::For::kScan);
            *list = codebook_.nearest(rotated_.data(), query_, estimate_);
        }
        encode_codes(row, *list);
    }
    record->list = *list;
}

void Encoder::encode_codes(uint8_t *row, uint32_t list) {
    const Shape &shape = codebook_.shape();
    const CodeMetric metric =
        shape.metric == Metric::kInnerProduct ? CodeMetric::kInnerProduct : CodeMetric::kL2;
    codebook_.centroid(list, centroid_.data());
    uint8_t *code = row + refine_;
    const unsigned bits = shape.refine_bits;
    const uint32_t rest = shape.padded - shape.coded;
    Factors scan;
    RefineTail tail = {};
    if (bits != 0) {
        const Factors f = encode_code(metric, bits, rotated_.data(), centroid_.data(), shape.coded,
                                      codebook_.refine_step(), code, &scan, rest);
        tail = {f.add, f.rescale, f.error, f.norm, 0, {}};
    } else {
        scan = encode_code(metric, 1, rotated_.data(), centroid_.data(), shape.coded, 0, code,
                           nullptr, rest);
        tail.norm = scan.norm;
    }
    tail.list = list;
    tail.scan = {scan.add, scan.rescale, scan.error};
    std::memcpy(code + code_bytes(std::max(bits, 1u), shape.coded), &tail, sizeof tail);
}

}  // namespace pgslab
