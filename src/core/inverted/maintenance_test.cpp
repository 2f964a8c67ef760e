// An index of documents through its life: whatever is inserted, loaded, deleted and maintained,
// what is read back is what there should be, and a check finds nothing wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "inverted/testing/inverted_index.h"
#include "inverted/testing/random_model.h"
#include "store/testing/patches.h"

namespace pgslab::inverted {

namespace {

constexpr size_t kMemory = size_t{1} << 24;

PgsPolicy policy_of(uint32_t flush_rows) {
    PgsPolicy policy = {};
    policy.flush_rows = flush_rows;
    policy.dead_share = 0.2;
    return policy;
}

void expect_model(const InvertedIndex &index, const Model &model) {
    const Model found = index.documents();
    ASSERT_EQ(found.size(), model.size());
    for (const auto &[number, document] : model) {
        const auto at = found.find(number);
        ASSERT_NE(at, found.end()) << number;
        ASSERT_EQ(at->second.terms, document.terms) << number;
        ASSERT_EQ(at->second.keys, document.keys) << number;
    }
    std::map<uint32_t, uint32_t> contents;
    for (const PgsVerifiedRow &row : index.verify()) {
        ASSERT_TRUE(contents.emplace(number_of(row.tid), row.content).second);
    }
    ASSERT_EQ(contents, contents_of(index, model));
}

// An index with what a table has.
class Life {
  public:
    Life(uint64_t seed, Weights weights, bool has_keys)
        : random(seed), index(options_of(weights, has_keys ? model_keys() : PgsKeyColumns{})) {}

    void insert(uint32_t n) {
        for (uint32_t i = 0; i < n; i++) {
            const ModelDocument document = model_document(random, index.index());
            if (index.insert(tid_number(next), document)) {
                model[next] = document;
            }
            next++;
        }
    }
    void load(uint32_t n, size_t memory) {
        Model loaded;
        for (uint32_t i = 0; i < n; i++) {
            loaded[next++] = model_document(random, index.index());
        }
        index.load(loaded, memory);
        model.insert(loaded.begin(), loaded.end());
    }
    // Every so many-th, more or less.
    void remove(uint32_t every) {
        std::erase_if(model, [&](const auto &) { return random() % every == 0; });
        index.vacuum([&](PgsTid tid) { return !model.contains(number_of(tid)); });
    }
    void expect() const { expect_model(index, model); }

    Random random;
    InvertedIndex index;
    Model model;
    uint32_t next = 0;
};

class Lives : public testing::TestWithParam<std::tuple<Weights, bool>> {
  protected:
    Lives() : life(1, std::get<0>(GetParam()), std::get<1>(GetParam())) {}
    Life life;
};

INSTANTIATE_TEST_SUITE_P(Documents, Lives,
                         testing::Combine(testing::ValuesIn(kEveryWeights), testing::Bool()));

TEST_P(Lives, NothingIsThereAtFirst) {
    life.expect();
    EXPECT_EQ(life.index.maintain(PGS_GOAL_COMPACT, policy_of(100)), 0u);
}

TEST_P(Lives, InsertedDocumentsAreThere) {
    life.insert(400);
    life.expect();
}

TEST_P(Lives, LoadedDocumentsAreThere) {
    life.load(100, 1);  // each is a batch's only one
    EXPECT_GT(life.index.meta().segments, 0u);
    life.expect();
}

TEST_P(Lives, ABatchBecomesAPartAndASegment) {
    life.load(1000, kMemory);
    EXPECT_EQ(life.index.meta().segments, 1u);
    EXPECT_EQ(life.index.meta().part[0].slots, life.model.size());
    life.expect();
    life.insert(50);
    life.expect();
}

TEST_P(Lives, WhatIsFlushedIsInASegment) {
    life.insert(300);
    life.remove(5);
    life.index.flush(0, kMemory);
    ASSERT_EQ(life.index.meta().segments, 1u);
    EXPECT_EQ(life.index.meta().segment[0].rows, life.model.size());
    EXPECT_EQ(life.index.meta().part[0].flushed, life.index.open_slots());
    life.expect();
    life.insert(100);
    life.remove(5);
    life.expect();
}

TEST_P(Lives, MergedSegmentsAreOne) {
    for (int i = 0; i < 5; i++) {
        life.insert(100);
        life.remove(7);
        life.index.flush(0, kMemory);
        life.remove(7);
    }
    ASSERT_EQ(life.index.meta().segments, 5u);
    life.index.merge({0b11010}, {});
    ASSERT_EQ(life.index.meta().segments, 3u);
    life.expect();
    life.index.merge(all_segments(life.index.meta()), {});
    ASSERT_EQ(life.index.meta().segments, 1u);
    life.expect();
}

TEST_P(Lives, PartsThatAreWrittenAnewHaveOneSlotForEachDocument) {
    life.load(200, kMemory);
    life.insert(300);
    life.remove(4);
    life.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(100));
    const Meta &meta = life.index.meta();
    uint64_t slots = 0;
    for (uint32_t p = 0; p < meta.parts; p++) {
        slots += meta.part[p].slots;
        EXPECT_TRUE(is_written(meta.part[p]));
    }
    EXPECT_EQ(slots, life.model.size());
    EXPECT_EQ(meta.segments, 1u);
    life.expect();
}

TEST_P(Lives, WhatIsInsertedMeanwhileIsThere) {
    life.load(300, kMemory);
    life.insert(200);
    life.index.flush(life.index.meta().parts - 1u, kMemory, [&] { life.insert(1); });
    life.expect();
    life.index.merge(all_segments(life.index.meta()), {}, [&] { life.insert(1); });
    life.expect();
    life.index.merge(all_segments(life.index.meta()), {1}, [&] { life.insert(1); });
    life.expect();
}

TEST_P(Lives, AllDeadLeaveNothing) {
    life.load(200, kMemory);
    life.insert(200);
    life.remove(1);
    life.expect();
    life.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(100));
    EXPECT_EQ(life.index.meta().segments, 0u);
    life.expect();
    life.insert(20);
    life.expect();
}

