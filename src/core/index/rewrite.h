// Writes parts anew from rows that come encoded, in the order of their lists, with or without a new
// codebook to which their codes refer.
#pragma once

#include <cstdint>
#include <vector>

#include "index/encoder.h"
#include "index/output.h"
#include "index/task.h"

namespace pgslab {

class Rewrite final : public Task {
  public:
    // codebook: what rows are encoded by; it must outlive the task. If it is not the index's, it
    // takes that one's place, and all segments go. parts are replaced. rows: how many will come.
    // May throw std::bad_alloc.
    Rewrite(const Page &meta, const Codebook &codebook, PgsParts parts, uint64_t rows);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    void reserved(const Reservation &reserved) override;
    PgsStatus row(const uint8_t *row, uint32_t list, PgsError *error) override;
    const Replacement &made() const noexcept override { return made_; }
    PgsTaskWork work() const noexcept override;

  private:
    enum class Phase { kReserve, kRows, kEnd };

    void name_replaced();

    Page meta_;
    const Codebook &codebook_;
    PgsParts parts_;
    bool new_codebook_;
    RowLayout layout_;
    uint64_t expected_;
    uint64_t rows_ = 0;
    double spread_ = 0;  // of them
    Phase phase_ = Phase::kReserve;
    Output output_;
    std::vector<uint8_t> code_;  // of one bit
    Replacement made_ = {};
};

}  // namespace pgslab
