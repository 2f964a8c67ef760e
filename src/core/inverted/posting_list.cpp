#include "inverted/posting_list.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace pgslab::inverted {

Run within(const Run &run, const Window &window) noexcept {
    const uint32_t *const end = run.numbers + run.count;
    const uint32_t *from = run.numbers;
    const uint32_t *to = end;
    if (run.count > 0 && *from < window.begin) {
        from = std::lower_bound(from, end, window.begin);
    }
    if (run.count > 0 && end[-1] >= window.end) {
        to = std::lower_bound(from, end, window.end);
    }
    return {from, run.weights + (from - run.numbers), static_cast<uint32_t>(to - from)};
}

// ---- kept

void KeptPostings::append(const Postings &postings) {
    numbers.insert(numbers.end(), postings.number, postings.number + postings.count);
    weights.insert(weights.end(), postings.weight, postings.weight + postings.count);
}

void KeptPostings::gather() {
    std::vector<uint32_t> own_numbers;
    std::vector<float> own_weights;
    std::swap(own_numbers, numbers);
    std::swap(own_weights, weights);
    merge_runs(
        {{own_numbers.data(), own_weights.data(), static_cast<uint32_t>(own_numbers.size())}},
        numbers, weights);
}

bool KeptPostings::reaches(const Window &window) noexcept {
    while (at < numbers.size() && numbers[at] < window.begin) {
        at++;
    }
    return at < numbers.size() && numbers[at] < window.end;
}

void merge_runs(const std::vector<Run> &runs, std::vector<uint32_t> &numbers,
                std::vector<float> &weights) {
    std::vector<std::pair<uint32_t, float>> all;
    for (const Run &run : runs) {
        for (uint32_t i = 0; i < run.count; i++) {
            all.emplace_back(run.numbers[i], run.weights[i]);
        }
    }
    std::sort(all.begin(), all.end());
    numbers.clear();
    weights.clear();
    for (const auto &[number, weight] : all) {
        if (!numbers.empty() && numbers.back() == number) {
            weights.back() += weight;
        } else {
            numbers.push_back(number);
            weights.push_back(weight);
        }
    }
}

// ---- entries

PgsStatus PostingList::take_entries(const Page &page, uint32_t block, PgsError *error) {
    entries_.erase(entries_.begin(), entries_.begin() + (at_ > 0 ? at_ - 1 : 0));
    const uint32_t dropped = at_ > 0 ? at_ - 1 : 0;
    if (dropped > 0) {
        after_ = 0;  // of no interest: it is before the window
        first_ += dropped;
        at_ -= dropped;
    }
    const uint32_t used = used_bytes(page);
    const uint32_t here = offset_ < used ? (used - offset_) / sizeof(BlockEntry) : 0;
    const uint32_t n = std::min(here, entry_.blocks - next_);
    bool is_possible = n > 0;
    for (uint32_t i = 0; i < n && is_possible; i++) {
        BlockEntry entry;
        std::memcpy(&entry, page.payload + offset_ + i * sizeof entry, sizeof entry);
        is_possible = entry.last < numbers_ &&
                      (entries_.empty() || entry.last > entries_.back().last) &&
                      entry.page - stream_.first < stream_.pages && entry.offset % 4 == 0;
        entries_.push_back(entry);
    }
    if (!is_possible) {
        return fail(error, PGS_CORRUPT, block, "the entries of a term's blocks are impossible");
    }
    next_ += n;
    page_++;
    offset_ = 0;
    return PGS_OK;
}

void PostingList::advance(uint32_t number) noexcept {
    while (at_ < entries_.size() && entries_[at_].last < number) {
        at_++;
    }
}

uint32_t PostingList::next_number(uint32_t from) const noexcept {
    if (at_ == entries_.size()) {
        return next_ < entry_.blocks ? from : numbers_;
    }
    for (uint32_t i = 0; i < decoded_; i++) {
        if (blocks_[i].block == first_ + at_) {
            const Postings &postings = blocks_[i].postings;
            return *std::lower_bound(postings.number, postings.number + postings.count, from);
        }
    }
    return std::max(from, first_of(at_));
}

BlockBounds PostingList::bounds(const Window &window) const noexcept {
    BlockBounds bounds;
    for (uint32_t i = at_; i < entries_.size() && first_of(i) < window.end; i++) {
        bounds.any = true;
        bounds.most = std::max(bounds.most, entries_[i].most);
        bounds.least = std::max(bounds.least, entries_[i].least);
    }
    return bounds;
}

// ---- blocks

void PostingList::begin_window() noexcept {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < decoded_; i++) {
        if (blocks_[i].block == first_ + at_ && at_ < entries_.size()) {
            if (i > 0) {
                blocks_[0] = blocks_[i];
            }
            kept = 1;
            break;
        }
    }
    decoded_ = kept;
}

bool PostingList::has(uint32_t block) const noexcept {
    for (uint32_t i = 0; i < decoded_; i++) {
        if (blocks_[i].block == block) {
            return true;
        }
    }
    return false;
}

PgsStatus decode_at(Weights weights, const Page &page, uint32_t offset, uint32_t page_block,
                    Postings &postings, PgsError *error) noexcept {
    const uint32_t used = used_bytes(page);
    if (offset >= used || !decode_block(weights, page.payload + offset, used - offset, postings)) {
        return fail(error, PGS_CORRUPT, page_block, "there is no block of postings at byte %u",
                    offset);
    }
    return PGS_OK;
}

PgsStatus PostingList::decode(Weights weights, uint32_t block, const Page &page,
                              uint32_t page_block, PgsError *error) {
    if (decoded_ == blocks_.size()) {
        blocks_.emplace_back();
    }
    Decoded &decoded = blocks_[decoded_];
    const uint32_t i = block - first_;
    if (PgsStatus status =
            decode_at(weights, page, entries_[i].offset, page_block, decoded.postings, error)) {
        return status;
    }
    const Postings &postings = decoded.postings;
    if (postings.number[postings.count - 1] != entries_[i].last ||
        postings.number[0] < first_of(i)) {
        return fail(error, PGS_CORRUPT, page_block,
                    "a block of postings has other numbers than its entry says");
    }
    decoded.block = block;
    decoded_++;
    return PGS_OK;
}

void PostingList::add_runs(const Window &window, std::vector<Run> &runs) const {
    const size_t before = runs.size();
    bool are_in_order = true;
    for (uint32_t i = 0; i < decoded_; i++) {
        const Postings &postings = blocks_[i].postings;
        const Run run = within({postings.number, postings.weight, postings.count}, window);
        if (run.count > 0) {
            are_in_order =
                are_in_order && (runs.size() == before || runs.back().numbers[0] < run.numbers[0]);
            runs.push_back(run);
        }
    }
    if (!are_in_order) {
        std::sort(runs.begin() + static_cast<std::ptrdiff_t>(before), runs.end(),
                  [](const Run &a, const Run &b) { return a.numbers[0] < b.numbers[0]; });
    }
}

}  // namespace pgslab::inverted
