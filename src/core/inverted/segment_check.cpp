#include "inverted/segment_check.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "filter/postings.h"
#include "inverted/content.h"

namespace pgslab::inverted {

namespace {

constexpr uint32_t kPerDirectoryPage = kPayloadBytes / sizeof(GroupColumn);

}  // namespace

SegmentCheck::SegmentCheck(const Segment &segment, const Inverted &index)
    : segment_(segment),
      index_(index),
      columns_(key_columns(index.keys)),
      reader_(segment, index),
      wanted_(reader_.wanted()) {}

PgsStatus SegmentCheck::contradiction(const char *what, PgsError *error) const noexcept {
    return fail(error, PGS_CORRUPT, wanted_.block, "%s", what);
}

void SegmentCheck::want(uint32_t page) noexcept {
    wanted_ = page_of_segment(segment_, page);
}

PgsStatus SegmentCheck::page(const Page &page, PgsError *error) {
    PgsStatus status = PGS_OK;
    switch (phase_) {
        case Phase::kDocuments:
        case Phase::kTerms:
            status = reader_.page(page, error);
            break;
        case Phase::kDirectory:
            status = take_directory(page, error);
            break;
        case Phase::kFences:
            status = take_fences(page, error);
            break;
        case Phase::kPostings:
            status = take_postings(page, error);
            break;
        case Phase::kEnd:
            break;
    }
    return status == PGS_OK ? advance(error) : status;
}

PgsStatus SegmentCheck::advance(PgsError *error) {
    if (phase_ == Phase::kDocuments) {
        wanted_ = reader_.wanted();
        if (wanted_.block != PGS_NO_BLOCK) {
            return PGS_OK;
        }
        const uint32_t numbers = reader_.shape().header.numbers;
        contents_.resize(numbers);
        lengths_.resize(numbers);
        keys_.resize(columns_.count == 0 ? 0 : numbers);
        squares_.resize(index_.weights == Weights::kCosines ? numbers : 0);
        reader_.begin_terms();
        phase_ = Phase::kTerms;
    }
    if (phase_ == Phase::kTerms) {
        if (add_terms()) {
            return PGS_OK;
        }
        if (PgsStatus status = check_documents(error)) {
            return status;
        }
        begin_keys();
    }
    return PGS_OK;
}

// False when there are no more; else a page is wanted.
bool SegmentCheck::add_terms() {
    for (;;) {
        wanted_ = reader_.wanted();
        if (wanted_.block != PGS_NO_BLOCK) {
            return true;
        }
        if (reader_.at_end()) {
            return false;
        }
        if (reader_.ends_term()) {
            reader_.next_term();
            continue;
        }
        const Postings &block = reader_.block();
        for (uint32_t i = 0; i < block.count; i++) {
            const uint32_t number = block.number[i];
            const auto weight = static_cast<double>(block.weight[i]);
            contents_[number] += content_of_term(reader_.term(), block.weight[i]);
            if (index_.weights == Weights::kOccurrences) {
                lengths_[number] += static_cast<uint32_t>(block.weight[i]);
            } else if (!squares_.empty()) {
                squares_[number] += weight * weight;
            }
        }
        reader_.next_block();
    }
}

PgsStatus SegmentCheck::check_documents(PgsError *error) const {
    for (uint32_t number = 0; number < contents_.size(); number++) {
        const DocumentMeasure said = reader_.document(number);
        if (lengths_[number] != said.length ||
            (!squares_.empty() && squares_[number] != said.square)) {
            return fail(error, PGS_CORRUPT, segment_.run.block,
                        "a segment's postings and its documents contradict each other");
        }
    }
    return PGS_OK;
}

ToldDocument SegmentCheck::told(uint32_t number) const noexcept {
    return {contents_[number],
            content_of_rest(reader_.document(number), keys_.empty() ? 0 : keys_[number])};
}

// ---- keys

void SegmentCheck::begin_keys() {
    const SegmentHeader &header = reader_.shape().header;
    wanted_ = kNoPage;
    phase_ = Phase::kEnd;
    if (columns_.count > 0 && header.groups.pages > 0) {
        phase_ = Phase::kDirectory;
        end_page_ = header.documents_table.first + header.documents_table.pages;
        want(header.groups.first);
    }
}

PgsStatus SegmentCheck::take_directory(const Page &page, PgsError *error) {
    const SegmentHeader &header = reader_.shape().header;
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    const size_t all = divide_up(header.numbers, kGroupNumbers) * columns_.count;
    const size_t here = std::min<size_t>(all - directory_.size(), kPerDirectoryPage);
    if (used_bytes(page) != here * sizeof(GroupColumn)) {
        return contradiction("the directory of key postings has another length than its documents",
                             error);
    }
    const size_t before = directory_.size();
    directory_.resize(before + here);
    std::memcpy(directory_.data() + before, page.payload, here * sizeof(GroupColumn));
    if (directory_.size() < all) {
        want(header.groups.first + static_cast<uint32_t>(directory_.size() / kPerDirectoryPage));
        return PGS_OK;
    }
    return next_group_column(error);
}

// Begins with the fences of the column of a group that is next.
PgsStatus SegmentCheck::next_group_column(PgsError *error) {
    const SegmentHeader &header = reader_.shape().header;
    for (; at_ < directory_.size(); at_++) {
        const GroupColumn &group = directory_[at_];
        const uint32_t pages =
            static_cast<uint32_t>(divide_up(group.postings, postings_per_page(column())));
        if (group.fences.first != end_page_ || group.fences.pages != fence_pages(column(), pages) ||
            group.first != end_page_ + group.fences.pages ||
            uint64_t{group.first} + pages > header.groups.first) {
            return contradiction("the directory of key postings names others than there are",
                                 error);
        }
        end_page_ = group.first + pages;
        fences_.clear();
        page_ = 0;
        postings_ = 0;
        if (pages > 0) {
            phase_ = Phase::kFences;
            want(group.fences.first);
            return PGS_OK;
        }
    }
    wanted_ = kNoPage;
    phase_ = Phase::kEnd;
    return end_page_ == header.groups.first
               ? PGS_OK
               : fail(error, PGS_CORRUPT, segment_.run.block,
                      "a segment has pages between its key postings and their directory");
}

PgsStatus SegmentCheck::take_fences(const Page &page, PgsError *error) {
    const GroupColumn &group = directory_[at_];
    const uint32_t bytes = column().key_bytes;
    const auto pages =
        static_cast<uint32_t>(divide_up(group.postings, postings_per_page(column())));
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    const size_t here = std::min<size_t>(pages - fences_.size(), fences_per_page(column()));
    if (used_bytes(page) != here * bytes) {
        return contradiction("a page of fences has another length than its postings", error);
    }
    for (size_t i = 0; i < here; i++) {
        fences_.push_back(load_key(page.payload + i * bytes, bytes));
    }
    if (++page_ < group.fences.pages) {
        want(group.fences.first + page_);
        return PGS_OK;
    }
    page_ = 0;
    phase_ = Phase::kPostings;
    want(group.first);
    return PGS_OK;
}

PgsStatus SegmentCheck::take_postings(const Page &page, PgsError *error) {
    const GroupColumn &group = directory_[at_];
    const auto number = static_cast<uint32_t>(at_ % columns_.count);
    const auto first = static_cast<uint32_t>(at_ / columns_.count) * kGroupNumbers;
    const uint32_t bytes = bytes_of_posting(column());
    if (PgsStatus status = check_page(page, wanted_, error)) {
        return status;
    }
    const uint32_t here = std::min(group.postings - postings_, postings_per_page(column()));
    if (used_bytes(page) != here * bytes) {
        return contradiction("a page of key postings has another length than its group", error);
    }
    for (uint32_t i = 0; i < here; i++) {
        const Posting posting = load_posting(page.payload + i * bytes, column());
        const bool is_first = postings_ + i == 0;
        const bool in_order = is_first || last_key_ < posting.key ||
                              (last_key_ == posting.key && last_row_ <= posting.row);
        if (!in_order || posting.row >= keys_.size() - first || posting.row >= kGroupNumbers ||
            (i == 0 && fences_[page_] != posting.key)) {
            return contradiction("a key posting is out of order, or of no document", error);
        }
        keys_[first + posting.row] += content_of_key(number, posting.key);
        last_key_ = posting.key;
        last_row_ = posting.row;
    }
    postings_ += here;
    if (postings_ < group.postings) {
        want(group.first + ++page_);
        return PGS_OK;
    }
    at_++;
    return next_group_column(error);
}

}  // namespace pgslab::inverted
