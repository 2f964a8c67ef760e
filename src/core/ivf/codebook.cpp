#include "ivf/codebook.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/crc32c.h"
#include "base/error.h"
#include "kernels/kernels.h"
#include "kernels/safe_sum.h"
#include "quantize/centroid.h"
#include "quantize/fastscan.h"
#include "quantize/four.h"
#include "quantize/offset.h"
#include "quantize/rotation.h"
#include "quantize/unit.h"
#include "store/meta.h"

namespace pgslab {

namespace {

// How unlikely an estimate must be for a centroid to be passed over as the nearest.
constexpr float kDeviations = 3;

double norm_of(const std::vector<float> &vector) noexcept {
    double squares = 0;
    for (float x : vector) {
        squares += static_cast<double>(x) * x;
    }
    return std::sqrt(squares);
}

float element_at(const uint8_t *stripe, uint64_t section, uint32_t i) noexcept {
    float x;
    std::memcpy(&x, stripe + section + i * sizeof x, sizeof x);
    return x;
}

// Whether it can be an offset, and is the one that stored vectors refer to.
bool offset_is_right(const Vectors &vectors, const uint8_t *elements) noexcept {
    for (uint32_t i = 0; i < vectors.dims; i++) {
        if (!is_offset_element(element_at(elements, 0, i))) {
            return false;
        }
    }
    return checksum_of_offset(elements, vectors.dims) == vectors.offset_checksum;
}

template <typename T>
void copy_bytes(std::vector<T> &to, size_t n, const uint8_t *from) {
    to.resize(n);
    if (n > 0) {
        std::memcpy(to.data(), from, n * sizeof(T));
    }
}

// Of a multiple of four values: where the first of the least is, or 0 if none is finite.
uint32_t lane_of_least(const std::vector<float> &values) noexcept {
    Four least = simde_mm_set1_ps(std::numeric_limits<float>::infinity());
    for (size_t i = 0; i < values.size(); i += 4) {
        least = simde_mm_min_ps(simde_mm_loadu_ps(values.data() + i), least);  // not if that is NaN
    }
    const float value = smallest_of(least);
    if (!std::isfinite(value)) {
        return 0;
    }
    const Four wanted = simde_mm_set1_ps(value);
    for (size_t i = 0;; i += 4) {
        const Four equal = simde_mm_cmpeq_ps(simde_mm_loadu_ps(values.data() + i), wanted);
        if (const int found = simde_mm_movemask_ps(equal); found != 0) {
            return static_cast<uint32_t>(i) +
                   static_cast<uint32_t>(std::countr_zero(static_cast<unsigned>(found)));
        }
    }
}

}  // namespace

uint32_t checksum_of_offset(const void *elements, uint32_t dims) noexcept {
    return std::max(crc32c(elements, dims * sizeof(float)), 1u);
}

Shape shape_of(const PgsOptions &options) noexcept {
    const auto dims = static_cast<uint32_t>(options.dims);
    const auto prefix = static_cast<uint32_t>(options.prefix_dims);
    const uint32_t bits = options.metric == PGS_L1 ? 0 : 1;
    return {dims,
            padded_dims(dims),
            prefix != 0 ? prefix : padded_dims(dims),
            static_cast<Metric>(options.metric),
            static_cast<Storage>(options.storage),
            bits,
            bits == 0 ? 0 : static_cast<uint32_t>(options.refine_bits),
            key_formats(options.keys)};
}

Shape shape_of(const Meta &meta) noexcept {
    const Vectors &vectors = vectors_of(meta);
    return {vectors.dims,    padded_dims(vectors.dims), coded_dims(vectors), vectors.metric,
            vectors.storage, vectors.code_bits,         vectors.refine_bits, vectors.keys};
}

void rotate_blocks(const Shape &shape, const uint8_t *signs, const float *x, const float *mean,
                   float *out, float f) noexcept {
    if (!has_prefix(shape)) {
        rotate(signs, x, mean, shape.dims, out, f);
        return;
    }
    const uint32_t n = shape.coded;
    rotate(signs, x, mean, n, out, f);
    rotate(signs + rotation_bytes(n), x + n, mean != nullptr ? mean + n : nullptr, shape.dims - n,
           out + n, f);
}

Columns columns_of(const Shape &shape) noexcept {
    Vectors vectors = {};
    vectors.dims = static_cast<uint16_t>(shape.dims);
    vectors.storage = shape.storage;
    vectors.code_bits = static_cast<uint8_t>(shape.code_bits);
    vectors.refine_bits = static_cast<uint8_t>(shape.refine_bits);
    vectors.prefix = static_cast<uint8_t>(has_prefix(shape) ? shape.coded / kPrefixUnit : 0);
    vectors.keys = shape.keys;
    return columns_of(vectors);
}

Codebook::Codebook(const Shape &shape, uint64_t identity, std::vector<uint8_t> signs,
                   std::vector<float> mean, const std::vector<float> &centroids, int exponent,
                   std::vector<float> offset)
    : shape_(shape),
      identity_(identity),
      refine_step_(shape.refine_bits == 0 ? 0 : code_step(shape.refine_bits, shape.coded)),
      exponent_(exponent),
      signs_(std::move(signs)),
      mean_(std::move(mean)),
      offset_(std::move(offset)),
      info_(centroids.size() / shape.padded),
      centroids_(centroids.size()) {
    std::vector<float> decoded(shape.padded);
    for (uint32_t l = 0; l < lists(); l++) {
        int8_t *values = centroids_.data() + size_t{l} * shape.padded;
        info_[l] = {};
        info_[l].scale =
            quantize_centroid(centroids.data() + size_t{l} * shape.padded, shape.padded, values);
        centroid(l, decoded.data());
        const double squares = sum_in_double(
            shape.padded, [&](size_t i) { return static_cast<double>(decoded[i]) * decoded[i]; });
        info_[l].norm = static_cast<float>(std::sqrt(squares));
    }
    complete();
}

Codebook::Codebook(const Shape &shape, const uint8_t *stripe) : shape_(shape) {
    CodebookHeader header;
    std::memcpy(&header, stripe, sizeof header);
    identity_ = header.identity;
    refine_step_ = header.refine_step;
    exponent_ = header.exponent;
    const bool has_offset = header.offset_checksum != 0;
    const CodebookLayout at = codebook_layout(shape.dims, header.lists, has_offset);
    copy_bytes(signs_, rotation_bytes(shape.padded), stripe + at.signs);
    copy_bytes(mean_, shape.dims, stripe + at.mean);
    copy_bytes(offset_, has_offset ? shape.dims : 0, stripe + at.offset);
    copy_bytes(info_, header.lists, stripe + at.info);
    copy_bytes(centroids_, size_t{header.lists} * shape.padded, stripe + at.centroids);
    complete();
}

// What is not kept in the index because it follows from what is.
void Codebook::complete() {
    mean_norm_ = norm_of(mean_);
    offset_norm_ = norm_of(offset_);
    encode_centroids();
}

PgsStatus Codebook::check_stripe(const Meta &meta, const uint8_t *stripe,
                                 PgsError *error) noexcept {
    CodebookHeader header;
    std::memcpy(&header, stripe, sizeof header);
    const uint32_t block = meta.dictionary.run.block;
    const bool step_is_right = std::isfinite(header.refine_step) && header.refine_step >= 0;
    const Vectors &vectors = vectors_of(meta);
    if (header.dims != vectors.dims || header.padded != padded_dims(vectors.dims) ||
        header.lists != vectors.lists || header.refine_bits != vectors.refine_bits ||
        header.identity != meta.dictionary.identity || !step_is_right ||
        header.offset_checksum != vectors.offset_checksum) {
        return fail(error, PGS_CORRUPT, block,
                    "the codebook is of another index: %u dimensions, %u lists, %u bits",
                    header.dims, header.lists, header.refine_bits);
    }
    if (header.exponent < -kMostUnitExponent || header.exponent > kMostUnitExponent) {
        return fail(error, PGS_CORRUPT, block, "the codebook's unit is 2^%d", header.exponent);
    }
    const bool has_offset = vectors.offset_checksum != 0;
    const CodebookLayout at = codebook_layout(header.dims, header.lists, has_offset);
    for (uint32_t i = 0; i < header.dims; i++) {
        if (!std::isfinite(element_at(stripe, at.mean, i))) {
            return fail(error, PGS_CORRUPT, block, "the codebook's mean is not finite");
        }
    }
    if (has_offset && !offset_is_right(vectors, stripe + at.offset)) {
        return fail(error, PGS_CORRUPT, block, "the codebook's offset is not the index's");
    }
    for (uint32_t l = 0; l < header.lists; l++) {
        ListInfo info;
        std::memcpy(&info, stripe + at.info + l * sizeof info, sizeof info);
        if (!(info.scale >= 0) || !(info.norm >= 0) || !std::isfinite(info.scale)) {
            return fail(error, PGS_CORRUPT, block, "list %u of the codebook is impossible", l);
        }
    }
    return PGS_OK;
}

std::vector<uint8_t> Codebook::stripe() const {
    if (lists() == 0) {
        return {};
    }
    const CodebookLayout at = codebook_layout(shape_.dims, lists(), !offset_.empty());
    std::vector<uint8_t> bytes(at.end);
    CodebookHeader header = {};
    header.dims = shape_.dims;
    header.padded = shape_.padded;
    header.lists = lists();
    header.refine_bits = shape_.refine_bits;
    header.identity = identity_;
    header.refine_step = refine_step_;
    header.exponent = exponent_;
    header.offset_checksum = offset_checksum();
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + at.signs, signs_.data(), signs_.size());
    std::memcpy(bytes.data() + at.mean, mean_.data(), mean_.size() * sizeof(float));
    std::copy_n(reinterpret_cast<const uint8_t *>(offset_.data()), offset_.size() * sizeof(float),
                bytes.data() + at.offset);
    std::memcpy(bytes.data() + at.info, info_.data(), info_.size() * sizeof(ListInfo));
    std::memcpy(bytes.data() + at.centroids, centroids_.data(), centroids_.size());
    return bytes;
}

