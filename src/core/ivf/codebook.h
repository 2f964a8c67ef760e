// What all codes of an index refer to: the rotation, the mean, and the lists' centroids; and the
// offset, which stored vectors refer to, too (quantize/offset.h).
//
// Immutable once made, and shared by scans and encoders. Centroids are kept as int8 with a scale;
// since residuals are taken from exactly these, their coarseness costs no accuracy. Codes of one
// bit of the centroids themselves make looking for the nearest ones a quantised scan.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ivf/format.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "quantize/code.h"
#include "quantize/code_bound.h"
#include "quantize/code_query.h"
#include "store/machine.h"

namespace pgslab {

// What an index stores, and how.
struct Shape {
    uint32_t dims;
    uint32_t padded;
    uint32_t coded;  // of the padded coordinates, the first that rows have codes of
    Metric metric;
    Storage storage;
    uint32_t code_bits;  // 1, or 0 without codes
    uint32_t refine_bits;
    KeyFormats keys;  // of filter columns

    bool operator==(const Shape &) const = default;
};

// Whether codes are of the first dimensions only. Code space is two blocks then, of these and of
// the others, each rotated by itself; if not it is one.
constexpr bool has_prefix(const Shape &shape) noexcept {
    return shape.coded != shape.padded;
}

// out[padded] = R (f x - mean), as rotate() of quantize/rotation.h, block by block.
// signs[rotation_bytes(padded)] has those of the first block first.
void rotate_blocks(const Shape &shape, const uint8_t *signs, const float *x, const float *mean,
                   float *out, float f = 1) noexcept;

Shape shape_of(const PgsOptions &options) noexcept;
Shape shape_of(const Meta &meta) noexcept;

// The tables of a part of such an index.
Columns columns_of(const Shape &shape) noexcept;

// What the metapage and the codebook keep of an offset, float32[dims], so that they belong
// together; 0 stands for none.
uint32_t checksum_of_offset(const void *elements, uint32_t dims) noexcept;

class Codebook {
  public:
    // Without lists, for an index without codes.
    explicit Codebook(const Shape &shape) noexcept : shape_(shape) {}

    // centroids: float[lists][padded] in code space, which is measured in units of 2^exponent, as
    // the mean is, which is that of vectors less the offset. No offset if that is empty. All of
    // these may throw std::bad_alloc.
    Codebook(const Shape &shape, uint64_t identity, std::vector<uint8_t> signs,
             std::vector<float> mean, const std::vector<float> &centroids, int exponent = 0,
             std::vector<float> offset = {});

    // From the bytes of its stripe (codebook_layout()), which must have passed check_stripe().
    Codebook(const Shape &shape, const uint8_t *stripe);
    static PgsStatus check_stripe(const Meta &meta, const uint8_t *stripe,
                                  PgsError *error) noexcept;
    std::vector<uint8_t> stripe() const;

    const Shape &shape() const noexcept { return shape_; }
    uint32_t lists() const noexcept { return static_cast<uint32_t>(info_.size()); }
    uint64_t identity() const noexcept { return identity_; }
    float refine_step() const noexcept { return refine_step_; }
    const ListInfo &info(uint32_t list) const noexcept { return info_[list]; }
    double unit() const noexcept { return std::ldexp(1.0, exponent_); }  // of code space

    // In units, as its Euclidean norm.
    const std::vector<float> &mean() const noexcept { return mean_; }
    double mean_norm() const noexcept { return mean_norm_; }
    size_t memory_bytes() const noexcept;

    // float[dims], or null for none; its Euclidean norm; and its checksum.
    const float *offset() const noexcept { return offset_.empty() ? nullptr : offset_.data(); }
    double offset_norm() const noexcept { return offset_norm_; }
    uint32_t offset_checksum() const noexcept;

    // out[padded] = the vector, which is less the offset, in code space.
    void to_code_space(const float *vector, float *out) const noexcept;

    // out[padded] = a vector times a power of two, rotated without the mean subtracted.
    void rotate_uncentred(const float *vector, float factor, float *out) const noexcept;

    // out[padded] = a list's centroid.
    void centroid(uint32_t list, float *out) const noexcept;

    // A query, in code space, and a list: see ListQuery.
    ListQuery list_query(const float *query, double query_norm, uint32_t list) const noexcept;

    // Estimated squared distances of all centroids from a query, behind them lanes that are
    // infinite or NaN; and how far off those may be, to be multiplied by the query's norm /
    // sqrt(padded - 1) and a number of standard deviations. May throw std::bad_alloc.
    void estimate_all(const CodeQuery &query, std::vector<float> &estimate) const;
    const std::vector<float> &errors() const noexcept { return error_; }

    // The list nearest to a vector in code space, which query was set to.
    uint32_t nearest(const float *vector, const CodeQuery &query,
                     std::vector<float> &estimate) const;

  private:
    void complete();
    void encode_centroids();

    Shape shape_;
    uint64_t identity_ = 0;
    float refine_step_ = 0;
    int exponent_ = 0;
    std::vector<uint8_t> signs_;
    std::vector<float> mean_;
    double mean_norm_ = 0;
    std::vector<float> offset_;  // empty for none
    double offset_norm_ = 0;
    std::vector<ListInfo> info_;
    std::vector<int8_t> centroids_;  // [lists][padded]
    std::vector<uint8_t> blocks_;    // their codes, 32 at a time
    std::vector<float> add_;         // factors of those, for all lanes of the blocks
    std::vector<float> rescale_;
    std::vector<float> error_;
};

// Reads a codebook's pages.
class CodebookLoad final : public Machine {
  public:
    explicit CodebookLoad(const Page &meta);  // may throw std::bad_alloc, as may finish()

    uint32_t next_block() const noexcept;
    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    PgsStatus finish(std::unique_ptr<const Codebook> &codebook, PgsError *error) const;

  private:
    Page meta_;
    std::vector<uint8_t> stripe_;
    uint32_t read_ = 0;  // pages
};

}  // namespace pgslab
