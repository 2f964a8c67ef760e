// What a segment's header says, where that leads, and what is refused of headers.
#include "inverted/segment_layout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <set>
#include <vector>

namespace pgslab::inverted {
namespace {

using Random = std::mt19937_64;
constexpr Weights kAllWeights[] = {Weights::kOccurrences, Weights::kProducts, Weights::kCosines};

constexpr uint32_t document_bytes(Weights weights) {
    return weights == Weights::kOccurrences ? 2 : weights == Weights::kCosines ? 8 : 0;
}

// A segment of 10 000 numbers, without its pages but the first.
class SegmentHeaders : public testing::TestWithParam<Weights> {
  protected:
    SegmentHeaders() {
        index_.weights = GetParam();
        header_.documents = 9000;
        header_.postings = 50000;
        header_.blocks = 1200;
        header_.terms = 700;
        header_.length = 90000;
        header_.average = 10;
        header_.numbers = 10000;
        header_.ranges = 3;
        header_.document_bytes = document_bytes(GetParam());
        const auto pages = static_cast<uint32_t>(
            divide_up(uint64_t{header_.numbers} * header_.document_bytes, kPayloadBytes));
        header_.stream = {1, 20};
        header_.dictionary = {21, 4};
        header_.documents_table = {25, pages};
        header_.groups = {25 + pages, 0};
        segment_.run.blocks = 25 + pages;
        segment_.rows = header_.documents;
        ranges_ = {{make_address(2, 500), 2000, 0},
                   {make_address(0, 0), 5000, 0},
                   {make_address(2, 2500), 3000, 0}};
    }

    // The page as a writer leaves it.
    Page page() const {
        Page page;
        format_page(page, page_of_segment(segment_, 0));
        write_payload(page, 0, &header_, sizeof header_);
        write_payload(page, sizeof header_, ranges_.data(),
                      static_cast<uint32_t>(ranges_.size() * sizeof(Range)));
        return page;
    }

    PgsStatus read() {
        shape_ = {};
        PgsError error = {};
        const PgsStatus status = read_header(page(), segment_, index_, shape_, &error);
        EXPECT_EQ(error.block, status == PGS_OK ? 0 : segment_.run.block);
        return status;
    }

    // Whether the header is refused with the change; without it it is taken, before and after.
    template <typename T>
    testing::AssertionResult is_refused_with(T &field, T value) {
        const T before = field;
        if (read() != PGS_OK) {
            return testing::AssertionFailure() << "it is refused as it is";
        }
        field = value;
        const PgsStatus status = read();
        field = before;
        return status == PGS_CORRUPT ? testing::AssertionSuccess()
                                     : testing::AssertionFailure() << "it is taken";
    }