void Codebook::encode_centroids() {
    const uint32_t padded = shape_.padded;
    const size_t blocks = divide_up(lists(), kBlockRows);
    const size_t code = code_bytes(1, padded);
    blocks_.resize(blocks * 4 * padded);
    // Lanes without a centroid are never the nearest.
    add_.resize(blocks * kBlockRows, std::numeric_limits<float>::infinity());
    rescale_.resize(blocks * kBlockRows);
    error_.resize(blocks * kBlockRows);
    std::vector<float> decoded(padded);
    const std::vector<float> zero(padded);
    std::vector<uint8_t> codes(kBlockRows * code);
    for (size_t b = 0; b < blocks; b++) {
        const uint8_t *rows[kBlockRows] = {};
        for (uint32_t i = 0; i < kBlockRows && b * kBlockRows + i < lists(); i++) {
            const size_t l = b * kBlockRows + i;
            centroid(static_cast<uint32_t>(l), decoded.data());
            const Factors factors = encode_code(CodeMetric::kL2, 1, decoded.data(), zero.data(),
                                                padded, 0, codes.data() + i * code);
            add_[l] = factors.add;
            rescale_[l] = factors.rescale;
            error_[l] = factors.error;
            rows[i] = codes.data() + i * code;
        }
        pack_block(rows, padded, blocks_.data() + b * 4 * padded);
    }
}

