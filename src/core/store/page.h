// One page: formatting, checksum, and the checks every reader makes before it believes what a page
// says.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pgslab/status.h"
#include "store/format.h"

namespace pgslab {

// What the manifest says should be on a block.
struct PageIdentity {
    uint32_t block;
    PageKind kind;
    uint64_t owner;
    uint64_t generation;
    uint32_t sequence;
    uint32_t extra = 0;  // as SlabHeader has it
};
constexpr uint32_t extra_of(uint32_t record_bytes) noexcept {
    return record_bytes - static_cast<uint32_t>(sizeof(Record));
}
constexpr PageIdentity kNoPage = {PGS_NO_BLOCK, PageKind::kMeta, 0, 0, 0};

inline const Page &as_page(const void *bytes) noexcept {
    return *static_cast<const Page *>(bytes);
}
inline Page &as_page(void *bytes) noexcept {
    return *static_cast<Page *>(bytes);
}

// Bytes of each record of a record page that was checked.
inline uint32_t record_bytes(const Page &page) noexcept {
    return static_cast<uint32_t>(sizeof(Record)) + page.slab.extra;
}

// The i-th of them; what is behind it comes next.
inline const Record &record_at(const Page &page, uint32_t i) noexcept {
    return *reinterpret_cast<const Record *>(page.payload + size_t{i} * record_bytes(page));
}
inline Record &record_at(Page &page, uint32_t i) noexcept {
    return *reinterpret_cast<Record *>(page.payload + size_t{i} * record_bytes(page));
}

// Bytes of the payload in use.
inline uint32_t used_bytes(const Page &page) noexcept {
    return page.server.lower - kPayloadOffset;
}

// Zeroes the page and writes both headers, with nothing used and a valid checksum.
void format_page(Page &page, const PageIdentity &identity) noexcept;

// CRC32C over the header and the used payload, leaving out what may change in place: the checksum
// itself and record flags.
uint32_t page_checksum(const Page &page) noexcept;

// Writes n bytes at offset of the payload and keeps pd_lower and checksum true. Appending costs n
// bytes of checksum; overwriting what is already used costs the page. offset must not leave a gap:
// at most used_bytes(page). A checksum that was wrong is wrong afterwards.
void write_payload(Page &page, uint32_t offset, const void *bytes, uint32_t n) noexcept;

// Makes the checksum follow a change of the page, which page_checksum() was `before`: true if it
// was true, so that no change hides damage.
void change_checksum(Page &page, uint32_t before) noexcept;

// Whether the page's own bounds make sense, so that used_bytes() may be believed.
bool bounds_are_sane(const Page &page) noexcept;

// Whether every byte is zero, as on a block that was allocated and never written.
bool is_blank(const Page &page) noexcept;

// Whether the checksum is true, as far as the page has one: a blank page is for the check of its
// identity to refuse.
bool is_intact(const Page &page) noexcept;

// A mark on a page in memory that its checksum was found wrong, in a field of the server's header
// that index pages have no use for and the checksum leaves out. It says no more than that the
// checksum is to be verified: where that is right after all, the mark means nothing.
inline void mark(Page &page) noexcept {
    page.server.prune_xid = 1;
}
inline void unmark(Page &page) noexcept {
    page.server.prune_xid = 0;
}
inline bool is_marked(const Page &page) noexcept {
    return page.server.prune_xid != 0;
}

// Closes the tail record page of a part that is closed: who finds it so looks for the part that is
// open now.
void close_record_page(Page &page) noexcept;

// PGS_CORRUPT unless the page is what `expected` says and, if it is marked, has its checksum.
PgsStatus check_page(const Page &page, const PageIdentity &expected, PgsError *error) noexcept;

// The same of a page that nobody has verified.
PgsStatus verify_page(const Page &page, const PageIdentity &expected, PgsError *error) noexcept;

}  // namespace pgslab