    Inverted index_ = {};
    Segment segment_ = {7, 12, 0, {100, 0}, kHeaderPages, 0};
    SegmentHeader header_ = {};
    std::vector<Range> ranges_;
    SegmentShape shape_;
};
INSTANTIATE_TEST_SUITE_P(AllWeights, SegmentHeaders, testing::ValuesIn(kAllWeights));

TEST_P(SegmentHeaders, SayWhatWasWritten) {
    ASSERT_EQ(read(), PGS_OK);
    EXPECT_EQ(std::memcmp(&shape_.header, &header_, sizeof header_), 0);
    ASSERT_EQ(shape_.ranges.size(), 3u);
    EXPECT_EQ(shape_.first_number, (std::vector<uint32_t>{0, 2000, 7000}));
}

TEST_P(SegmentHeaders, NameEachSlotByItsNumber) {
    ASSERT_EQ(read(), PGS_OK);
    std::set<uint64_t> seen;
    for (uint32_t number = 0; number < header_.numbers; number++) {
        const uint64_t address = shape_.address_of(number);
        ASSERT_TRUE(seen.insert(address).second);
        ASSERT_EQ(shape_.number_of(address), number);
    }
    EXPECT_EQ(shape_.address_of(0), make_address(2, 500));
    EXPECT_EQ(shape_.address_of(1999), make_address(2, 2499));
    EXPECT_EQ(shape_.address_of(2000), make_address(0, 0));
    EXPECT_EQ(shape_.address_of(9999), make_address(2, 5499));
    for (const uint64_t nobodys : {make_address(2, 499), make_address(2, 5500),
                                   make_address(0, 5000), make_address(1, 500)}) {
        EXPECT_EQ(shape_.number_of(nobodys), kNoNumber);
    }
}

TEST_P(SegmentHeaders, MayBeOfNothing) {
    ranges_.clear();
    header_ = {};
    header_.document_bytes = document_bytes(GetParam());
    header_.stream = header_.dictionary = header_.documents_table = header_.groups = {1, 0};
    segment_.run.blocks = 1;
    segment_.rows = 0;
    EXPECT_EQ(read(), PGS_OK);
    EXPECT_EQ(shape_.number_of(0), kNoNumber);
}

TEST_P(SegmentHeaders, AreRefusedOfAnotherSegment) {
    const Page other = page();
    segment_.id++;
    PgsError error = {};
    EXPECT_EQ(read_header(other, segment_, index_, shape_, &error), PGS_CORRUPT);
}

TEST_P(SegmentHeaders, AreRefusedWhereThePageEndsElsewhere) {
    for (uint32_t n = 0; n < sizeof header_ + 3 * sizeof(Range) + 16; n++) {
        Page cut = page();
        cut.server.lower = static_cast<uint16_t>(kPayloadOffset + n);
        PgsError error = {};
        ASSERT_EQ(read_header(cut, segment_, index_, shape_, &error),
                  n == sizeof header_ + 3 * sizeof(Range) ? PGS_OK : PGS_CORRUPT)
            << n;
    }
}

TEST_P(SegmentHeaders, AreRefusedWhereTablesDoNotFollowOneAnother) {
    for (TablePages *table :
         {&header_.stream, &header_.dictionary, &header_.documents_table, &header_.groups}) {
        EXPECT_TRUE(is_refused_with(table->first, 0u));
        EXPECT_TRUE(is_refused_with(table->first, table->first - 1));
        EXPECT_TRUE(is_refused_with(table->first, table->first + 1));
        EXPECT_TRUE(is_refused_with(table->first, UINT32_MAX));
        EXPECT_TRUE(is_refused_with(table->pages, table->pages + 1));
        EXPECT_TRUE(is_refused_with(table->pages, UINT32_MAX));
    }
    EXPECT_TRUE(is_refused_with(segment_.run.blocks, segment_.run.blocks - 1));
}

// Tables before and behind it still follow one another.
TEST_P(SegmentHeaders, AreRefusedWithoutATableOfPostingsOrTerms) {
    for (TablePages *missing : {&header_.stream, &header_.dictionary}) {
        const SegmentHeader header = header_;
        const Segment segment = segment_;
        const uint32_t pages = missing->pages;
        const uint32_t first = missing->first;
        missing->pages = 0;
        for (TablePages *table : {&header_.dictionary, &header_.documents_table, &header_.groups}) {
            table->first -= table->first > first ? pages : 0;
        }
        segment_.run.blocks -= pages;
        EXPECT_EQ(read(), PGS_CORRUPT);
        header_ = header;
        segment_ = segment;
        EXPECT_EQ(read(), PGS_OK);
    }
}

TEST_P(SegmentHeaders, AreRefusedWhereCountsAreImpossible) {
    EXPECT_TRUE(is_refused_with(header_.documents, uint64_t{10001}));
    EXPECT_TRUE(is_refused_with(header_.documents, uint64_t{8999}));
    EXPECT_TRUE(is_refused_with(header_.numbers, 10001u));
    EXPECT_TRUE(is_refused_with(header_.numbers, 9999u));
    EXPECT_TRUE(is_refused_with(header_.terms, 0u));
    EXPECT_TRUE(is_refused_with(header_.terms, 1201u));
    EXPECT_TRUE(is_refused_with(header_.postings, uint64_t{0}));
    EXPECT_TRUE(is_refused_with(header_.postings, uint64_t{1199}));
    EXPECT_TRUE(is_refused_with(header_.postings, 1200 * uint64_t{kBlockPostings} + 1));
    EXPECT_TRUE(is_refused_with(header_.blocks, uint64_t{699}));
    EXPECT_TRUE(is_refused_with(header_.ranges, 2u));
    EXPECT_TRUE(is_refused_with(header_.ranges, 4u));
    EXPECT_TRUE(is_refused_with(header_.ranges, UINT32_MAX));
    for (const double impossible : {-1.0, std::numeric_limits<double>::infinity(),
                                    std::numeric_limits<double>::quiet_NaN()}) {
        EXPECT_TRUE(is_refused_with(header_.length, impossible));
        EXPECT_TRUE(is_refused_with(header_.average, impossible));
    }
}

TEST_P(SegmentHeaders, AreRefusedWhereItemsOfDocumentsDoNotFitTheWeights) {
    for (const uint32_t bytes : {0u, 1u, 2u, 3u, 4u, 5u, 8u, 16u, UINT32_MAX}) {
        if (bytes != header_.document_bytes) {
            EXPECT_TRUE(is_refused_with(header_.document_bytes, bytes)) << bytes;
        }
    }
}

TEST_P(SegmentHeaders, AreRefusedWhereRangesAreImpossible) {
    for (Range &range : ranges_) {
        EXPECT_TRUE(is_refused_with(range.count, 0u));
        EXPECT_TRUE(is_refused_with(range.count, range.count + 1));
        EXPECT_TRUE(is_refused_with(range.count, UINT32_MAX));
        EXPECT_TRUE(is_refused_with(range.address, make_address(1, kMostSlotsOfPart - 1000)));
    }
}

// The directory of key postings has an item for each group and column.
TEST_P(SegmentHeaders, AreRefusedWhereKeysOfColumnsHaveNoDirectory) {
    PgsKeyColumns keys = {};
    keys.count = 2;
    keys.column[0] = keys.column[1] = {4, 1};
    index_.keys = key_formats(keys);
    EXPECT_EQ(read(), PGS_CORRUPT);
    header_.groups = {header_.groups.first + 5, 1};
    segment_.run.blocks += 6;
    EXPECT_EQ(read(), PGS_OK);
    index_.keys = {};
    EXPECT_EQ(read(), PGS_CORRUPT);
}

// A slot that had two numbers would be returned twice.
TEST_P(SegmentHeaders, AreRefusedWhereRangesOverlap) {
    EXPECT_TRUE(is_refused_with(ranges_[2].address, make_address(2, 2499)));
    EXPECT_TRUE(is_refused_with(ranges_[1].address, make_address(2, 499)));
    EXPECT_TRUE(is_refused_with(ranges_[1].address, ranges_[0].address));
}

TEST(DocumentPlaces, CrossNoPageAndFollowOneAnother) {
    for (const uint32_t bytes : {1u, 2u, 4u, 8u}) {
        SegmentHeader header = {};
        header.document_bytes = bytes;
        header.documents_table = {30, UINT32_MAX};
        DocumentPlace expected = {30, 0};
        for (uint32_t number = 0; number < 20000; number++) {
            const DocumentPlace place = document_place(header, number);
            ASSERT_EQ(place.page, expected.page);
            ASSERT_EQ(place.offset, expected.offset);
            expected.offset += bytes;
            if (expected.offset + bytes > kPayloadBytes) {
                expected = {expected.page + 1, 0};
            }
        }
        const DocumentPlace last = document_place(header, UINT32_MAX);
        EXPECT_EQ((uint64_t{last.page} - 30) * kPayloadBytes + last.offset,
                  uint64_t{UINT32_MAX} * bytes);
    }
}

TEST(DocumentPlaces, HaveLengthsOrSquares) {
    const uint32_t length = 0xFEDCBA98;
    uint8_t item[8];
    std::memcpy(item, &length, sizeof length);
    EXPECT_EQ(load_document(item, 0).length, 0u);
    EXPECT_EQ(load_document(item, 1).length, 0x98u);
    EXPECT_EQ(load_document(item, 2).length, 0xBA98u);
    EXPECT_EQ(load_document(item, 4).length, length);
    EXPECT_EQ(load_document(item, 4).square, 0);
    const double square = 1.25e-30;
    std::memcpy(item, &square, sizeof square);
    EXPECT_EQ(load_document(item, 8).square, square);
    EXPECT_EQ(load_document(item, 8).length, 0u);
}

}  // namespace
}  // namespace pgslab::inverted
