// A build from its encoded rows: pages, directory and lists as the format says, and no others.
#include "ivf/build.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "ivf/encoder.h"
#include "ivf/testing/codebooks.h"
#include "ivf/testing/tables.h"
#include "quantize/code.h"
#include "quantize/fastscan.h"

namespace pgslab {
namespace {

constexpr uint32_t kLists = 6;

PgsOptions options(int dims, int refine_bits = 4) {
    return {dims, PGS_L2, PGS_F16, "", "", refine_bits};
}

// An encoded row of the list, whichever list its vector is nearest to.
std::vector<uint64_t> row_of(Encoder &encoder, const Codebook &codebook, const Vector &vector,
                             uint32_t number) {
    std::vector<uint64_t> row(row_layout(columns_of(codebook.shape())).bytes / 8);
    uint32_t list = 0;
    EXPECT_TRUE(encoder.encode_row(vector.data(), nullptr, {number, 1},
                                   reinterpret_cast<uint8_t *>(row.data()), &list));
    return row;
}

// Builds from so many rows of each list.
class Built {
  public:
    Built(int dims, const std::vector<uint32_t> &rows, int refine_bits = 4)
        : options_(options(dims, refine_bits)),
          codebook_(
              random_codebook(random_, shape_of(options_), static_cast<uint32_t>(rows.size()))),
          build_(options_, codebook_) {
        uint32_t count = 0;
        for (uint32_t n : rows) {
            count += n;
        }
        Encoder encoder(codebook_);
        uint32_t blocks = 0;
        EXPECT_EQ(build_.begin(), PGS_OK);
        take_pages();
        EXPECT_EQ(build_.begin_rows(count, &blocks, nullptr), PGS_OK);
        take_pages();
        for (uint32_t list = 0; list < rows.size(); list++) {
            for (uint32_t i = 0; i < rows[list]; i++) {
                const Vector vector = scaled_normal(random_, codebook_.shape().dims, 1);
                rows_.push_back(row_of(encoder, codebook_, vector, next_));
                EXPECT_EQ(build_.add_row(bytes(next_++), list, nullptr), PGS_OK);
                take_pages();
            }
        }
        EXPECT_EQ(build_.end_rows(nullptr), PGS_OK);
        take_pages();
        build_.write_meta(meta_);
        for (size_t i = 1; i < late_.size(); i++) {
            EXPECT_EQ(late_[i], late_[i - 1] + 1) << "lists come in order";
        }
        EXPECT_EQ(blocks, meta().end_block) << "where everything is, is known from the beginning";
    }

    const Meta &meta() const { return meta_of(meta_); }
    const Page &meta_page() const { return meta_; }
    const std::map<uint32_t, Page> &pages() const { return pages_; }
    const Codebook &codebook() const { return codebook_; }
    const uint8_t *bytes(size_t row) const {
        return reinterpret_cast<const uint8_t *>(rows_[row].data());
    }
    size_t rows() const { return rows_.size(); }

    // The payloads of so many blocks, one after the other.
    std::vector<uint8_t> stripe(uint32_t block, uint32_t blocks) const {
        std::vector<uint8_t> stripe;
        for (uint32_t b = block; b < block + blocks; b++) {
            const Page &page = pages_.at(b);
            stripe.insert(stripe.end(), page.payload, page.payload + used_bytes(page));
        }
        return stripe;
    }

  private:
    void take_pages() {
        uint32_t block;
        while (const Page *page = build_.next_page(&block)) {
            EXPECT_TRUE(pages_.emplace(block, *page).second) << "block " << block << " twice";
            if (page->slab.kind == kListPage) {
                late_.push_back(block);
            }
        }
    }

