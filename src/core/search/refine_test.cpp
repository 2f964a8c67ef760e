// Refinement codes give bounds that hold, page by page for survivors and one by one in slot order.
#include "search/refine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "search/testing/parts.h"

namespace pgslab {
namespace {

constexpr int kDims = 40;

class RefineTest : public testing::Test {
  protected:
    RefineTest()
        : random_(73),
          table_(listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", 4}, 1000, 1, 1)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)) {}

    // Every row of a segment, as one that survived by the word of block 77.
    static std::vector<Survivor> survivors_of(const SearchedIndex &searched) {
        std::vector<Survivor> survivors;
        for (const SegmentRow &row : searched.segment_rows()) {
            survivors.push_back({row.address, 0, 0, 77});
        }
        return survivors;
    }

    static ListQuery seen_from(const SearchedIndex &searched, uint32_t list) {
        const Query &query = searched.context.query;
        return searched.context.codebook->list_query(query.rotated.data(), query.codes.norm(),
                                                     list);
    }

    Random random_;
    Table table_;
    Vector query_;
};

// With bounds that hold always.
TEST_F(RefineTest, EverySurvivorIsOfferedWithABoundThatHolds) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Refine refine(searched.context, searched.top);
    refine.begin();
    refine.begin_pass();
    std::vector<Survivor> survivors = survivors_of(searched);
    const size_t count = survivors.size();
    // A bar would fall below most of them.
    ASSERT_LT(count, 1000u);
    searched.top.candidates().begin(count, count);
    ASSERT_EQ(refine.take(survivors, 0, seen_from(searched, 0), nullptr), PGS_OK);
    EXPECT_TRUE(survivors.empty());
    searched.read_all(refine);
    EXPECT_EQ(searched.context.work.refined, count);
    const std::vector<Candidate> rows = take_candidates(searched.top);
    ASSERT_EQ(rows.size(), count);
    double tightness = 0;
    for (const Candidate &row : rows) {
        const double value = operator_value(PGS_L2, query_, searched.vector(row.address));
        ASSERT_LE(row.key, value);
        tightness += row.key / value / static_cast<double>(count);
    }
    EXPECT_GE(tightness, 0.8);
}

TEST_F(RefineTest, SurvivorsThatFollowOneAnotherOnAPageTakeOneLookAtIt) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Refine refine(searched.context, searched.top);
    refine.begin();
    refine.begin_pass();
    std::vector<Survivor> survivors = survivors_of(searched);
    std::sort(survivors.begin(), survivors.end(),
              [](const Survivor &a, const Survivor &b) { return a.address < b.address; });
    std::set<uint32_t> blocks;
    for (const Survivor &survivor : survivors) {
        const Slot slot = searched.context.slots.find(survivor.address);
        blocks.insert(searched.context.slots.item(slot, kRefineColumn).page.block);
    }
    ASSERT_GT(blocks.size(), 2u);
    ASSERT_EQ(refine.take(survivors, 0, seen_from(searched, 0), nullptr), PGS_OK);
    std::set<uint32_t> announced;
    for (const PgsUpcoming &page : searched.context.upcoming.pages()) {
        announced.insert(page.block);
    }
    EXPECT_FALSE(announced.empty());
    EXPECT_TRUE(std::includes(blocks.begin(), blocks.end(), announced.begin(), announced.end()));
    EXPECT_EQ(searched.read_all(refine), blocks.size());
}

TEST_F(RefineTest, RowsAtTheBarAreDropped) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 5));
    Refine refine(searched.context, searched.top);
    refine.begin();
    refine.begin_pass();
    std::vector<Survivor> survivors = survivors_of(searched);
    const size_t count = survivors.size();
    ASSERT_EQ(refine.take(survivors, 0, seen_from(searched, 0), nullptr), PGS_OK);
    searched.read_all(refine);
    EXPECT_EQ(searched.context.work.refined, count);
    EXPECT_TRUE(searched.top.candidates().dropped());
    EXPECT_LT(searched.top.bar(), std::numeric_limits<double>::infinity());
    EXPECT_LT(take_candidates(searched.top).size(), count / 2);
}

// By what their one-bit codes say, before there is a bar.
TEST_F(RefineTest, SurvivorsRuleOneAnotherOut) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 5));
    Refine refine(searched.context, searched.top);
    refine.begin();
    refine.begin_pass();
    std::vector<Survivor> survivors = survivors_of(searched);
    const size_t wanted = searched.top.wanted();
    ASSERT_LT(wanted + 2, survivors.size());
    for (size_t i = 0; i < survivors.size(); i++) {
        survivors[i].estimate = static_cast<float>(i);
        survivors[i].margin = 0.25;
    }
    // Of these two nothing is known.
    survivors[survivors.size() - 2].estimate = std::numeric_limits<float>::infinity();
    survivors.back().margin = std::numeric_limits<float>::infinity();
    std::set<uint64_t> expected;
    for (size_t i = 0; i < wanted; i++) {
        expected.insert(survivors[i].address);
    }
    expected.insert(survivors[survivors.size() - 2].address);
    expected.insert(survivors.back().address);
    const size_t count = survivors.size();
    ASSERT_EQ(refine.take(survivors, 0, seen_from(searched, 0), nullptr), PGS_OK);
    EXPECT_EQ(searched.context.work.filtered, count - wanted - 2);
    EXPECT_TRUE(searched.top.candidates().dropped());
    searched.read_all(refine);
    EXPECT_LE(searched.context.work.refined, wanted + 2);
    for (const Candidate &row : take_candidates(searched.top)) {
        EXPECT_EQ(expected.count(row.address), 1u);
    }
}

