#include "store/page.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/crc32c.h"
#include "base/error.h"

namespace pgslab {

namespace {

uint32_t header_checksum(const SlabHeader &header) noexcept {
    SlabHeader copy = header;
    copy.checksum = 0;
    return crc32c(&copy, sizeof copy);
}

// Record flags change in place under a page lock, without a new checksum; so the checksum sees them
// as zero.
uint32_t record_checksum(const Page &page, uint32_t seed) noexcept {
    alignas(Record) uint8_t payload[kPayloadBytes];
    const uint32_t used = used_bytes(page);
    std::memcpy(payload, page.payload, used);
    const uint64_t bytes = sizeof(Record) + uint64_t{page.slab.extra};
    for (uint64_t at = 0; at + sizeof(Record) <= used; at += bytes) {
        std::memset(payload + at + offsetof(Record, flags), 0, sizeof(Record::flags));
    }
    return crc32c(payload, used, seed);
}

}  // namespace

void format_page(Page &page, const PageIdentity &identity) noexcept {
    std::memset(&page, 0, sizeof page);
    page.server.lower = kPayloadOffset;
    page.server.upper = kPageBytes;
    page.server.special = kPageBytes;
    page.server.size_version = kServerSizeVersion;
    page.slab.kind = identity.kind;
    page.slab.version = kFormatVersion;
    page.slab.owner = identity.owner;
    page.slab.generation = identity.generation;
    page.slab.sequence = identity.sequence;
    page.slab.extra = identity.extra;
    page.slab.checksum = header_checksum(page.slab);
}

uint32_t page_checksum(const Page &page) noexcept {
    const uint32_t seed = header_checksum(page.slab);
    if (page.slab.kind == PageKind::kRecord) {
        return record_checksum(page, seed);
    }
    return crc32c(page.payload, used_bytes(page), seed);
}

void write_payload(Page &page, uint32_t offset, const void *bytes, uint32_t n) noexcept {
    const uint32_t used = used_bytes(page);
    const bool appending = offset == used;
    const uint32_t before = appending ? 0 : page_checksum(page);
    std::memcpy(page.payload + offset, bytes, n);
    page.server.lower = static_cast<uint16_t>(kPayloadOffset + std::max(used, offset + n));
    if (appending) {
        page.slab.checksum = crc32c(bytes, n, page.slab.checksum);
    } else {
        change_checksum(page, before);
    }
}

void change_checksum(Page &page, uint32_t before) noexcept {
    page.slab.checksum ^= before ^ page_checksum(page);
}

bool bounds_are_sane(const Page &page) noexcept {
    return page.server.lower >= kPayloadOffset && page.server.lower <= kPageBytes &&
           page.server.upper == kPageBytes && page.server.special == kPageBytes;
}

bool is_blank(const Page &page) noexcept {
    const auto *bytes = reinterpret_cast<const uint8_t *>(&page);
    return std::all_of(bytes, bytes + sizeof page, [](uint8_t byte) { return byte == 0; });
}

bool is_intact(const Page &page) noexcept {
    return is_blank(page) || (bounds_are_sane(page) && page.slab.checksum == page_checksum(page));
}

namespace {

PgsStatus check_identity(const Page &page, const PageIdentity &expected, PgsError *error) noexcept {
    const SlabHeader &header = page.slab;
    if (header.kind != expected.kind) {
        if (is_blank(page)) {
            return fail(error, PGS_CORRUPT, expected.block, "the page is all zeros");
        }
        return fail(error, PGS_CORRUPT, expected.block, "the page's kind is %#06x instead of %#06x",
                    static_cast<unsigned>(header.kind), static_cast<unsigned>(expected.kind));
    }
    if (header.version != kFormatVersion) {
        return fail(error, PGS_UNSUPPORTED, expected.block,
                    "the page's format version is %u instead of %u", header.version,
                    kFormatVersion);
    }
    if (header.owner != expected.owner || header.generation != expected.generation) {
        return fail(error, PGS_CORRUPT, expected.block,
                    "the page belongs to %llu of generation %llu instead of %llu of "
                    "generation %llu",
                    static_cast<unsigned long long>(header.owner),
                    static_cast<unsigned long long>(header.generation),
                    static_cast<unsigned long long>(expected.owner),
                    static_cast<unsigned long long>(expected.generation));
    }
    if (header.sequence != expected.sequence) {
        return fail(error, PGS_CORRUPT, expected.block,
                    "the page is number %u of its owner instead of number %u", header.sequence,
                    expected.sequence);
    }
    if (header.extra != expected.extra) {
        return fail(error, PGS_CORRUPT, expected.block,
                    "the page's records have %u bytes more instead of %u", header.extra,
                    expected.extra);
    }
    if (!bounds_are_sane(page)) {
        return fail(error, PGS_CORRUPT, expected.block, "the page's bounds are %u and %u",
                    page.server.lower, page.server.upper);
    }
    return PGS_OK;
}

}  // namespace

PgsStatus check_page(const Page &page, const PageIdentity &expected, PgsError *error) noexcept {
    return is_marked(page) ? verify_page(page, expected, error)
                           : check_identity(page, expected, error);
}

PgsStatus verify_page(const Page &page, const PageIdentity &expected, PgsError *error) noexcept {
    if (PgsStatus status = check_identity(page, expected, error)) {
        return status;
    }
    if (page.slab.checksum != page_checksum(page)) {
        return fail(error, PGS_CORRUPT, expected.block,
                    "the page's checksum is %08x instead of %08x", page.slab.checksum,
                    page_checksum(page));
    }
    return PGS_OK;
}

void close_record_page(Page &page) noexcept {
    const uint32_t before = page_checksum(page);
    page.slab.closed = 1;
    change_checksum(page, before);
}

}  // namespace pgslab
