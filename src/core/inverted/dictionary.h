// The pages of a segment's dictionary.
#pragma once

#include <cstdint>
#include <span>

#include "inverted/format.h"
#include "pgslab/status.h"
#include "store/page.h"

namespace pgslab::inverted {

using Bytes = std::span<const uint8_t>;

// As memcmp() has it; then the shorter one is before.
int compare_terms(Bytes a, Bytes b) noexcept;
bool begins_with(Bytes term, Bytes prefix) noexcept;

// A page of a dictionary, checked as a whole when it is opened: offsets and entries lie within what
// the page uses, and terms ascend.
class DictionaryPage {
  public:
    // page must outlive it, and have passed check_page(). PGS_CORRUPT.
    PgsStatus open(const Page &page, uint32_t block, PgsError *error) noexcept;

    uint32_t entries() const noexcept { return entries_; }
    TermEntry entry(uint32_t i) const noexcept;
    Bytes term(uint32_t i) const noexcept;

    // The first entry whose term is not before this one; entries() if there is none.
    uint32_t lower_bound(Bytes term) const noexcept;

  private:
    const uint8_t *payload_ = nullptr;
    uint32_t entries_ = 0;
};

}  // namespace pgslab::inverted
