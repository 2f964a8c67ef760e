// Exact search: every live row in ascending order of a lower bound on its distance, for as long as
// the caller asks.
//
// A pass streams the whole slab through the kernels and keeps the nearest rows as far as memory
// goes. When all of them were returned and the caller wants more, another pass keeps those that
// come after; it takes eight times as many, so that returning every row of a large index takes few
// passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/batch.h"
#include "index/walker.h"
#include "kernels/kernels.h"
#include "pgslab_core.h"
#include "quantize/bound.h"

namespace pgslab {

class Search final : private RowSink {
  public:
    explicit Search(size_t memory_bytes) noexcept;

    // See pgs_scan_start(). May throw std::bad_alloc, as may the two below.
    void start(const Page &meta, const float *query, bool believe_killed);
    void next(PgsStep &step);
    PgsStatus page(const Page &page, bool verify_checksum, PgsError *error);

    PgsRecordPage record_page(uint64_t slot, uint32_t *index) const noexcept;

  private:
    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;
    void begin_pass(size_t capacity, const Candidate *floor);
    void set_query(const float *query);

    const size_t most_candidates_;
    Page meta_;
    std::vector<float> query_;
    bool ordered_ = false;        // by distance, not by slot
    double unordered_bound_ = 0;  // what rows have that are not
    const Kernels *kernels_ = nullptr;
    Bound bound_{Metric::kL2, 1, 0};
    Walker walker_;
    Lanes lanes_;

    Batch batch_;
    size_t capacity_ = 0;
    bool filling_ = false;  // a pass is under way
    size_t returned_ = 0;   // of the batch
};

}  // namespace pgslab
