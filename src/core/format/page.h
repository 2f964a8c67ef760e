// One page: formatting, checksum, and the checks every reader makes before it believes what a page
// says.
#pragma once

#include <cstdint>

#include "format/format.h"
#include "pgslab_core.h"

namespace pgslab {

// What the manifest says should be on a block.
struct PageIdentity {
    uint32_t block;
    PageKind kind;
    uint32_t part;
    uint64_t generation;
    uint32_t sequence;
};

inline const Page &as_page(const void *bytes) noexcept {
    return *static_cast<const Page *>(bytes);
}
inline Page &as_page(void *bytes) noexcept {
    return *static_cast<Page *>(bytes);
}

// Bytes of the payload in use.
inline uint32_t used_bytes(const Page &page) noexcept {
    return page.server.lower - kPayloadOffset;
}

// Zeroes the page and writes both headers, with nothing used and a valid checksum.
void format_page(Page &page, PageKind kind, uint32_t part, uint64_t generation,
                 uint32_t sequence) noexcept;

// CRC32C over the header and the used payload, leaving out what may change in place: the checksum
// itself and record flags.
uint32_t page_checksum(const Page &page) noexcept;

// Writes n bytes at offset of the payload and keeps pd_lower and checksum true. Appending costs n
// bytes of checksum; overwriting what is already used costs the page. offset must not leave a gap:
// at most used_bytes(page).
void write_payload(Page &page, uint32_t offset, const void *bytes, uint32_t n) noexcept;

// Whether the page's own bounds make sense, so that used_bytes() may be believed.
bool bounds_are_sane(const Page &page) noexcept;

// Whether every byte is zero, as on a block that was allocated and never written.
bool is_blank(const Page &page) noexcept;

// PGS_CORRUPT unless the page is what `expected` says; its checksum is verified too when asked.
PgsStatus check_page(const Page &page, const PageIdentity &expected, bool verify_checksum,
                     PgsError *error) noexcept;

}  // namespace pgslab