// Until then documents that are dead are counted, too.
TEST_P(Lives, StatisticsAreExactOnceAllIsCompacted) {
    life.load(200, kMemory);
    life.insert(200);
    life.index.flush(life.index.meta().parts - 1u, kMemory);
    life.insert(30);
    life.remove(3);
    life.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(1));
    life.insert(30);
    double length = 0;
    std::map<std::string, uint64_t> with_term;
    for (const auto &[number, document] : life.model) {
        for (const auto &[term, weight] : document.terms) {
            length += life.index.index().weights == Weights::kOccurrences ? weight : 0;
            with_term[term]++;
        }
    }
    std::vector<PgsQueryTerm> terms;
    for (const auto &[term, documents] : with_term) {
        terms.push_back({term.data(), static_cast<uint32_t>(term.size()), false, 0});
    }
    PgsStatistics *created = nullptr;
    require(pgs_statistics_create(&life.index.meta_page(), terms.data(),
                                  static_cast<uint32_t>(terms.size()), &created),
            {});
    const std::unique_ptr<PgsStatistics, void (*)(PgsStatistics *)> statistics(
        created, pgs_statistics_destroy);
    pump(pgs_statistics_machine(created), life.index.store());
    EXPECT_EQ(pgs_statistics_documents(created), life.model.size());
    EXPECT_EQ(pgs_statistics_length(created), length);
    uint32_t i = 0;
    for (const auto &[term, documents] : with_term) {
        EXPECT_EQ(pgs_statistics_with_term(created, i++), documents) << term;
    }
}

TEST_P(Lives, AnythingMayComeNext) {
    for (int step = 0; step < 60; step++) {
        switch (life.random() % 9) {
            case 0:
                life.load(static_cast<uint32_t>(1 + life.random() % 100), kMemory);
                break;
            case 1:
            case 2:
            case 3:
                life.insert(static_cast<uint32_t>(life.random() % 80));
                break;
            case 4:
                life.remove(static_cast<uint32_t>(2 + life.random() % 10));
                break;
            case 5:
                life.index.maintain(PGS_GOAL_FLUSH, policy_of(50), 1 + life.random() % 100'000);
                break;
            case 6:
                life.index.maintain(PGS_GOAL_SHRINK, policy_of(50));
                life.index.reclaim();
                life.index.cut();
                break;
            case 7:
                life.index.maintain(life.random() % 2 == 0 ? PGS_GOAL_VACUUM : PGS_GOAL_COMPACT,
                                    policy_of(50));
                break;
            case 8:
                life.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(50));
                break;
        }
        ASSERT_NO_FATAL_FAILURE(life.expect()) << "step " << step;
    }
}