TEST_F(RefineTest, WhatTheBarHasPassedMeanwhileIsNotRefined) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 5));
    Refine refine(searched.context, searched.top);
    refine.begin();
    refine.begin_pass();
    const std::vector<Survivor> all = survivors_of(searched);
    const auto wanted = static_cast<ptrdiff_t>(searched.top.wanted());
    std::vector<Survivor> first(all.begin(), all.begin() + wanted);
    ASSERT_EQ(refine.take(first, 0, seen_from(searched, 0), nullptr), PGS_OK);
    searched.read_all(refine);
    ASSERT_LT(searched.top.bar(), std::numeric_limits<double>::infinity());
    const uint64_t refined = searched.context.work.refined;
    std::vector<Survivor> more(all.begin() + wanted, all.begin() + 2 * wanted);
    for (size_t i = 1; i < more.size(); i++) {
        more[i].estimate = 1e30F;
    }
    ASSERT_EQ(refine.take(more, 0, seen_from(searched, 0), nullptr), PGS_OK);
    searched.read_all(refine);
    EXPECT_EQ(searched.context.work.refined, refined + 1);
    EXPECT_EQ(searched.context.work.filtered, static_cast<uint64_t>(wanted - 1));
}

TEST_F(RefineTest, ASlotThatDoesNotExistIsReportedWithThePageThatNamesIt) {
    for (int bits : {4, 0}) {
        const Table table =
            listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", bits}, 300, 1, 1);
        SearchedIndex searched(table.index(), query_, effort_for(0.9, 5));
        Refine refine(searched.context, searched.top);
        refine.begin();
        refine.begin_pass();
        std::vector<Survivor> survivors = survivors_of(searched);
        survivors[3].address = make_address(1, 1 << 30);
        survivors[3].block = 78;
        PgsError error = {};
        EXPECT_EQ(refine.take(survivors, 6, seen_from(searched, 0), &error), PGS_CORRUPT);
        EXPECT_EQ(error.block, 78u);
        EXPECT_STREQ(
            error.detail,
            "list 6 names slot 1073741824 of the part with handle 1, which does not exist");
    }
}

TEST_F(RefineTest, WithoutRefinementCodesSurvivorsAreOfferedAsTheyAre) {
    const Table table = listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", 0}, 300, 1, 1);
    SearchedIndex searched(table.index(), query_, effort_for(0.9, 20));
    Refine refine(searched.context, searched.top);
    refine.begin();
    refine.begin_pass();
    std::vector<Survivor> survivors = survivors_of(searched);
    survivors.resize(4);
    const double unit = searched.context.query.unit;
    const float infinity = std::numeric_limits<float>::infinity();
    survivors[0].estimate = 9;
    survivors[0].margin = 5;
    survivors[1].estimate = 100;
    survivors[2].estimate = infinity;  // float32 left its range: nothing is known
    survivors[3].margin = infinity;
    const std::vector<Survivor> given = survivors;
    ASSERT_EQ(refine.take(survivors, 0, seen_from(searched, 0), nullptr), PGS_OK);
    EXPECT_EQ(refine.wanted().block, PGS_NO_BLOCK);
    EXPECT_EQ(searched.context.work.refined, 0u);
    std::map<uint64_t, double> keys;
    for (const Candidate &row : take_candidates(searched.top)) {
        keys[row.address] = row.key;
    }
    ASSERT_EQ(keys.size(), 4u);
    EXPECT_DOUBLE_EQ(keys.at(given[0].address), 2 * unit);
    EXPECT_DOUBLE_EQ(keys.at(given[1].address), 10 * unit);
    EXPECT_EQ(keys.at(given[2].address), 0);
    EXPECT_EQ(keys.at(given[3].address), 0);
}

// Whichever list a damaged code says it is of.
TEST_F(RefineTest, ACodeOfAListThatDoesNotExistIsNotReadPastTheLists) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Refine refine(searched.context, searched.top);
    refine.begin();
    refine.begin_pass();
    const uint64_t address = survivors_of(searched).front().address;
    const SlotBytes wanted =
        searched.context.slots.item(searched.context.slots.find(address), kRefineColumn);
    const Page &page = searched.read(wanted.page);
    std::vector<uint64_t> aligned(wanted.bytes / sizeof(uint64_t) + 1);
    auto *code = reinterpret_cast<uint8_t *>(aligned.data());
    std::memcpy(code, page.payload + wanted.offset, wanted.bytes);
    refine.offer(address, code);
    const uint32_t none = UINT32_MAX;
    std::memcpy(code + wanted.bytes - sizeof(RefineTail) + offsetof(RefineTail, list), &none,
                sizeof none);
    refine.offer(address, code);
    EXPECT_EQ(searched.context.work.refined, 2u);
    const std::vector<Candidate> rows = take_candidates(searched.top);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].key, rows[1].key) << "there is but one list";
}

}  // namespace
}  // namespace pgslab
