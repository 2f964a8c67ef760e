// Writes the pages of a segment's dictionary. Until then they are in memory.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "inverted/dictionary.h"
#include "inverted/format.h"
#include "store/page_stream.h"

namespace pgslab::inverted {

// What an entry takes, without its offset.
constexpr uint32_t entry_bytes(uint32_t term_bytes) noexcept {
    return (static_cast<uint32_t>(sizeof(TermEntry)) + term_bytes + 3) / 4 * 4;
}

// Pages of a dictionary of so many terms, whose entries take so many bytes, at most.
uint64_t most_dictionary_pages(uint64_t terms, uint64_t term_bytes) noexcept;

class DictionaryWriter {
  public:
    // The next term, behind those before. May throw std::bad_alloc, as may the next.
    void add(const TermEntry &entry, Bytes term);

    // No more terms. Returns how many pages there are, the first of which is `first`.
    uint32_t write(const PageIdentity &first, std::deque<ReadyPage> &ready);

  private:
    void end_page();

    std::vector<uint16_t> offsets_;             // of the page being filled: from its entries on
    std::vector<uint8_t> entries_;              // of it
    std::deque<std::vector<uint8_t>> payload_;  // of pages that are full
};

}  // namespace pgslab::inverted
