// Rows in the order of their slots: all of them, or the sidecar's in the lists that were visited.
#include "search/flat.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>
#include <vector>

#include "search/testing/parts.h"
#include "search/unordered.h"

namespace pgslab {
namespace {

constexpr int kDims = 40;
constexpr uint32_t kLists = 6;

class FlatTest : public testing::TestWithParam<int> {
  protected:
    FlatTest()
        : random_(76),
          table_(
              listed_table(random_, {kDims, PGS_L2, PGS_F16, "", "", GetParam()}, 800, kLists, 2)),
          query_(hard_vector(random_, kDims, Kind::kOrdinary)) {}

    // What a walk offers, with no bar in its way, by address.
    std::map<uint64_t, Candidate> walk(SearchedIndex &searched, const std::vector<bool> *visited) {
        Refine refine(searched.context, searched.top);
        Flat flat(searched.context, searched.top, refine);
        refine.begin();
        flat.begin(visited);
        return walk(searched, flat);
    }

    static std::map<uint64_t, Candidate> walk(SearchedIndex &searched, Flat &flat) {
        flat.begin_pass();
        searched.top.candidates().begin(1000, 1000);
        searched.read_all(flat);
        searched.top.finish();
        std::map<uint64_t, Candidate> rows;
        while (const Candidate *row = searched.top.candidates().to_evaluate()) {
            rows[row->address] = *row;
            searched.top.candidates().pop_to_evaluate();
        }
        while (const Candidate *row = searched.top.candidates().first()) {
            rows[row->address] = *row;
            searched.top.candidates().pop_first();
        }
        return rows;
    }

    // By address, the live rows that are in no segment.
    std::map<uint64_t, Record> sidecar(const SearchedIndex &searched) const {
        std::map<uint64_t, Record> rows;
        for (uint64_t slot = 0; slot < 400; slot++) {
            const uint64_t address = make_address(searched.context.meta().part[1].handle, slot);
            const Record record = searched.record(address);
            if ((record.flags & kTombstone) == 0) {
                rows[address] = record;
            }
        }
        return rows;
    }

    Random random_;
    Table table_;
    Vector query_;
};

TEST_P(FlatTest, AllLiveRowsAreOfferedWithABoundThatHolds) {
    SearchedIndex searched(table_.index(), query_, kExact);
    const auto rows = walk(searched, nullptr);
    std::set<uint32_t> numbers;
    for (const auto &[address, row] : rows) {
        ASSERT_LE(row.key, operator_value(PGS_L2, query_, searched.vector(address)));
        ASSERT_EQ(row.evaluated, GetParam() == 0) << "without codes vectors are compared at once";
        numbers.insert(number_of(tid_of(searched.record(address))));
    }
    std::set<uint32_t> live;
    for (const auto &[number, vector] : table_.live()) {
        live.insert(number);
    }
    EXPECT_EQ(numbers, live);
    const PgsWork &work = searched.context.work;
    EXPECT_EQ(work.compared, GetParam() == 0 ? live.size() : 0);
    EXPECT_EQ(work.refined, GetParam() == 0 ? 0 : live.size());
}

TEST_P(FlatTest, OfTheSidecarOnlyRowsOfVisitedListsAreOffered) {
    SearchedIndex searched(table_.index(), query_, effort_for(0.9, 10));
    const std::map<uint64_t, Record> all = sidecar(searched);
    for (uint32_t list = 0; list <= kLists; list++) {
        std::vector<bool> visited(kLists, list == kLists);
        if (list < kLists) {
            visited[list] = true;
        }
        std::set<uint64_t> expected;
        for (const auto &[address, record] : all) {
            if (visited[vector_record(record).list]) {
                expected.insert(address);
            }
        }
        std::set<uint64_t> offered;
        for (const auto &[address, row] : walk(searched, &visited)) {
            offered.insert(address);
        }
        EXPECT_EQ(offered, expected) << "list " << list;
    }
}

TEST_P(FlatTest, RowsThatAreDoneWithAreNotOfferedAgain) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Refine refine(searched.context, searched.top);
    Flat flat(searched.context, searched.top, refine);
    refine.begin();
    flat.begin(nullptr);
    std::set<uint64_t> rest;
    for (const auto &[address, row] : walk(searched, flat)) {
        if (random_() % 2 == 0) {
            searched.top.set_done(address);
        } else {
            rest.insert(address);
        }
    }
    searched.top.begin_next_pass();
    std::set<uint64_t> offered;
    for (const auto &[address, row] : walk(searched, flat)) {
        offered.insert(address);
    }
    EXPECT_EQ(offered, rest);
}

TEST_P(FlatTest, UnorderedRowsComeInSlotOrderWithOneValue) {
    SearchedIndex searched(table_.index(), query_, kExact);
    Unordered unordered;
    unordered.begin(searched.context, 7);
    PgsError error = {};
    uint64_t before = 0;
    std::set<uint32_t> numbers;
    for (;;) {
        PgsRequest found = {};
        if (unordered.next(found)) {
            EXPECT_EQ(found.kind, PGS_REQUEST_FOUND);
            EXPECT_EQ(found.value, 7);
            if (handle_of(found.slot) == handle_of(before)) {
                EXPECT_GE(found.slot, before);
            }
            before = found.slot + 1;
            numbers.insert(number_of(found.tid));
        } else if (unordered.wanted().block != PGS_NO_BLOCK) {
            ASSERT_EQ(unordered.page(searched.read(unordered.wanted()), &error), PGS_OK);
        } else {
            break;
        }
    }
    EXPECT_EQ(numbers.size(), table_.live().size());
}

INSTANTIATE_TEST_SUITE_P(Bits, FlatTest, testing::Values(0, 4));

}  // namespace
}  // namespace pgslab
