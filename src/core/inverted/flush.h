// Puts the sidecar's documents of a part into a segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "inverted/document_batch.h"
#include "inverted/format.h"
#include "inverted/forward_row.h"
#include "store/output.h"
#include "store/task.h"
#include "store/walker.h"

namespace pgslab::inverted {

class Flush final : public Task, private RowSink {
  public:
    // part: its number in the manifest. Takes as many documents as that memory holds, the first
    // ones. May throw std::bad_alloc.
    Flush(const Page &meta, uint32_t part, size_t memory_bytes);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    void reserved(const Reservation &reserved) override;
    const Replacement &made() const noexcept override { return made_; }
    PgsTaskWork work() const noexcept override;

  private:
    enum class Phase { kRead, kReserve, kWrite };

    using Task::row;
    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;
    const Part &part() const noexcept { return meta_of(meta_).part[part_]; }
    void end_reading();
    void write();

    Page meta_;
    uint32_t part_;
    size_t memory_;
    Walker walker_;
    PieceReader reader_;
    std::vector<PgsTerm> terms_;
    DocumentBatch batch_;
    Phase phase_ = Phase::kRead;
    bool contradiction_ = false;  // on the page in hand
    uint64_t end_;                // slots of the part before it are in segments then
    std::optional<Output> output_;
    Replacement made_ = {};
};

}  // namespace pgslab::inverted
