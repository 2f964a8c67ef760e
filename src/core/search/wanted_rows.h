// Which rows a walk of the tables of parts is to see.
#pragma once

#include <cstdint>
#include <vector>

#include "filter/filter.h"
#include "quantize/stored.h"
#include "store/layout.h"
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
    bool wants(const Record &record, const uint8_t *extra) const noexcept override {
        const uint32_t list = vector_record(record).list;
        return (lists_ == nullptr || list >= lists_->size() || (*lists_)[list]) &&
               filter_->holds(tid_of(record), extra);
    }

  private:
    const Filter *filter_ = nullptr;
    const std::vector<bool> *lists_ = nullptr;
};

}  // namespace pgslab
