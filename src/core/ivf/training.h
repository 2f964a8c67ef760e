// From a sample of the table to a codebook: offset, mean, lists' centroids, rotation.
//
// Work is done in steps of some milliseconds, so that the caller can be cancelled between them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cluster/cluster.h"
#include "ivf/codebook.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"

namespace pgslab {

// Lists that suit so many rows.
uint32_t automatic_lists(double rows) noexcept;

// See pgs_plan().
void plan_training(const Shape &shape, double rows, size_t memory_bytes, PgsPlan &plan) noexcept;

// See pgs_held_out().
bool held_out(PgsTid tid) noexcept;

class Training {
  public:
    // present: of the index whose rows the sample is of, which has an offset then, or none, that
    // its stored vectors refer to; null for an index that is to be built. May throw std::bad_alloc,
    // as may all below that are not noexcept.
    Training(const Shape &shape, const PgsPlan &plan, const Codebook *present = nullptr);

    bool add(const float *vector);
    bool replace(uint32_t i, const float *vector) noexcept;
    uint32_t rows() const noexcept { return rows_; }

    void step(PgsProgress &progress);
    std::unique_ptr<const Codebook> finish(uint64_t identity);

  private:
    enum class Phase { kSample, kCluster, kDone };

    bool put(uint32_t i, const float *vector) noexcept;
    void subtract_offset();
    void choose_unit();
    void measure_in_units();
    void centre();
    void rotate_centroids();

    Shape shape_;
    PgsPlan plan_;
    uint32_t rows_ = 0;
    std::vector<float> sample_;  // [rows][dims]
    Phase phase_ = Phase::kSample;

    bool choose_offset_;
    std::vector<float> offset_;  // empty for none
    int exponent_ = 0;           // of the unit, in which everything below is, and then the sample
    std::vector<float> mean_;
    std::vector<uint8_t> signs_;
    std::unique_ptr<Clustering> clustering_;
    std::vector<float> centroids_;  // [lists][padded], in code space
};

}  // namespace pgslab
