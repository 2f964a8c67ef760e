// A search takes the page that it has asked for, and no other.
#include <gtest/gtest.h>

#include <set>

#include "ivf/testing/damage.h"
#include "search/search.h"
#include "search/testing/parts.h"

namespace pgslab {
namespace {

class PageRequestTest : public testing::Test {
  protected:
    PageRequestTest() : codebook_(codebook_of(index())), search_(size_t{1} << 20) {}

    static const MemoryIndex &index() { return small_index(); }

    // Starts anew, and hands over the first n pages.
    void start_and_give(size_t n) {
        const Vector query(vectors_of(meta_of(index().meta())).dims, 0.5f);
        ASSERT_EQ(search_.start(index().meta(), *codebook_, query.data(), nullptr,
                                effort_as_stored(0.9), false, nullptr),
                  PGS_OK);
        for (size_t i = 0; i < n; i++) {
            ASSERT_EQ(give(next()), PGS_OK) << error_.detail;
        }
    }

    // The block that is asked for next; PGS_NO_BLOCK where it is something else.
    uint32_t next() {
        PgsRequest request = {};
        require(search_.next(request, &error_), error_);
        return request.kind == PGS_REQUEST_PAGE ? request.block : PGS_NO_BLOCK;
    }

    PgsStatus give(uint32_t block) { return search_.page(index().store().read(block), &error_); }

    std::unique_ptr<const Codebook> codebook_;
    Search search_;
    PgsError error_ = {};
};

// The boundary lets no such page through.
TEST_F(PageRequestTest, APageThatWasNotAskedForIsAMistakeOfOurs) {
    ASSERT_NO_FATAL_FAILURE(start_and_give(0));
    const uint32_t first = pgs_record_page(&index().meta(), 0).block;
    EXPECT_EQ(give(first), PGS_INTERNAL);
    EXPECT_STREQ(error_.detail, "the search has asked for no page");
    const uint32_t block = next();
    ASSERT_NE(block, PGS_NO_BLOCK);
    EXPECT_EQ(next(), block) << "for as long as it was not given";
    EXPECT_EQ(give(block), PGS_OK);
    EXPECT_EQ(give(block), PGS_INTERNAL) << "twice";
}

// Of every stage: the block that was asked for is at fault, whatever it has instead.
TEST_F(PageRequestTest, APageThatIsAnotherIsReportedAtTheBlockAskedFor) {
    std::set<PgsRole> roles;
    for (size_t pages = 0;; pages++) {
        ASSERT_NO_FATAL_FAILURE(start_and_give(pages));
        const uint32_t block = next();
        if (block == PGS_NO_BLOCK) {
            break;
        }
        roles.insert(pgs_block_role(&index().meta(), block));
        EXPECT_EQ(give(kMetaBlock), PGS_CORRUPT);
        EXPECT_EQ(error_.block, block);
    }
    const std::set<PgsRole> all = {PGS_ROLE_DIRECTORY, PGS_ROLE_LIST, PGS_ROLE_REFINE,
                                   PGS_ROLE_RECORD, PGS_ROLE_SLAB};
    EXPECT_EQ(roles, all);
}

}  // namespace
}  // namespace pgslab