size_t Codebook::memory_bytes() const noexcept {
    return sizeof *this + signs_.capacity() + centroids_.capacity() + blocks_.capacity() +
           (mean_.capacity() + offset_.capacity()) * sizeof(float) +
           info_.capacity() * sizeof(ListInfo) + 3 * add_.capacity() * sizeof(float);
}

uint32_t Codebook::offset_checksum() const noexcept {
    return offset_.empty() ? 0 : checksum_of_offset(offset_.data(), shape_.dims);
}

void Codebook::to_code_space(const float *vector, float *out) const noexcept {
    const float factor = std::ldexp(1.0f, -exponent_);
    rotate_blocks(shape_, signs_.data(), vector, mean_.data(), out, factor);
}

void Codebook::rotate_uncentred(const float *vector, float factor, float *out) const noexcept {
    rotate_blocks(shape_, signs_.data(), vector, nullptr, out, factor);
}

void Codebook::centroid(uint32_t list, float *out) const noexcept {
    decode_centroid(centroids_.data() + size_t{list} * shape_.padded, info_[list].scale,
                    shape_.padded, out);
}

ListQuery Codebook::list_query(const float *query, double query_norm,
                               uint32_t list) const noexcept {
    const Kernels &k = kernels();
    const int8_t *values = centroids_.data() + size_t{list} * shape_.padded;
    Lanes lanes;
    if (shape_.metric == Metric::kInnerProduct) {
        k.dot_i8(lanes, query, values, shape_.padded, 0);
        const double product = static_cast<double>(sum(lanes)) * info_[list].scale;
        const double norm = info_[list].norm;
        const double square = query_norm * query_norm - 2 * product + norm * norm;
        return {-product, std::sqrt(std::max(0.0, square)), norm};
    }
    k.l2_i8(lanes, query, values, info_[list].scale, shape_.padded, 0);
    const double square = sum(lanes);
    return {square, std::sqrt(square), info_[list].norm};
}

