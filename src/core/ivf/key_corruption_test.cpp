// Keys and postings that contradict themselves, one another or the records, with valid checksums.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>

#include "ivf/testing/damage.h"
#include "ivf/testing/segments.h"
#include "ivf/testing/table.h"

namespace pgslab {
namespace {

constexpr uint32_t kDims = 8;

// With a segment of two pages of postings or more in each column.
const MemoryIndex &sound() {
    static const Table table = [] {
        Random random(3);
        PgsOptions options = {kDims, PGS_L2, PGS_F16, "", "", 4};
        options.keys = {3, {{4, 1}, {8, 1}, {8, 1, true}}};
        Table made(random, options, 4000,
                   [&] { return hard_vector(random, kDims, Kind::kOrdinary); });
        resegment(made.index(), random, 1, [](uint32_t, uint64_t slots) { return slots; });
        return made;
    }();
    return table.index();
}

const Segment &segment() {
    return meta_of(sound().meta()).segment[0];
}

SegmentLayout layout() {
    return SegmentLayout(segment_shape(vectors_of(meta_of(sound().meta()))));
}

void expect_found(uint32_t number, const std::string &what,
                  const std::function<void(uint8_t *)> &forge) {
    PageStore store = sound().store();
    const uint32_t block = page_of_segment(segment(), number).block;
    forge(store.damage(block).payload);
    repair_checksum(store.damage(block));
    const Finding found = verify_finding(store);
    EXPECT_EQ(found.status, PGS_CORRUPT) << what;
    EXPECT_FALSE(found.detail.empty()) << what;
}

TEST(KeyCorruption, TheIndexIsSoundToBeginWith) {
    EXPECT_EQ(verify_finding(sound().store()).status, PGS_OK);
    ASSERT_EQ(meta_of(sound().meta()).segments, 1u);
    for (uint32_t c : {0u, 1u, 2u}) {
        EXPECT_GE(layout().postings(0, segment().rows, c).pages, 2u);
    }
}

// In the first record, and everywhere else as it is there.
TEST(KeyCorruption, AnAddressThatIsAnotherRowsIsFound) {
    PageStore store = sound().store();
    const uint32_t block = meta_of(sound().meta()).extent[0].block;
    ASSERT_EQ(store.damage(block).slab.kind, PageKind::kRecord);
    store.damage(block).payload[sizeof(Record) + 12] ^= 1;
    repair_checksum(store.damage(block));
    EXPECT_NE(verify_finding(store).detail.find("address of another row"), std::string::npos);
}

TEST(KeyCorruption, AKeyThatTheRecordHasNotIsFound) {
    expect_found(layout().key_page(0, segment().rows), "a key",
                 [](uint8_t *keys) { keys[1] ^= 1; });
}

TEST(KeyCorruption, AFenceThatIsNotItsPagesFirstKeyIsFound) {
    for (uint32_t c : {0u, 1u, 2u}) {
        expect_found(layout().postings(0, segment().rows, c).fences, "a fence",
                     [&](uint8_t *fences) { fences[c == 0 ? 4 : 8] ^= 1; });
    }
}

TEST(KeyCorruption, PostingsThatAreNotThoseOfTheKeysAreFound) {
    for (uint32_t c : {0u, 1u, 2u}) {
        const PgsKeyColumn column = layout().columns().column[c];
        const uint32_t bytes = bytes_of_posting(column);
        const PostingsPlace place = layout().postings(0, segment().rows, c);
        for (uint32_t page : {place.postings, place.postings + place.pages - 1}) {
            expect_found(page, "the same posting twice",
                         [&](uint8_t *at) { std::memcpy(at + 5 * bytes, at + 4 * bytes, bytes); });
            expect_found(page, "another row", [&](uint8_t *at) { at[bytes - 4] ^= 2; });
            expect_found(page, "a row that does not exist",
                         [&](uint8_t *at) { at[bytes - 1] = 0xFF; });
            expect_found(page, "two in the wrong order", [&](uint8_t *at) {
                std::swap_ranges(at + 4 * bytes, at + 5 * bytes, at + 5 * bytes);
            });
        }
    }
}

}  // namespace
}  // namespace pgslab
