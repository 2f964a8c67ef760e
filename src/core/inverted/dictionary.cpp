#include "inverted/dictionary.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace pgslab::inverted {

namespace {

constexpr uint32_t kEntryAlignment = 4;

uint16_t load_offset(const uint8_t *payload, uint32_t i) noexcept {
    uint16_t offset;
    std::memcpy(&offset, payload + sizeof(DictionaryHeader) + i * sizeof offset, sizeof offset);
    return offset;
}

}  // namespace

int compare_terms(Bytes a, Bytes b) noexcept {
    const size_t shared = std::min(a.size(), b.size());
    const int order = shared == 0 ? 0 : std::memcmp(a.data(), b.data(), shared);
    return order != 0 ? order : (a.size() > b.size()) - (a.size() < b.size());
}

bool begins_with(Bytes term, Bytes prefix) noexcept {
    return term.size() >= prefix.size() &&
           (prefix.empty() || std::memcmp(term.data(), prefix.data(), prefix.size()) == 0);
}

PgsStatus DictionaryPage::open(const Page &page, uint32_t block, PgsError *error) noexcept {
    const uint32_t used = used_bytes(page);
    DictionaryHeader header = {};
    payload_ = page.payload;
    entries_ = 0;
    if (used >= sizeof header) {
        std::memcpy(&header, payload_, sizeof header);
    }
    uint32_t end = static_cast<uint32_t>(sizeof header) + header.entries * 2u;
    bool sound = header.entries > 0 && header.reserved == 0 && end <= used;
    for (uint32_t i = 0; sound && i < header.entries; i++) {
        const uint32_t offset = load_offset(payload_, i);
        sound =
            offset % kEntryAlignment == 0 && offset >= end && offset + sizeof(TermEntry) <= used;
        if (!sound) {
            break;
        }
        const TermEntry found = entry(i);
        end = offset + static_cast<uint32_t>(sizeof(TermEntry)) + found.length;
        sound = found.length > 0 && found.length <= PGS_MAX_TERM_BYTES && end <= used &&
                (i == 0 || compare_terms(term(i - 1), term(i)) < 0);
    }
    if (!sound) {
        return fail(error, PGS_CORRUPT, block, "the page of the dictionary contradicts itself");
    }
    entries_ = header.entries;
    return PGS_OK;
}

TermEntry DictionaryPage::entry(uint32_t i) const noexcept {
    TermEntry entry;
    std::memcpy(&entry, payload_ + load_offset(payload_, i), sizeof entry);
    return entry;
}

Bytes DictionaryPage::term(uint32_t i) const noexcept {
    return {payload_ + load_offset(payload_, i) + sizeof(TermEntry), entry(i).length};
}

uint32_t DictionaryPage::lower_bound(Bytes wanted) const noexcept {
    uint32_t low = 0;
    uint32_t high = entries_;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (compare_terms(term(middle), wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

}  // namespace pgslab::inverted