    Random random_{1};
    PgsOptions options_;
    Codebook codebook_;
    Build build_;
    std::vector<std::vector<uint64_t>> rows_;
    uint32_t next_ = 0;
    std::map<uint32_t, Page> pages_;
    std::vector<uint32_t> late_;  // blocks of lists, as they came
    Page meta_;
};

const std::vector<std::vector<uint32_t>> kCases = {
    {0, 0, 0, 0, 0, 0},       {1, 0, 0, 0, 0, 0},     {0, 0, 0, 0, 0, 1},
    {32, 32, 32, 32, 32, 32}, {31, 33, 0, 64, 65, 1}, {0, 0, 500, 0, 0, 0},
    {1, 1, 1, 1, 1, 1},       {100, 7, 338, 0, 0, 0}, {0, 0, 0, 0, 2, 300}};

TEST(Build, EveryBlockIsHandedOutOnceAsWhatItIs) {
    for (int dims : {3, 100, 768}) {
        for (const auto &rows : kCases) {
            const Built built(dims, rows);
            const Meta &meta = built.meta();
            ASSERT_EQ(check_meta(built.meta_page(), nullptr), PGS_OK);
            ASSERT_EQ(built.pages().size(), meta.end_block - 1);
            std::map<uint32_t, PageIdentity> expected;
            auto expect = [&](const PageIdentity &identity) {
                expected[identity.block] = identity;
            };
            for (uint32_t i = 0; i < meta.dictionary.run.blocks; i++) {
                expect(dictionary_page(meta, i));
            }
            each_extent(meta, [&](const ExtentPlace &place) {
                EXPECT_EQ(place.extent.strides, 1u);
                for (uint32_t i = 0; i < place.blocks(); i++) {
                    expect(stride_page(place, 0, i));
                }
                return false;
            });
            for (uint32_t s = 0; s < meta.segments; s++) {
                for (uint32_t i = 0; i < meta.segment[s].first_blocks; i++) {
                    expect(directory_page(meta.segment[s], i));
                }
                for (uint32_t i = 0; i < list_blocks_of(meta.segment[s]); i++) {
                    expect(list_page(meta.segment[s], i));
                }
            }
            ASSERT_EQ(expected.size(), built.pages().size());
            for (const auto &[block, page] : built.pages()) {
                PgsError error = {};
                ASSERT_EQ(verify_page(page, expected.at(block), &error), PGS_OK)
                    << "block " << block << ": " << error.detail;
            }
        }
    }
}

TEST(Build, WithoutRowsHasNothingButItsCodebook) {
    const Built built(100, {0, 0, 0});
    EXPECT_EQ(built.meta().parts, 0u);
    EXPECT_EQ(built.meta().segments, 0u);
    EXPECT_EQ(built.meta().end_block, 1 + built.meta().dictionary.run.blocks);
    const auto stripe = built.stripe(1, built.meta().dictionary.run.blocks);
    EXPECT_EQ(stripe, built.codebook().stripe());
}

TEST(Build, TheDirectorySaysWhereEachListIs) {
    for (const auto &rows : kCases) {
        const Built built(100, rows);
        if (built.rows() == 0) {
            continue;
        }
        const Segment &segment = built.meta().segment[0];
        EXPECT_EQ(segment.rows, built.rows());
        const auto stripe = built.stripe(segment.run.block, segment.first_blocks);
        ASSERT_EQ(stripe.size(), rows.size() * sizeof(ListRun));
        const auto *runs = reinterpret_cast<const ListRun *>(stripe.data());
        uint32_t first = 0;
        for (size_t l = 0; l < rows.size(); l++) {
            EXPECT_EQ(runs[l].rows, rows[l]);
            EXPECT_EQ(runs[l].first_row, first);
            first += rows[l];
        }
        EXPECT_EQ(
            built.stripe(segment.run.block + segment.first_blocks, list_blocks_of(segment)).size(),
            uint64_t{(first + 31) / 32} * block_bytes(100));
    }
}

// Where lists share a block it is full; only behind the segment's last row is there room.
TEST(Build, TheSegmentHasItsRowsInOrderAndZerosAfterThem) {
    for (int dims : {3, 100, 768}) {
        for (const auto &rows : kCases) {
            const Built built(dims, rows);
            if (built.rows() == 0) {
                continue;
            }
            const Segment &segment = built.meta().segment[0];
            const uint32_t padded = padded_dims(static_cast<uint32_t>(dims));
            const auto stripe =
                built.stripe(segment.run.block + segment.first_blocks, list_blocks_of(segment));
            const RowLayout at = row_layout(columns_of(built.codebook().shape()));
            const uint8_t *block = stripe.data();
            std::vector<uint8_t> code(padded / 8);
            for (uint64_t slot = 0; slot < (built.rows() + 31) / 32 * 32; slot++) {
                const uint32_t lane = slot % 32;
                BlockTail tail;
                std::memcpy(&tail, block + 4 * padded, sizeof tail);
                unpack_row(block, lane, padded, code.data());
                ScanFactors factors = {};
                uint64_t address = 0;
                std::vector<uint8_t> expected(padded / 8);
                if (slot < built.rows()) {
                    const uint8_t *refine = built.bytes(slot) + at.item[kRefineColumn];
                    factors = tail_of(refine, 4, padded).scan;
                    sign_code(4, refine, padded, expected.data());
                    address = make_address(built.meta().part[0].handle, slot);
                }
                ASSERT_EQ(code, expected);
                ASSERT_EQ(tail.add[lane], factors.add);
                ASSERT_EQ(tail.rescale[lane], factors.rescale);
                ASSERT_EQ(tail.error[lane], factors.error);
                ASSERT_EQ(tail.address[lane], address);
                block += lane == 31 ? block_bytes(static_cast<uint32_t>(dims)) : 0;
            }
            EXPECT_EQ(block, stripe.data() + stripe.size());
        }
    }
}

TEST(Build, EachTableHasItsShareOfTheRowsInOrder) {
    for (int bits : {0, 4, 8}) {
        const Built built(768, {31, 33, 0, 64, 65, 1}, bits);
        const Columns &columns = built.meta().columns;
        const uint32_t slots = built.meta().extent[0].slots;
        const uint32_t item = item_bytes_of(built.meta());
        const uint32_t refine = refine_bytes_of(built.meta());
        const RowLayout at = row_layout(columns);
        const auto table = [&](uint32_t c) {
            return built.stripe(table_block(built.meta(), 0, c),
                                static_cast<uint32_t>(column_blocks(columns.column[c], slots)));
        };
        const auto records = table(kRecordColumn);
        const auto slab = table(kSlabColumn);
        ASSERT_EQ(records.size(), built.rows() * sizeof(Record));
        ASSERT_EQ(slab.size(), built.rows() * item);
        for (size_t i = 0; i < built.rows(); i++) {
            const uint8_t *row = built.bytes(i);
            EXPECT_EQ(std::memcmp(records.data() + i * sizeof(Record), row, sizeof(Record)), 0);
            EXPECT_EQ(std::memcmp(slab.data() + i * item, row + at.item[kSlabColumn], item), 0);
            const auto per_page = static_cast<uint32_t>(8128 / refine);
            const Page &page = built.pages().at(table_block(built.meta(), 0, kRefineColumn) +
                                                static_cast<uint32_t>(i) / per_page);
            EXPECT_EQ(std::memcmp(page.payload + i % per_page * refine,
                                  row + at.item[kRefineColumn], refine),
                      0);
        }
    }
}

class BuildRefuses : public testing::Test {
  protected:
    BuildRefuses()
        : codebook_(random_codebook(random_, shape_of(options(10)), kLists)),
          encoder_(codebook_),
          build_(options(10), codebook_),
          row_(row_of(encoder_, codebook_, Vector(10, 1.0f), 1)) {
        EXPECT_EQ(build_.begin(), PGS_OK);
    }

