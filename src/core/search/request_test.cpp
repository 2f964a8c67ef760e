// A search takes the page that it has asked for, and no other.
#include <gtest/gtest.h>

#include "index/testing/damage.h"
#include "pgslab_core.h"

namespace pgslab {
namespace {

class RequestTest : public testing::Test {
  protected:
    RequestTest()
        : scan_(make_owned<PgsScan>(pgs_scan_destroy, [](PgsScan **made) {
              return pgs_scan_create(size_t{1} << 20, made);
          })) {
        const Vector query(meta_of(index().meta()).dims, 0.5f);
        const PgsEffort effort = effort_as_stored(0.9);
        require(pgs_scan_start(scan_.get(), &index().meta(), index().codebook(), query.data(),
                               &effort, false, &error_),
                error_);
    }

    static const MemoryIndex &index() { return small_index(); }

    // The block that is asked for next; PGS_NO_BLOCK where it is something else.
    uint32_t next() {
        PgsStep step = {};
        pgs_scan_next(scan_.get(), &step, &error_);
        return step.kind == PGS_STEP_PAGE ? step.block : PGS_NO_BLOCK;
    }

    PgsStatus give(uint32_t block) {
        return pgs_scan_page(scan_.get(), &index().store().read(block), &error_);
    }

    Owned<PgsScan> scan_;
    PgsError error_ = {};
};

TEST_F(RequestTest, APageThatWasNotAskedForIsAMistakeOfTheCallers) {
    const uint32_t first = pgs_record_page(&index().meta(), 0).block;
    EXPECT_EQ(give(first), PGS_INTERNAL);
    EXPECT_STREQ(error_.detail, "the search has asked for no page");
    const uint32_t block = next();
    ASSERT_NE(block, PGS_NO_BLOCK);
    EXPECT_EQ(give(block), PGS_OK);
    EXPECT_EQ(give(block), PGS_INTERNAL) << "twice";
}

// Of every stage: the block that was asked for is at fault, whatever it has instead.
TEST_F(RequestTest, APageThatIsAnotherIsReportedAtTheBlockAskedFor) {
    std::set<PgsRole> roles;
    for (;;) {
        const uint32_t block = next();
        if (block == PGS_NO_BLOCK) {
            break;
        }
        roles.insert(pgs_block_role(&index().meta(), block));
        EXPECT_EQ(give(kMetaBlock), PGS_CORRUPT);
        EXPECT_EQ(error_.block, block);
        ASSERT_EQ(next(), block) << "it is asked for again";
        ASSERT_EQ(give(block), PGS_OK) << error_.detail;
    }
    const std::set<PgsRole> all = {PGS_ROLE_DIRECTORY, PGS_ROLE_LIST, PGS_ROLE_REFINE,
                                   PGS_ROLE_RECORD, PGS_ROLE_SLAB};
    EXPECT_EQ(roles, all);
}

}  // namespace
}  // namespace pgslab
