// Writes parts anew from rows that come encoded, in the order of their lists, with or without a new
// codebook to which their codes refer.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/codebook.h"
#include "ivf/output.h"
#include "store/task.h"

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
    void amend(Meta &meta) const noexcept override;
    PgsTaskWork work() const noexcept override;

    // For who drives it without asking for requests: PGS_TOO_LARGE when that is more than a
    // relation holds; which answer is due, PGS_REQUEST_DONE for none; the next of the finished
    // pages.
    PgsStatus check(PgsError *error) const { return output_.check(error); }
    PgsRequestKind awaits() const noexcept;
    const Page *next_page(uint32_t *block) noexcept { return output_.next_page(block); }

  private:
    enum class Phase { kReserve, kRows, kEnd };

    void say_replaced() noexcept;

    Page meta_;
    const Codebook &codebook_;
    PgsParts parts_;
    bool new_codebook_;
    uint64_t expected_;
    uint64_t rows_ = 0;
    double spread_ = 0;  // of them
    Phase phase_ = Phase::kReserve;
    VectorOutput output_;
    uint32_t refine_;            // where a row has its refinement code
    std::vector<uint8_t> code_;  // of one bit
    Replacement made_ = {};
};

}  // namespace pgslab
