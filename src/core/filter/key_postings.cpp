#include "filter/key_postings.h"

#include <algorithm>

namespace pgslab {

void KeyPostings::begin(const PgsKeyColumn &column) noexcept {
    column_ = column;
    postings_.clear();
}

void KeyPostings::add(uint32_t row, const uint8_t *keys) {
    for (uint32_t k = 0; k < column_.keys; k++) {
        postings_.push_back({load_key(keys + k * column_.key_bytes, column_.key_bytes), row});
    }
}

void KeyPostings::write(const PageIdentity &fences, const PageIdentity &postings,
                        std::deque<ReadyPage> &ready) {
    std::sort(postings_.begin(), postings_.end());
    uint8_t bytes[bytes_of_posting({8, 1})];
    PageStream fence_pages(fences, ready);
    for (size_t i = 0; i < postings_.size(); i += postings_per_page(column_)) {
        store_key(bytes, column_.key_bytes, postings_[i].key);
        fence_pages.append_whole(bytes, column_.key_bytes);
    }
    fence_pages.end();
    PageStream pages(postings, ready);
    for (const Posting &posting : postings_) {
        store_posting(bytes, column_, posting);
        pages.append_whole(bytes, bytes_of_posting(column_));
    }
    pages.end();
}

}  // namespace pgslab