void Codebook::estimate_all(const CodeQuery &query, std::vector<float> &estimate) const {
    const Kernels &k = kernels();
    const uint32_t padded = shape_.padded;
    const auto square = static_cast<float>(query.norm() * query.norm());
    const float base = query.scan_base(), step = query.scan_step();
    estimate.resize(add_.size());
    for (size_t first = 0; first < add_.size(); first += kBlockRows) {
        uint32_t sums[kBlockRows] = {};
        k.fastscan(sums, blocks_.data() + first * padded / 8, query.table(), padded / 4);
        const float *add = add_.data() + first, *rescale = rescale_.data() + first;
        float *to = estimate.data() + first;
        for (uint32_t i = 0; i < kBlockRows; i++) {
            const float product = base + step * static_cast<float>(static_cast<int32_t>(sums[i]));
            to[i] = square + add[i] + rescale[i] * product;
        }
    }
}

uint32_t Codebook::nearest(const float *vector, const CodeQuery &query,
                           std::vector<float> &estimate) const {
    if (lists() == 1) {
        return 0;
    }
    estimate_all(query, estimate);
    const Kernels &k = kernels();
    auto distance = [&](uint32_t list) {
        Lanes lanes;
        k.l2_i8(lanes, vector, centroids_.data() + size_t{list} * shape_.padded, info_[list].scale,
                shape_.padded, 0);
        return sum(lanes);
    };
    // The centroid estimated nearest bounds what can still be nearer.
    const uint32_t first = lane_of_least(estimate);
    uint32_t best = first;
    float nearest = distance(best);
    const Four spread = simde_mm_set1_ps(
        kDeviations * static_cast<float>(query.norm() / std::sqrt(shape_.padded - 1.0)));
    for (uint32_t l = 0; l < estimate.size(); l += 4) {
        const Four margin = simde_mm_mul_ps(spread, simde_mm_loadu_ps(error_.data() + l));
        const Four least = simde_mm_sub_ps(simde_mm_loadu_ps(estimate.data() + l), margin);
        auto near = static_cast<unsigned>(
            simde_mm_movemask_ps(simde_mm_cmplt_ps(least, simde_mm_set1_ps(nearest))));
        for (; near != 0; near &= near - 1) {
            const uint32_t list = l + static_cast<uint32_t>(std::countr_zero(near));
            const float d = list == first ? nearest : distance(list);
            if (d < nearest || (d == nearest && list < best)) {
                nearest = d;
                best = list;
            }
        }
    }
    return best;
}

CodebookLoad::CodebookLoad(const Page &meta) : meta_(meta) {
    stripe_.resize(size_t{meta_of(meta_).dictionary.run.blocks} * kPayloadBytes);
}

uint32_t CodebookLoad::next_block() const noexcept {
    const Run &run = meta_of(meta_).dictionary.run;
    return read_ < run.blocks ? run.block + read_ : PGS_NO_BLOCK;
}

PgsStatus CodebookLoad::next(PgsRequest &request, PgsError *) {
    ask_for_page(request, next_block());
    return PGS_OK;
}

PgsStatus CodebookLoad::page(const Page &page, PgsError *error) {
    const Meta &meta = meta_of(meta_);
    if (PgsStatus status = check_page(page, dictionary_page(meta, read_), error)) {
        return status;
    }
    const size_t begin = size_t{read_} * kPayloadBytes;
    const uint64_t end = codebook_layout(vectors_of(meta)).end;
    if (used_bytes(page) != std::min<uint64_t>(kPayloadBytes, end - begin)) {
        return fail(error, PGS_CORRUPT, next_block(), "the codebook page uses %u bytes",
                    used_bytes(page));
    }
    std::memcpy(stripe_.data() + begin, page.payload, used_bytes(page));
    read_++;
    return PGS_OK;
}

PgsStatus CodebookLoad::finish(std::unique_ptr<const Codebook> &codebook, PgsError *error) const {
    const Meta &meta = meta_of(meta_);
    if (vectors_of(meta).code_bits == 0) {
        codebook = std::make_unique<Codebook>(shape_of(meta));
        return PGS_OK;
    }
    if (PgsStatus status = Codebook::check_stripe(meta, stripe_.data(), error)) {
        return status;
    }
    codebook = std::make_unique<Codebook>(shape_of(meta), stripe_.data());
    return PGS_OK;
}

}  // namespace pgslab
