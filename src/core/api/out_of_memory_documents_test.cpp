// As out_of_memory_test.cpp, of what the boundary has for indexes of documents.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "api/testing/failing_allocations.h"
#include "api/testing/failing_machine.h"
#include "inverted/testing/built_index.h"
#include "inverted/testing/inverted_index.h"
#include "inverted/testing/random_model.h"
#include "inverted/testing/searching.h"
#include "pgslab_core.h"
#include "store/sets.h"

namespace pgslab {
namespace {

// An index of text in segments and a sidecar, with filter columns.
class OutOfMemoryOfText : public testing::Test {
  protected:
    const inverted::BuiltIndex &index() const { return text_.index; }

    PgsRequest pump(Caller &call, PgsMachine *machine) const {
        return pgslab::pump(call, machine,
                            [this](uint32_t block) -> const Page & { return index().page(block); });
    }

    inverted::Random random_{5};
    const inverted::TestIndex text_{random_, inverted::Weights::kOccurrences, 300, 20, 12, true};
    const PgsQueryTerm terms_[3] = {{"a", 1, true, 1}, {"b1", 2, false, 2}, {"c2", 2, false, 1}};
};

TEST_F(OutOfMemoryOfText, Counting) {
    fail_in_turn(
        [&](Caller &call) {
            const auto statistics = call.make<PgsStatistics>(
                "pgs_statistics_create", pgs_statistics_destroy, [&](PgsStatistics **made) {
                    return pgs_statistics_create(&index().meta_page(), terms_, 3, made);
                });
            pump(call, pgs_statistics_machine(statistics.get()));
        },
        {"pgs_next"});
}

// The server keeps a scan: started again it finds what it would have found.
TEST_F(OutOfMemoryOfText, Scanning) {
    const PgsMatchNode match[] = {{PGS_MATCH_TERM, 0}, {PGS_MATCH_TERM, 1}, {PGS_MATCH_OR, 0},
                                  {PGS_MATCH_TERM, 2}, {PGS_MATCH_NOT, 0},  {PGS_MATCH_AND, 0}};
    const PgsInvertedQuery query = {terms_, 3, match, 6, true, 10};
    const PgsFilterNode node = {PGS_FILTER_KEYS, 0, 0, 0, 1};
    const PgsKeyRange range = {3, 15};
    const PgsFilter filter = {&node, 1, &range, 1, nullptr, false, false, 0};
    const auto find = [&](Caller &call, PgsInvertedScan *scan) {
        std::vector<uint64_t> slots;
        PgsError error;
        call("pgs_inverted_scan_start", [&] {
            return pgs_inverted_scan_start(scan, &index().meta_page(), &query, &filter, 5, 1, false,
                                           &error);
        });
        for (;;) {
            const PgsRequest request = pump(call, pgs_inverted_scan_machine(scan));
            if (request.kind == PGS_REQUEST_DONE) {
                return slots;
            }
            if (request.kind == PGS_REQUEST_FOUND) {
                slots.push_back(request.slot);
            } else {
                require(pgs_inverted_scan_told(scan, request.tid.block % 5 != 0, &error), error);
            }
        }
    };
    const auto create = [](Caller &call) {
        return call.make<PgsInvertedScan>(
            "pgs_inverted_scan_create", pgs_inverted_scan_destroy,
            [](PgsInvertedScan **made) { return pgs_inverted_scan_create(1 << 16, made); });
    };
    Names called, failed;
    Caller undisturbed(0, called, failed);
    const std::vector<uint64_t> expected = find(undisturbed, create(undisturbed).get());
    EXPECT_GT(expected.size(), 5u);
    fail_in_turn(
        [&](Caller &call) {
            const auto scan = create(call);
            std::vector<uint64_t> found;
            try {
                found = find(call, scan.get());
            } catch (const Stopped &) {
                found = find(call, scan.get());
            }
            EXPECT_EQ(found, expected);
        },
        {"pgs_next"});
}

// Maintenance of an index of text with filter columns: a loaded part, and one that inserts opened
// with a segment, dead documents and a sidecar.
class OutOfMemoryOfDocuments : public testing::Test {
  protected:
    OutOfMemoryOfDocuments()
        : index_(inverted::options_of(inverted::Weights::kOccurrences, inverted::model_keys())) {
        index_.load(documents(0, 40), 1 << 20);
        insert(documents(40, 60));
        index_.flush(1, 1 << 20);
        insert(documents(60, 80));
        index_.vacuum([](PgsTid tid) { return number_of(tid) % 5 == 0; });
    }

    inverted::Model documents(uint32_t first, uint32_t end) {
        inverted::Model model;
        for (uint32_t i = first; i < end; i++) {
            model[i] = inverted::model_document(random_, index_.index());
        }
        return model;
    }
    void insert(const inverted::Model &model) {
        for (const auto &[number, document] : model) {
            index_.insert(tid_number(number), document);
        }
    }

    auto read() const {
        return [this](uint32_t block) -> const Page & { return index_.store().read(block); };
    }

    PgsRequest pump(Caller &call, PgsMachine *machine) const {
        return pgslab::pump(call, machine, read());
    }

    void carry_out(Caller &call, PgsTask *task) const {
        pgslab::carry_out(call, task, index_.meta_page(), read(),
                          [] { FAIL() << "no task of documents asks for rows"; });
    }

    inverted::Random random_{3};
    inverted::InvertedIndex index_;
};

TEST_F(OutOfMemoryOfDocuments, Loading) {
    const inverted::Model model = documents(0, 30);
    fail_in_turn([&](Caller &call) {
        const auto load = call.make<PgsLoad>(
            "pgs_load_create", pgs_load_destroy,
            [&](PgsLoad **made) { return pgs_load_create(&index_.meta_page(), 1 << 20, made); });
        for (const auto &row : model) {
            const std::vector<PgsTerm> terms = row.second.pgs_terms();
            bool indexed = false, full = false;
            call("pgs_load_add", [&] {
                return pgs_load_add(load.get(), terms.data(), static_cast<uint32_t>(terms.size()),
                                    row.second.keys.data(), tid_number(row.first), &indexed, &full);
            });
        }
        const auto task = call.make<PgsTask>(
            "pgs_load_task", pgs_task_destroy,
            [&](PgsTask **made) { return pgs_load_task(load.get(), &index_.meta_page(), made); });
        carry_out(call, task.get());
    });
}

TEST_F(OutOfMemoryOfDocuments, Flushing) {
    fail_in_turn([&](Caller &call) {
        const auto task =
            call.make<PgsTask>("pgs_flush_create", pgs_task_destroy, [&](PgsTask **made) {
                return pgs_flush_create(&index_.meta_page(), 1, 1 << 20, made);
            });
        carry_out(call, task.get());
    });
}

TEST_F(OutOfMemoryOfDocuments, Merging) {
    fail_in_turn([&](Caller &call) {
        const auto task =
            call.make<PgsTask>("pgs_merge_create", pgs_task_destroy, [&](PgsTask **made) {
                return pgs_merge_create(&index_.meta_page(), all_segments(index_.meta()), {1},
                                        made);
            });
        carry_out(call, task.get());
    });
}

TEST_F(OutOfMemoryOfDocuments, Verifying) {
    fail_in_turn([&](Caller &call) {
        const auto verify = call.make<PgsVerify>(
            "pgs_verify_create", pgs_verify_destroy,
            [&](PgsVerify **made) { return pgs_verify_create(&index_.meta_page(), made); });
        pump(call, pgs_verify_machine(verify.get()));
    });
}

}  // namespace
}  // namespace pgslab
