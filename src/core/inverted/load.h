// Documents that wait in memory to be written, and the task that writes them: as sealed parts, in
// which each has one slot, and a segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "inverted/document_batch.h"
#include "inverted/format.h"
#include "pgslab/inverted.h"
#include "store/output.h"
#include "store/task.h"

namespace pgslab::inverted {

class Load {
  public:
    // For indexes like that which meta is of. May throw std::bad_alloc, as may add().
    Load(const Meta &meta, size_t memory_bytes);

    // Whether the document is one to be indexed; *full: no more fit the memory. keys: one number
    // for each key but that of the address.
    bool add(const PgsTerm *terms, uint32_t count, const uint64_t *keys, PgsTid tid, bool *full);

    uint64_t documents() const noexcept { return tids_.size(); }
    const DocumentBatch &batch() const noexcept { return batch_; }
    PgsTid tid(size_t i) const noexcept { return tids_[i]; }
    const Inverted &index() const noexcept { return index_; }
    void clear() noexcept;

  private:
    Inverted index_;
    PgsKeyColumns columns_;
    size_t memory_;
    DocumentBatch batch_;
    std::vector<PgsTid> tids_;
    std::vector<uint8_t> keys_;  // of the document being added
};

class LoadTask final : public Task {
  public:
    // load must outlive it, and is empty when it is gone.
    LoadTask(Load &load, const Page &meta) noexcept : load_(load), meta_(meta) {}
    ~LoadTask() override { load_.clear(); }

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    void reserved(const Reservation &reserved) override;
    const Replacement &made() const noexcept override { return made_; }
    PgsTaskWork work() const noexcept override;

  private:
    void write();

    Load &load_;
    Page meta_;
    std::optional<Output> output_;
    Replacement made_ = {};
};

}  // namespace pgslab::inverted
