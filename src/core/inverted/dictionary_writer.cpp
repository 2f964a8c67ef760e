#include "inverted/dictionary_writer.h"

#include <cstring>

namespace pgslab::inverted {

namespace {

// Where the entries of a page of so many terms begin.
constexpr size_t entries_begin(size_t terms) noexcept {
    return (sizeof(DictionaryHeader) + terms * sizeof(uint16_t) + 3) / 4 * 4;
}

}  // namespace

// A page ends where the next entry does not fit. That one is of the longest term at worst.
uint64_t most_dictionary_pages(uint64_t terms, uint64_t term_bytes) noexcept {
    constexpr uint64_t kLeast =
        kPayloadBytes - entry_bytes(PGS_MAX_TERM_BYTES) - entries_begin(1) - sizeof(uint16_t);
    return divide_up(term_bytes + terms * sizeof(uint16_t), kLeast);
}

void DictionaryWriter::add(const TermEntry &entry, Bytes term) {
    const uint32_t bytes = entry_bytes(static_cast<uint32_t>(term.size()));
    if (entries_begin(offsets_.size() + 1) + entries_.size() + bytes > kPayloadBytes) {
        end_page();
    }
    const size_t at = entries_.size();
    offsets_.push_back(static_cast<uint16_t>(at));
    entries_.resize(at + bytes);
    std::memcpy(entries_.data() + at, &entry, sizeof entry);
    std::memcpy(entries_.data() + at + sizeof entry, term.data(), term.size());
}

void DictionaryWriter::end_page() {
    if (offsets_.empty()) {
        return;
    }
    const size_t begin = entries_begin(offsets_.size());
    for (uint16_t &offset : offsets_) {
        offset = static_cast<uint16_t>(offset + begin);
    }
    const DictionaryHeader header = {static_cast<uint16_t>(offsets_.size()), 0};
    std::vector<uint8_t> payload(begin + entries_.size());
    std::memcpy(payload.data(), &header, sizeof header);
    std::memcpy(payload.data() + sizeof header, offsets_.data(),
                offsets_.size() * sizeof(uint16_t));
    std::memcpy(payload.data() + begin, entries_.data(), entries_.size());
    payload_.push_back(std::move(payload));
    offsets_.clear();
    entries_.clear();
}

uint32_t DictionaryWriter::write(const PageIdentity &first, std::deque<ReadyPage> &ready) {
    end_page();
    const auto pages = static_cast<uint32_t>(payload_.size());
    PageStream stream(first, ready);
    for (; !payload_.empty(); payload_.pop_front()) {
        const std::vector<uint8_t> &payload = payload_.front();
        stream.append(payload.data(), payload.size());
        stream.end();
    }
    return pages;
}

}  // namespace pgslab::inverted
