// Reads the live rows of parts as they are stored: record, keys and vector.
#pragma once

#include <cstdint>
#include <vector>

#include "ivf/format.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "store/machine.h"
#include "store/walker.h"

namespace pgslab {

class StoredRows final : public Machine, private RowSink {
  public:
    // May throw std::bad_alloc.
    StoredRows(const Page &meta, PgsParts parts);

    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    // The rows that the page completed, one after the other; false when there are no more. record,
    // with what is behind it, and item are valid until the next page. advance() goes on to the row
    // after the current one.
    bool current(const uint8_t **record, const uint8_t **item) const noexcept;
    void advance() noexcept { next_++; }

  private:
    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;

    Page meta_;
    uint32_t item_bytes_;
    uint32_t record_bytes_;
    Walker walker_;
    std::vector<uint8_t> records_;  // complete
    std::vector<uint8_t> items_;    // and one that is not
    size_t rows_ = 0;
    size_t next_ = 0;
};

}  // namespace pgslab
