#include "store/page_stream.h"

#include <algorithm>
#include <cstring>

namespace pgslab {

void PageStream::begin_page() noexcept {
    format_page(page_, next_);
    begun_ = true;
}

void PageStream::append(const void *bytes, size_t n) {
    const auto *from = static_cast<const uint8_t *>(bytes);
    while (n > 0) {
        if (room() == 0) {
            end();
            begin_page();
        }
        const size_t here = std::min<size_t>(n, room());
        std::memcpy(page_.payload + used_bytes(page_), from, here);
        page_.server.lower = static_cast<uint16_t>(page_.server.lower + here);
        from += here;
        n -= here;
    }
}

void PageStream::append_whole(const void *bytes, uint32_t n) {
    if (room() < n) {
        end();
    }
    append(bytes, n);
}

void PageStream::end() {
    if (begun_) {
        page_.slab.checksum = page_checksum(page_);
        ready_->push_back({next_.block, page_});
        next_.block++;
        next_.sequence++;
        begun_ = false;
    }
}

}  // namespace pgslab
