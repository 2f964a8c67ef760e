#include "index/encoder.h"

#include <cmath>
#include <cstring>

#include "quantize/encode.h"

namespace pgslab {

namespace {

constexpr uint32_t align8(uint32_t bytes) noexcept {
    return (bytes + 7) / 8 * 8;
}

}  // namespace

RowLayout row_layout(const Shape &shape) noexcept {
    RowLayout at = {};
    at.item = sizeof(Record);
    at.refine = align8(at.item + item_bytes(shape.dims, shape.storage));
    at.code = align8(at.refine + refine_bytes(shape.dims, shape.refine_bits));
    at.code_factors = align8(at.code + (shape.code_bits == 0 ? 0 : code_bytes(1, shape.padded)));
    at.bytes = align8(at.code_factors + (shape.code_bits == 0 ? 0 : sizeof(ScanFactors)));
    return at;
}

Encoder::Encoder(const Codebook &codebook)
    : codebook_(codebook),
      layout_(row_layout(codebook.shape())),
      unit_(codebook.shape().dims),
      rotated_(codebook.shape().padded),
      centroid_(codebook.shape().padded),
      estimate_(codebook.lists()) {}

bool Encoder::encode_row(const float *vector, PgsTid tid, uint8_t *row, uint32_t *list) {
    const Shape &shape = codebook_.shape();
    auto *record = reinterpret_cast<Record *>(row);
    if (!encode(shape.metric, shape.storage, vector, shape.dims, row + layout_.item, record)) {
        return false;
    }
    set_tid(*record, tid);
    *list = 0;
    if (shape.code_bits == 0) {
        return true;
    }
    const float *encoded = vector;
    if (shape.metric == Metric::kCosine) {
        normalize(vector, shape.dims, unit_.data());
        encoded = unit_.data();
    }
    codebook_.to_code_space(encoded, true, rotated_.data());
    if (codebook_.lists() > 1) {
        query_.set(rotated_.data(), shape.padded);
        *list = codebook_.nearest(rotated_.data(), query_, estimate_);
    }
    record->list = *list;
    encode_codes(row, *list);
    return true;
}

void Encoder::encode_codes(uint8_t *row, uint32_t list) {
    const Shape &shape = codebook_.shape();
    const CodeMetric metric =
        shape.metric == Metric::kInnerProduct ? CodeMetric::kInnerProduct : CodeMetric::kL2;
    codebook_.centroid(list, centroid_.data());
    if (shape.refine_bits != 0) {
        uint8_t *code = row + layout_.refine;
        const Factors f = encode_code(metric, shape.refine_bits, rotated_.data(), centroid_.data(),
                                      shape.padded, codebook_.refine_step(), code);
        const RefineTail tail = {f.add, f.rescale, f.error, f.norm, list};
        std::memcpy(code + code_bytes(shape.refine_bits, shape.padded), &tail, sizeof tail);
    }
    const Factors f = encode_code(metric, 1, rotated_.data(), centroid_.data(), shape.padded, 0,
                                  row + layout_.code);
    const ScanFactors factors = {f.add, f.rescale, f.error};
    std::memcpy(row + layout_.code_factors, &factors, sizeof factors);
}

}  // namespace pgslab