TEST_P(Lives, RunsAreUsedAgain) {
    life.load(500, kMemory);
    uint32_t blocks = 0;
    for (int round = 0; round < 30; round++) {
        life.insert(60);
        life.remove(8);
        life.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(50));
        blocks = round == 5 ? life.index.store().blocks() : blocks;
    }
    EXPECT_LT(life.index.store().blocks(), 3 * blocks);
    life.expect();
}

// ---- crashes

// Stops before each of the writes of a step in turn, until one is not reached. The step is done
// again after a restart.
template <typename Step>
void crash_before_each_write(const Life &before, Step step, const Model &after) {
    for (uint64_t n = 0;; n++) {
        Life life = before;
        life.index.store().crash_before(n);
        bool crashed = false;
        try {
            step(life.index);
        } catch (const Crash &) {
            crashed = true;
        }
        life.index.recover();
        const Model found = life.index.documents();
        ASSERT_TRUE(found.size() == before.model.size() || found.size() == after.size());
        ASSERT_NO_FATAL_FAILURE(
            expect_model(life.index, found.size() == after.size() ? after : before.model))
            << "write " << n;
        if (!crashed) {
            ASSERT_EQ(found.size(), after.size());
            return;
        }
        life.index.reclaim();
        if (found.size() != after.size() || after.size() == before.model.size()) {
            step(life.index);
        }
        ASSERT_NO_FATAL_FAILURE(expect_model(life.index, after)) << "write " << n;
    }
}

class Crashes : public Lives {};

INSTANTIATE_TEST_SUITE_P(Documents, Crashes,
                         testing::Combine(testing::ValuesIn(kEveryWeights), testing::Bool()));

// A document of many slots, some of them in the part's next stride.
TEST_P(Crashes, OfAnInsert) {
    life.insert(30);
    const ModelDocument document = long_document(life.random, life.index.index());
    Model after = life.model;
    after[life.next] = document;
    crash_before_each_write(
        life, [&](InvertedIndex &index) { index.insert(tid_number(life.next), document); }, after);
}

// What a crash has left of a document is neither returned nor in the way, of flushes neither.
TEST_P(Crashes, OfAnInsertLeavePieces) {
    const ModelDocument document = long_document(life.random, life.index.index());
    life.insert(30);
    for (const bool is_followed : {true, false}) {
        const uint64_t slots = life.index.open_slots();
        for (uint64_t n = 0; life.index.open_slots() == slots; n++) {
            life.index.store().crash_before(n);
            ASSERT_THROW(life.index.insert(tid_number(life.next), document), Crash);
            life.index.recover();
        }
        if (is_followed) {
            life.insert(10);
        }
        life.expect();
        EXPECT_LT(life.index.maintain(PGS_GOAL_COMPACT, policy_of(1)), 10u);
        life.expect();
        EXPECT_LT(life.index.maintain(PGS_GOAL_AUTOMATIC, policy_of(1)), 10u);
        life.expect();
    }
    life.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(1));
    life.expect();
    EXPECT_EQ(life.index.meta().part[0].slots, life.model.size());
}

TEST_P(Crashes, OfAFlush) {
    life.insert(150);
    life.remove(6);
    crash_before_each_write(
        life, [](InvertedIndex &index) { index.flush(0, kMemory); }, life.model);
}

TEST_P(Crashes, OfALoad) {
    life.insert(20);
    Model loaded;
    for (uint32_t i = 0; i < 100; i++) {
        loaded[1000 + i] = model_document(life.random, life.index.index());
    }
    Model after = life.model;
    after.insert(loaded.begin(), loaded.end());
    crash_before_each_write(
        life, [&](InvertedIndex &index) { index.load(loaded, kMemory); }, after);
}

TEST_P(Crashes, OfAMergeWithParts) {
    life.load(60, kMemory);
    life.insert(60);
    life.index.maintain(PGS_GOAL_COMPACT, policy_of(1));
    life.insert(30);
    life.index.close();
    life.index.maintain(PGS_GOAL_FLUSH, policy_of(1));
    life.remove(6);
    crash_before_each_write(
        life,
        [](InvertedIndex &index) {
            index.merge(all_segments(index.meta()), sealed_parts(index.meta()));
        },
        life.model);
}

// ---- damage

class Damage : public Lives {};

