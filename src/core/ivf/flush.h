// Puts the sidecar's rows of a part into a segment of their own: their codes of one bit and
// their keys, in the order of their lists.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ivf/output.h"
#include "store/task.h"
#include "store/walker.h"

namespace pgslab {

class Flush final : public Task, private RowSink {
  public:
    // part: its number in the manifest; its codes must refer to the index's codebook. Takes as many
    // rows as that memory holds, the first ones. May throw std::bad_alloc.
    Flush(const Page &meta, uint32_t part, size_t memory_bytes);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    void reserved(const Reservation &reserved) override;
    const Replacement &made() const noexcept override { return made_; }
    void amend(Meta &meta) const noexcept override;
    PgsTaskWork work() const noexcept override;

  private:
    enum class Phase { kRead, kReserve, kWrite };

    struct Entry {
        uint64_t address;
        uint32_t list;
        uint32_t row;  // number in codes_ and keys_
        ScanFactors factors;
    };

    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;
    using Task::row;
    void write();

    Page meta_;
    uint32_t part_;
    uint32_t padded_;
    uint32_t refine_bits_;
    uint32_t key_bytes_;
    size_t most_;  // rows
    Walker walker_;
    Phase phase_ = Phase::kRead;
    bool contradiction_ = false;  // on the page in hand
    uint64_t end_;                // slots of the part before it were read, or are tombstones
    std::vector<Entry> entries_;
    double spread_ = 0;  // of them
    std::vector<uint8_t> codes_;
    std::vector<uint8_t> keys_;
    std::optional<VectorOutput> output_;
    Replacement made_ = {};
};

}  // namespace pgslab
