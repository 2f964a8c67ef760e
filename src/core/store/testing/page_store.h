// Pages in memory, written in atomic groups as a write-ahead log would replay them, and a fault
// that stops between two groups.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "pgslab_core.h"
#include "store/page.h"

namespace pgslab {

// Thrown where a crash was asked for: what was written before stays.
struct Crash {};

// A failure the core reported.
struct CoreFailure : std::runtime_error {
    explicit CoreFailure(const PgsError &e)
        : std::runtime_error("block " + std::to_string(e.block) + ": " + e.detail), error(e) {}
    PgsError error;
};

inline void require(PgsStatus status, const PgsError &error) {
    if (status != PGS_OK) {
        throw CoreFailure(error);
    }
}

// Pages that change together. One record of PostgreSQL's generic log holds four.
constexpr size_t kMostPagesOfGroup = 4;

class PageGroup {
  public:
    // A copy of the block's page, to be changed; valid until the next call.
    Page &add(uint32_t block, const Page &page) {
        pages_.emplace_back(block, page);
        return pages_.back().second;
    }
    bool full() const { return pages_.size() >= kMostPagesOfGroup; }
    const std::vector<std::pair<uint32_t, Page>> &pages() const { return pages_; }

  private:
    std::vector<std::pair<uint32_t, Page>> pages_;
};

class PageStore {
  public:
    uint32_t blocks() const { return static_cast<uint32_t>(pages_.size()); }

    // Throws std::out_of_range where the file has no such block. A damaged page is marked, as in
    // the server's buffers.
    const Page &read(uint32_t block) const {
        Page &page = pages_.at(block);
        pgs_page_verify(&page);
        return page;
    }

    // For who has read it before: a backend verifies a page at its first sight only.
    const Page &read_again(uint32_t block) const { return pages_.at(block); }

    // Changes a page behind everybody's back.
    Page &damage(uint32_t block) { return pages_.at(block); }

    // One atomic, logged change.
    void write(const PageGroup &group) {
        if (group.pages().size() > kMostPagesOfGroup) {
            throw std::logic_error("more pages than one log record holds");
        }
        if (writes_ == crash_at_) {
            crash_at_ = kNever;
            throw Crash{};
        }
        writes_++;
        for (const auto &[block, page] : group.pages()) {
            put(block, page);
        }
    }

    void write(uint32_t block, const void *page) {
        PageGroup group;
        group.add(block, as_page(page));
        write(group);
    }

    // Cuts the file, which may be shorter already.
    void truncate(uint32_t blocks) {
        if (blocks < pages_.size()) {
            pages_.resize(blocks);
        }
    }

    // Groups written so far.
    uint64_t writes() const { return writes_; }

    // The n-th write from now, counted from 0, does not happen.
    void crash_before(uint64_t n) { crash_at_ = writes_ + n; }
    void do_not_crash() { crash_at_ = kNever; }

    bool operator==(const PageStore &other) const {
        return pages_.size() == other.pages_.size() &&
               std::memcmp(pages_.data(), other.pages_.data(), pages_.size() * sizeof(Page)) == 0;
    }

  private:
    static constexpr uint64_t kNever = UINT64_MAX;

    // A file grows with zeros.
    void put(uint32_t block, const Page &page) {
        if (block >= pages_.size()) {
            pages_.resize(block + 1, Page{});
        }
        pages_[block] = page;
    }

    mutable std::vector<Page> pages_;
    uint64_t writes_ = 0;
    uint64_t crash_at_ = kNever;
};

}  // namespace pgslab
