#include "inverted/term_lookup.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "inverted/segment_layout.h"

namespace pgslab::inverted {

namespace {

// The term that a page of the dictionary begins with; empty where the page is damaged.
Bytes first_term(const Page &page) noexcept {
    const uint32_t used = used_bytes(page);
    uint16_t offset = 0;
    if (used < sizeof(DictionaryHeader) + sizeof offset) {
        return {};
    }
    std::memcpy(&offset, page.payload + sizeof(DictionaryHeader), sizeof offset);
    TermEntry entry;
    if (offset + sizeof entry > used) {
        return {};
    }
    std::memcpy(&entry, page.payload + offset, sizeof entry);
    if (offset + sizeof entry + entry.length > used) {
        return {};
    }
    return {page.payload + offset + sizeof entry, entry.length};
}

}  // namespace

void TermLookup::begin(const Segment &segment, const SegmentHeader &header,
                       const std::vector<LookedUp> &terms) {
    segment_ = segment;
    pages_ = header.dictionary;
    terms_ = &terms;
    term_ = 0;
    known_.clear();
    found_.clear();
    wanted_ = kNoPage;
    if (pages_.pages > 0) {
        next_term();
    }
}

void TermLookup::want(uint32_t page) noexcept {
    in_hand_ = page;
    wanted_ = page_of_segment(segment_, pages_.first + page);
}

// Between which pages the term in hand has to be, as far as is known.
void TermLookup::next_term() {
    is_following_ = false;
    wanted_ = kNoPage;
    if (term_ == terms_->size()) {
        return;
    }
    const Bytes wanted = (*terms_)[term_].bytes;
    const auto after = std::upper_bound(
        known_.begin(), known_.end(), wanted,
        [](Bytes term, const Known &known) { return compare_terms(term, known.first) < 0; });
    first_ = after == known_.begin() ? 0 : std::prev(after)->page;
    end_ = after == known_.end() ? pages_.pages : std::max(after->page, first_ + 1);
    narrow();
}

void TermLookup::narrow() {
    want(end_ - first_ > 1 ? first_ + (end_ - first_) / 2 : first_);
}

PgsStatus TermLookup::page(const Page &page, PgsError *error) {
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    return end_ - first_ > 1 && !is_following_ ? learn(page, error) : search(page, error);
}

// A page in the middle.
PgsStatus TermLookup::learn(const Page &page, PgsError *error) {
    const Bytes first = first_term(page);
    if (first.empty()) {
        return fail(error, PGS_CORRUPT, wanted_.block, "the dictionary's page has no first term");
    }
    const auto at = std::lower_bound(known_.begin(), known_.end(), in_hand_,
                                     [](const Known &known, uint32_t p) { return known.page < p; });
    known_.insert(at, {in_hand_, {first.begin(), first.end()}});
    if (compare_terms(first, (*terms_)[term_].bytes) <= 0) {
        first_ = in_hand_;
    } else {
        end_ = in_hand_;
    }
    narrow();
    return PGS_OK;
}

// The term's page; then those of the terms behind it that are on the same page.
PgsStatus TermLookup::search(const Page &page, PgsError *error) {
    DictionaryPage dictionary;
    if (PgsStatus status = dictionary.open(page, wanted_.block, error)) {
        return status;
    }
    const uint32_t here = in_hand_;
    while (wanted_.block != PGS_NO_BLOCK && in_hand_ == here &&
           (is_following_ || end_ - first_ <= 1)) {
        const LookedUp &wanted = (*terms_)[term_];
        const auto number = static_cast<uint32_t>(term_);
        uint32_t i = is_following_ ? 0 : dictionary.lower_bound(wanted.bytes);
        if (!wanted.is_prefix) {
            if (i < dictionary.entries() && compare_terms(dictionary.term(i), wanted.bytes) == 0) {
                found_.push_back({number, dictionary.entry(i)});
            }
        } else {
            while (i < dictionary.entries() && begins_with(dictionary.term(i), wanted.bytes)) {
                found_.push_back({number, dictionary.entry(i++)});
            }
            if (i == dictionary.entries() && here + 1 < pages_.pages) {
                is_following_ = true;
                want(here + 1);
                return PGS_OK;
            }
        }
        term_++;
        next_term();
    }
    return PGS_OK;
}

}  // namespace pgslab::inverted
