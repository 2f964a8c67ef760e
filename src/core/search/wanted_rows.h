// Which rows a walk of the tables of parts is to see.
#pragma once

#include <cstdint>
#include <vector>

#include "filter/filter.h"
#include "store/walker.h"

namespace pgslab {

// Rows that satisfy a filter, of the lists whose element is true, or of any if there are none. A
// list that does not exist is for verification to see.
class WantedRows final : public RowFilter {
  public:
    // Both must outlive it.
    void set(const Filter &filter, const std::vector<bool> *lists) noexcept {
        filter_ = &filter;
        lists_ = lists;
    }

    // Whether there is nothing to ask of any row.
    bool are_all() const noexcept {
        return lists_ == nullptr && filter_->tids() == nullptr && filter_->asks_nothing();
    }
    RecordSet wanted(const uint8_t *records, uint32_t record_bytes,
                     uint32_t n) const noexcept override;

  private:
    const Filter *filter_ = nullptr;
    const std::vector<bool> *lists_ = nullptr;
};

}  // namespace pgslab