    PgsStatus begin(uint64_t rows) {
        uint32_t blocks = 0;
        return build_.begin_rows(rows, &blocks, &error_);
    }
    PgsStatus add(uint32_t list) {
        return build_.add_row(reinterpret_cast<const uint8_t *>(row_.data()), list, &error_);
    }

    Random random_{2};
    Codebook codebook_;
    Encoder encoder_;
    Build build_;
    std::vector<uint64_t> row_;
    PgsError error_ = {};
};

TEST_F(BuildRefuses, RowsThatAreNotInTheOrderOfTheirLists) {
    ASSERT_EQ(begin(5), PGS_OK);
    EXPECT_EQ(add(0), PGS_OK);
    EXPECT_EQ(add(3), PGS_OK);
    EXPECT_EQ(add(2), PGS_MISUSE);
    EXPECT_EQ(add(0), PGS_MISUSE);
    EXPECT_EQ(add(3), PGS_OK);
    EXPECT_STRNE(error_.detail, "");
}

TEST_F(BuildRefuses, RowsOfListsThatAreNot) {
    ASSERT_EQ(begin(5), PGS_OK);
    EXPECT_EQ(add(kLists), PGS_MISUSE);
    EXPECT_EQ(add(UINT32_MAX), PGS_MISUSE);
    EXPECT_EQ(add(kLists - 1), PGS_OK);
}

TEST_F(BuildRefuses, MoreRowsThanWereSaid) {
    ASSERT_EQ(begin(1), PGS_OK);
    EXPECT_EQ(add(0), PGS_OK);
    EXPECT_EQ(add(0), PGS_MISUSE);
    EXPECT_EQ(build_.end_rows(&error_), PGS_OK);
}

TEST_F(BuildRefuses, FewerRowsThanWereSaid) {
    ASSERT_EQ(begin(2), PGS_OK);
    EXPECT_EQ(add(0), PGS_OK);
    EXPECT_EQ(build_.end_rows(&error_), PGS_MISUSE);
}

TEST_F(BuildRefuses, MoreRowsThanARelationHolds) {
    EXPECT_EQ(begin(uint64_t{1} << 32), PGS_TOO_LARGE);
    EXPECT_EQ(begin(UINT64_MAX), PGS_TOO_LARGE);
    PgsOptions wide = options(16000);
    const Codebook codebook = random_codebook(random_, shape_of(wide), 1);
    Build build(wide, codebook);
    ASSERT_EQ(build.begin(), PGS_OK);
    uint32_t blocks = 0;
    EXPECT_EQ(build.begin_rows(1100000000, &blocks, &error_), PGS_TOO_LARGE);  // 4.4 pages each
    EXPECT_EQ(build.begin_rows(10, &blocks, &error_), PGS_OK);
}

}  // namespace
}  // namespace pgslab