INSTANTIATE_TEST_SUITE_P(Documents, Damage,
                         testing::Combine(testing::ValuesIn(kEveryWeights), testing::Bool()));

// Of every page that something lies on; and no task copies it to pages that are sound.
TEST_P(Damage, IsFoundOnEveryPage) {
    const bool has_keys = std::get<1>(GetParam());
    life.load(100, kMemory);
    life.insert(100);
    life.index.maintain(PGS_GOAL_COMPACT, policy_of(1));
    life.insert(50);
    life.index.flush(life.index.meta().parts - 1u, kMemory);
    life.insert(10);
    for (uint32_t block = 0; block < life.index.store().blocks(); block++) {
        const PgsRole role = pgs_block_role(&life.index.meta_page(), block);
        if (role == PGS_ROLE_SPARE || role == PGS_ROLE_IN_PROGRESS || role == PGS_ROLE_BEYOND) {
            continue;
        }
        Life damaged = life;
        Page &page = damaged.index.store().damage(block);
        if (used_bytes(page) == 0) {
            continue;
        }
        page.payload[life.random() % std::min(used_bytes(page), 4u)] ^= 0x10;
        EXPECT_THROW(damaged.index.verify(), CoreFailure) << block;
        try {
            damaged.index.recover();
            damaged.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(1));
            // Forward rows of what is in segments are not needed any more, and postings of keys
            // are made anew from records.
            EXPECT_TRUE(role == PGS_ROLE_PIECE || (role == PGS_ROLE_POSTING && has_keys))
                << "damage of block " << block << " was not found";
            damaged.expect();
        } catch (const CoreFailure &failure) {
            EXPECT_EQ(failure.error.status, PGS_CORRUPT) << failure.error.detail;
        }
    }
}

// What a check has to say of an index in which something is wrong, be it by what it hands out,
// which is compared with the table; nothing where all is as before.
bool is_found(const InvertedIndex &index, const std::map<uint32_t, uint32_t> &contents) {
    try {
        std::map<uint32_t, uint32_t> found;
        for (const PgsVerifiedRow &row : index.verify()) {
            if (!found.emplace(number_of(row.tid), row.content).second) {
                return true;
            }
        }
        return found != contents;
    } catch (const CoreFailure &failure) {
        EXPECT_NE(failure.error.status, PGS_INTERNAL) << failure.error.detail;
        return true;
    }
}

// Bits that are wrong on pages whose checksums are right are found, or make no difference to what
// is told of any document; whatever they are, maintenance comes to an end.
TEST_P(Damage, WithARightChecksumIsFoundOrMakesNoDifference) {
    life.load(60, kMemory);
    life.insert(60);
    life.index.maintain(PGS_GOAL_COMPACT, policy_of(1));
    life.insert(40);
    life.remove(8);
    life.index.flush(life.index.meta().parts - 1u, kMemory);
    life.insert(10);
    const std::map<uint32_t, uint32_t> contents = contents_of(life.index, life.model);
    uint32_t found = 0;
    for (uint32_t block = 0; block < life.index.store().blocks(); block++) {
        const PgsRole role = pgs_block_role(&life.index.meta_page(), block);
        if (role == PGS_ROLE_SPARE || role == PGS_ROLE_IN_PROGRESS || role == PGS_ROLE_BEYOND) {
            continue;
        }
        const uint32_t used = used_bytes(life.index.store().read(block));
        for (int round = 0; used > 0 && round < 8; round++) {
            Life damaged = life;
            Page &page = damaged.index.store().damage(block);
            const uint64_t at = life.random() % (round % 2 == 0 ? used : std::min(used, 160u));
            page.payload[at] ^= static_cast<uint8_t>(1u << life.random() % 8);
            repair_checksum(page);
            if (is_found(damaged.index, contents)) {
                found++;
            } else {
                damaged.index.recover();
                ASSERT_NO_FATAL_FAILURE(damaged.expect()) << "block " << block << ", byte " << at;
            }
            try {
                damaged.index.recover();
                damaged.index.maintain(PGS_GOAL_COMPACT_FULL, policy_of(1));
            } catch (const CoreFailure &failure) {
                EXPECT_NE(failure.error.status, PGS_INTERNAL) << failure.error.detail;
            }
        }
    }
    EXPECT_GT(found, 50u);
}

}  // namespace

}  // namespace pgslab::inverted
