// Writes a table's pages one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "store/page.h"

namespace pgslab {

// A page with its block.
struct ReadyPage {
    uint32_t block;
    Page page;
};

// Fills the pages of one table, in order.
class PageStream {
  public:
    // What stands on the table's first page, and on its block.
    PageStream(const PageIdentity &first, std::deque<ReadyPage> &ready)
        : next_(first), ready_(&ready) {}

    // Appends n bytes; where the page ends they go on at the beginning of the next. May throw
    // std::bad_alloc, as may the others.
    void append(const void *bytes, size_t n);

    // Appends n bytes that must not cross a page.
    void append_whole(const void *bytes, uint32_t n);

    // The last page is ready as it is.
    void end();

  private:
    uint32_t room() const noexcept { return begun_ ? kPayloadBytes - used_bytes(page_) : 0; }
    void begin_page() noexcept;

    PageIdentity next_;  // the page after those that are ready
    std::deque<ReadyPage> *ready_;
    Page page_;
    bool begun_ = false;
};

}  // namespace pgslab
