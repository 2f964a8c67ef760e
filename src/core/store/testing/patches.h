// How a fuzzer's input changes a page: patches of an offset, a length and that many bytes, one
// after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "store/page.h"

namespace pgslab {

// What is left of a fuzzer's input; zeros when nothing is.
class FuzzInput {
  public:
    FuzzInput(const uint8_t *data, size_t size) : data_(data), size_(size) {}

    bool empty() const { return size_ == 0; }

    uint8_t byte() {
        if (size_ == 0) {
            return 0;
        }
        size_--;
        return *data_++;
    }

    uint32_t word() {
        const uint32_t low = byte();
        return low | static_cast<uint32_t>(byte()) << 8;
    }

    // Copies up to n bytes, as many as there are.
    void copy(uint8_t *to, size_t n) {
        n = std::min(n, size_);
        std::memcpy(to, data_, n);
        data_ += n;
        size_ -= n;
    }

  private:
    const uint8_t *data_;
    size_t size_;
};

inline void patch(Page &page, FuzzInput &input) {
    auto *bytes = reinterpret_cast<uint8_t *>(&page);
    while (!input.empty()) {
        const uint32_t offset = input.word() % kPageBytes;
        const uint32_t length = std::min<uint32_t>(input.byte(), kPageBytes - offset);
        input.copy(bytes + offset, length);
    }
}

// Makes the checksum valid where the page's bounds allow for one.
inline void repair_checksum(Page &page) {
    if (bounds_are_sane(page)) {
        page.slab.checksum = page_checksum(page);
    }
}

}  // namespace pgslab
