// The list of every row is found, on few pages; and a directory that has not all rows is reported.
#include "search/directories.h"

#include <gtest/gtest.h>

#include <vector>

#include "search/testing/parts.h"
#include "store/testing/patches.h"

namespace pgslab {
namespace {

constexpr int kDims = 8;
constexpr uint32_t kLists = 3 * kRunsPerPage + 100;

class DirectoriesTest : public testing::Test {
  protected:
    // Most lists have no row in a segment.
    DirectoriesTest()
        : random_(13),
          table_(listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 8000, kLists, 2)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)) {}

    // The list that has a row, and how many pages were read for it.
    static PgsStatus find(SearchedIndex &searched, Directories &directories, uint32_t segment,
                          uint64_t row, uint32_t *list, size_t *pages) {
        PgsError error = {};
        for (*pages = 0;; ++*pages) {
            if (PgsStatus status = directories.find(segment, row, list, &error)) {
                EXPECT_EQ(error.status, PGS_CORRUPT);
                return status;
            }
            if (*list != Directories::kNoList) {
                return PGS_OK;
            }
            require(directories.page(searched.read(directories.wanted()), &error), error);
        }
    }

    Random random_;
    Table table_;
    Vector query_;
};

TEST_F(DirectoriesTest, TheListOfEveryRowIsFoundOnAPageOrTwo) {
    SearchedIndex searched(table_.index(), query_, kExact);
    const Meta &meta = searched.context.meta();
    ASSERT_EQ(meta.segments, 2u);
    ASSERT_EQ(meta.segment[0].first_blocks, 4u);
    Directories directories(searched.context);
    size_t rows = 0;
    size_t read = 0;
    for (uint32_t s = 0; s < meta.segments; s++) {
        SegmentReader reader(meta.segment[s], segment_shape(vectors_of(meta)));
        for (uint64_t row = 0; !reader.at_end(); row++, rows++, reader.next()) {
            searched.read_all(reader);
            directories.begin();
            uint32_t list = 0;
            size_t pages = 0;
            ASSERT_EQ(find(searched, directories, s, row, &list, &pages), PGS_OK);
            ASSERT_EQ(list, reader.row().list);
            ASSERT_GE(pages, 1u);
            read += pages;
            // What was read is known from now on.
            ASSERT_EQ(find(searched, directories, s, row, &list, &pages), PGS_OK);
            ASSERT_EQ(pages, 0u);
        }
    }
    EXPECT_LT(read, rows * 3 / 2);
}

// Runs that end a row too soon, or begin a row too late, at a page's edge as within one.
TEST_F(DirectoriesTest, ARowThatNoListHasIsReported) {
    const Segment segment = meta_of(table_.index().meta()).segment[0];
    for (uint32_t number = 0; number < segment.first_blocks; number++) {
        for (const bool from_end : {false, true}) {
            MemoryIndex index = table_.index();
            Page &page = index.store().damage(page_of_segment(segment, number).block);
            auto *const runs = reinterpret_cast<ListRun *>(page.payload);
            const uint32_t lists = used_bytes(page) / sizeof(ListRun);
            uint32_t i = from_end ? lists - 1 : 0;
            while (runs[i].rows == 0) {
                i = from_end ? i - 1 : i + 1;
            }
            const uint32_t lost =
                from_end ? runs[i].first_row + runs[i].rows - 1 : runs[i].first_row++;
            runs[i].rows--;
            repair_checksum(page);
            SearchedIndex searched(index, query_, kExact);
            Directories directories(searched.context);
            directories.begin();
            uint32_t list = 0;
            size_t pages = 0;
            EXPECT_EQ(find(searched, directories, 0, lost, &list, &pages), PGS_CORRUPT) << number;
        }
    }
}

// Whatever a directory says, the search for a row's list ends, inside of the segment.
TEST_F(DirectoriesTest, AnyDirectoryIsReadToAnEnd) {
    const Segment segment = meta_of(table_.index().meta()).segment[0];
    MemoryIndex index = table_.index();
    for (uint32_t number = 0; number < segment.first_blocks; number++) {
        Page &page = index.store().damage(page_of_segment(segment, number).block);
        auto *const runs = reinterpret_cast<ListRun *>(page.payload);
        for (uint32_t i = 0; i < used_bytes(page) / sizeof(ListRun); i++) {
            runs[i].first_row = random_() % 3 == 0 ? static_cast<uint32_t>(random_())
                                                   : random_() % (2 * segment.rows);
            runs[i].rows = random_() % 3 == 0 ? static_cast<uint32_t>(random_()) : random_() % 10;
        }
        repair_checksum(page);
    }
    SearchedIndex searched(index, query_, kExact);
    Directories directories(searched.context);
    size_t reported = 0;
    for (uint64_t row = 0; row < segment.rows; row++) {
        directories.begin();
        uint32_t list = 0;
        size_t pages = 0;
        if (find(searched, directories, 0, row, &list, &pages) != PGS_OK) {
            reported++;
        } else {
            const ListRun &run = *directories.run_of(0, list);
            ASSERT_LE(run.first_row, row);
            ASSERT_LT(row, uint64_t{run.first_row} + run.rows);
            ASSERT_LE(uint64_t{run.first_row} + run.rows, segment.rows);
        }
        ASSERT_LE(pages, segment.first_blocks);
    }
    EXPECT_GT(reported, segment.rows / 2);
}

}  // namespace
}  // namespace pgslab
