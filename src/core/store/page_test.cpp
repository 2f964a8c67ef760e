// One page: what is formatted, checksummed, written and checked.
#include "store/page.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "base/crc32c.h"
#include "pgslab/index.h"
#include "pgslab/maintain.h"

namespace pgslab {
namespace {

constexpr PageKind kItemPage{0x5653};
constexpr PageIdentity kIdentity = {17, kItemPage, 3, 5, 7};

Page formatted(PageKind kind = kItemPage, uint32_t extra = 0) {
    Page page;
    std::memset(&page, 0xAA, sizeof page);
    PageIdentity identity = kIdentity;
    identity.kind = kind;
    identity.extra = extra;
    format_page(page, identity);
    return page;
}

Page filled(uint32_t used, PageKind kind = kItemPage) {
    Page page = formatted(kind);
    std::mt19937 random(used);
    for (uint32_t i = 0; i < used; i++) {
        page.payload[i] = static_cast<uint8_t>(random());
    }
    page.server.lower = static_cast<uint16_t>(kPayloadOffset + used);
    page.slab.checksum = page_checksum(page);
    return page;
}

PgsStatus check(const Page &page, const PageIdentity &identity = kIdentity, bool checksum = true) {
    PgsError error = {};
    const PgsStatus status =
        checksum ? verify_page(page, identity, &error) : check_page(page, identity, &error);
    if (status != PGS_OK) {
        EXPECT_EQ(error.status, status);
        EXPECT_EQ(error.block, identity.block);
        EXPECT_NE(std::string(error.detail), "");
    }
    return status;
}

TEST(Page, AFormattedPageIsEmptyAndValid) {
    const Page page = formatted();
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(used_bytes(page), 0u);
    EXPECT_EQ(page.server.lower, kPayloadOffset);
    EXPECT_EQ(page.server.upper, kPageBytes);
    EXPECT_EQ(page.server.special, kPageBytes);
    EXPECT_EQ(page.server.size_version, 8192 | 4);
    for (uint8_t byte : page.payload) {
        ASSERT_EQ(byte, 0);
    }
}

TEST(Page, TheChecksumIsThatOfHeaderAndUsedPayload) {
    Page page = filled(1000);
    uint8_t covered[sizeof(SlabHeader) + 1000];
    SlabHeader header = page.slab;
    header.checksum = 0;
    std::memcpy(covered, &header, sizeof header);
    std::memcpy(covered + sizeof header, page.payload, 1000);
    EXPECT_EQ(page_checksum(page), crc32c(covered, sizeof covered));
    page.payload[1000] ^= 1;  // not in use
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Page, AppendingKeepsTheChecksumOfTheWholePage) {
    Page page = formatted();
    std::mt19937 random(1);
    uint8_t bytes[700];
    for (uint8_t &byte : bytes) {
        byte = static_cast<uint8_t>(random());
    }
    for (uint32_t n : {1u, 64u, 700u, 3u}) {
        const uint32_t before = used_bytes(page);
        write_payload(page, before, bytes, n);
        EXPECT_EQ(used_bytes(page), before + n);
        EXPECT_EQ(std::memcmp(page.payload + before, bytes, n), 0);
        EXPECT_EQ(check(page), PGS_OK);
    }
}

TEST(Page, OverwritingKeepsTheChecksumOfTheWholePage) {
    Page page = filled(1000);
    const uint8_t bytes[64] = {1, 2, 3};
    write_payload(page, 128, bytes, sizeof bytes);  // inside
    EXPECT_EQ(used_bytes(page), 1000u);
    EXPECT_EQ(check(page), PGS_OK);
    write_payload(page, 970, bytes, sizeof bytes);  // across the end of what is used
    EXPECT_EQ(used_bytes(page), 1034u);
    EXPECT_EQ(check(page), PGS_OK);
    EXPECT_EQ(std::memcmp(page.payload + 970, bytes, sizeof bytes), 0);
}

TEST(Page, NoChangeHidesDamage) {
    const uint8_t bytes[64] = {1, 2, 3};
    for (uint32_t offset : {1000u, 970u, 128u, 0u}) {  // appended, across the end, inside, and over
        Page page = filled(1000);
        page.payload[offset == 0 ? 5 : 500] ^= 1;
        write_payload(page, offset, bytes, sizeof bytes);
        EXPECT_EQ(check(page), PGS_CORRUPT) << offset;
    }
    Page page = filled(1000, PageKind::kRecord);
    page.payload[500] ^= 1;
    pgs_record_page_close(&page);
    EXPECT_FALSE(is_intact(page));
    page.payload[500] ^= 1;
    EXPECT_TRUE(is_intact(page));
}

TEST(Page, DamageThatWasSeenOnceIsFoundByEveryCheck) {
    Page page = filled(1000);
    EXPECT_TRUE(pgs_page_verify(&page));
    EXPECT_FALSE(pgs_page_damaged(&page));
    page.payload[500] ^= 1;
    EXPECT_EQ(check(page, kIdentity, false), PGS_OK);  // nobody has looked
    EXPECT_FALSE(pgs_page_damaged(&page));
    EXPECT_FALSE(pgs_page_verify(&page));
    EXPECT_EQ(check(page, kIdentity, false), PGS_CORRUPT);
    EXPECT_EQ(check(page, kIdentity, false), PGS_CORRUPT);
    EXPECT_TRUE(pgs_page_damaged(&page));
    page.payload[500] ^= 1;  // a mark says no more than that there is something to verify
    EXPECT_EQ(check(page, kIdentity, false), PGS_OK);
    EXPECT_FALSE(pgs_page_damaged(&page));
    page.payload[500] ^= 1;
    format_page(page, kIdentity);
    EXPECT_FALSE(is_marked(page));
}

TEST(Page, BoundsOutsideThePageAreDamage) {
    Page page = filled(200);
    page.server.lower = kPageBytes + 1;
    EXPECT_FALSE(pgs_page_verify(&page));
    EXPECT_TRUE(pgs_page_damaged(&page));
}

TEST(Page, ABlankPageHasNoChecksumAndNobodyCanUseIt) {
    Page page = {};
    EXPECT_TRUE(pgs_page_verify(&page));
    EXPECT_TRUE(is_blank(page));
    EXPECT_TRUE(pgs_page_damaged(&page));
}

TEST(Page, APageCanBeFilledToItsLastByte) {
    Page page = formatted();
    const std::vector<uint8_t> bytes(kPayloadBytes, 7);
    write_payload(page, 0, bytes.data(), kPayloadBytes);
    EXPECT_EQ(page.server.lower, kPageBytes);
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Page, EveryFlippedBitOfHeaderOrUsedPayloadIsSeen) {
    Page page = filled(200);
    auto *bytes = reinterpret_cast<uint8_t *>(&page);
    for (uint32_t bit = kServerHeaderBytes * 8; bit < (kPayloadOffset + 200) * 8; bit++) {
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
        EXPECT_NE(check(page), PGS_OK) << "bit " << bit;
        bytes[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    }
    EXPECT_EQ(check(page), PGS_OK);
}

TEST(Page, FlippedBoundsAreSeen) {
    const Page page = filled(200);
    for (size_t field : {offsetof(ServerHeader, lower), offsetof(ServerHeader, upper),
                         offsetof(ServerHeader, special)}) {
        for (int bit = 0; bit < 16; bit++) {
            Page bad = page;
            uint16_t value;
            std::memcpy(&value, reinterpret_cast<char *>(&bad) + field, sizeof value);
            value ^= static_cast<uint16_t>(1 << bit);
            std::memcpy(reinterpret_cast<char *>(&bad) + field, &value, sizeof value);
            EXPECT_EQ(check(bad), PGS_CORRUPT) << "field at " << field << ", bit " << bit;
        }
    }
}

TEST(Page, BoundsThatLeaveThePageAreSeenWithoutTheChecksum) {
    for (int lower : {0, 63, 8193, 65535}) {
        Page page = filled(200);
        page.server.lower = static_cast<uint16_t>(lower);
        EXPECT_EQ(check(page, kIdentity, false), PGS_CORRUPT) << lower;
    }
}

TEST(Page, AnotherVersionIsUnsupportedAndNotCorrupt) {
    Page page = filled(200);
    page.slab.version++;
    EXPECT_EQ(check(page), PGS_UNSUPPORTED);
}

TEST(Page, AnotherIdentityIsCorruptWithoutTheChecksum) {
    const Page page = filled(200);
    PageIdentity other = kIdentity;
    other.kind = PageKind::kRecord;
    EXPECT_EQ(check(page, other, false), PGS_CORRUPT);
    other = kIdentity;
    other.owner++;
    EXPECT_EQ(check(page, other, false), PGS_CORRUPT);
    other = kIdentity;
    other.generation++;
    EXPECT_EQ(check(page, other, false), PGS_CORRUPT);
    other = kIdentity;
    other.sequence++;
    EXPECT_EQ(check(page, other, false), PGS_CORRUPT);
}

TEST(Page, AZeroedPageIsCalledSo) {
    const Page page = {};
    PgsError error = {};
    EXPECT_TRUE(is_blank(page));
    EXPECT_EQ(check_page(page, kIdentity, &error), PGS_CORRUPT);
    EXPECT_STREQ(error.detail, "the page is all zeros");
}

TEST(Page, AnErrorNeedNotBeAskedFor) {
    EXPECT_EQ(verify_page(Page{}, kIdentity, nullptr), PGS_CORRUPT);
}

// A record, and as many bytes behind it as there is room for here.
struct LongRecord {
    Record record;
    uint8_t extra[40];
};

TEST(Page, FlagsOfARecordChangeWithoutTheChecksum) {
    for (uint32_t extra : {0u, 4u, 40u}) {
        Page page = formatted(PageKind::kRecord, extra);
        const uint32_t bytes = sizeof(Record) + extra;
        LongRecord item = {};
        for (uint16_t i = 1; i <= 100; i++) {
            item.record.heap_offset = i;
            item.record.own[2] = i;
            std::memset(item.extra, i, sizeof item.extra);
            write_payload(page, used_bytes(page), &item, bytes);
        }
        const PageIdentity identity = {17, PageKind::kRecord, 3, 5, 7, extra};
        ASSERT_EQ(check(page, identity), PGS_OK);
        record_at(page, 0).flags = kTombstone;
        record_at(page, 99).flags = kRecordFlags;
        EXPECT_EQ(check(page, identity), PGS_OK);
        // Appending goes on from a checksum that never saw the flags.
        write_payload(page, used_bytes(page), &item, bytes);
        EXPECT_EQ(check(page, identity), PGS_OK);
        Page changed = page;
        record_at(changed, 50).own[2]--;
        EXPECT_EQ(check(changed, identity), PGS_CORRUPT);
        changed = page;
        changed.payload[50 * bytes - 1] ^= 1;  // of record 49 the last byte
        EXPECT_EQ(check(changed, identity), PGS_CORRUPT);
    }
}

TEST(Page, RecordsOfAnotherLengthAreNotThoseExpected) {
    Page page = formatted(PageKind::kRecord, 8);
    EXPECT_EQ(check(page, {17, PageKind::kRecord, 3, 5, 7, 8}), PGS_OK);
    EXPECT_EQ(check(page, {17, PageKind::kRecord, 3, 5, 7}), PGS_CORRUPT);
    // However long a damaged page says they are, nothing past it is read.
    for (uint32_t extra : {~0u, ~0u - 23, 8103u, 8104u}) {
        page.slab.extra = extra;
        page.server.lower = kPageBytes;
        EXPECT_FALSE(is_intact(page));
    }
}

}  // namespace
}  // namespace pgslab
