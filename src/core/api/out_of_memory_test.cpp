// Every function of the boundary that may allocate, with each of its allocations failing in turn:
// it says PGS_OUT_OF_MEMORY, nothing leaks, and its object can be destroyed, or used again where
// the server keeps it. scripts/check/out_of_memory_tested.sh wants all of them named here
// or in out_of_memory_documents_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/testing/failing_allocations.h"
#include "api/testing/failing_machine.h"
#include "filter/testing/condition.h"
#include "ivf/testing/maintenance.h"
#include "ivf/testing/memory_index.h"
#include "ivf/testing/named_rows.h"
#include "ivf/testing/tables.h"
#include "pgslab_core.h"

namespace {

using pgslab::live_allocations;

bool fails_now() {
    using pgslab::until_fails;
    return pgslab::failing && until_fails > 0 && --until_fails == 0;
}

void *allocate(size_t bytes, size_t alignment) {
    void *memory = fails_now() ? nullptr
                               : std::aligned_alloc(
                                     alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    live_allocations++;
    return memory;
}

void release(void *memory) {
    live_allocations -= memory != nullptr ? 1 : 0;
    std::free(memory);
}

}  // namespace

// Of the whole test program.
void *operator new(size_t bytes) {
    return allocate(bytes, alignof(std::max_align_t));
}
void *operator new(size_t bytes, std::align_val_t alignment) {
    return allocate(bytes, static_cast<size_t>(alignment));
}
// Who asks in this way does without, and says nothing: that is not tested here.
void *operator new(size_t bytes, const std::nothrow_t &) noexcept {
    live_allocations++;
    return std::malloc(std::max<size_t>(bytes, 1));
}
void operator delete(void *memory) noexcept {
    release(memory);
}
void operator delete(void *memory, size_t) noexcept {
    release(memory);
}
void operator delete(void *memory, std::align_val_t) noexcept {
    release(memory);
}
void operator delete(void *memory, size_t, std::align_val_t) noexcept {
    release(memory);
}

namespace pgslab {
namespace {

class OutOfMemory : public testing::Test {
  protected:
    explicit OutOfMemory(const PgsKeyColumns &columns = kColumns)
        : index_(options(columns), rows(150), 3) {
        for (const TestRow &row : rows(20)) {
            index_.insert(row);
        }
        index_.vacuum([](PgsTid tid) { return number_of(tid) % 5 == 0; });
    }

    static constexpr int kDims = 64;  // several pages of vectors

    static constexpr PgsKeyColumns kColumns = {2, {{4, 1}, {4, 4}}};

    static PgsOptions options(const PgsKeyColumns &columns = kColumns) {
        PgsOptions options = {kDims, PGS_L2, PGS_F16, "", "", 4};
        options.keys = columns;
        return options;
    }

    static std::vector<TestRow> rows(uint32_t n) {
        Random random(7);
        std::vector<TestRow> rows;
        for (uint32_t i = 0; i < n; i++) {
            rows.push_back({tid_number(i), hard_vector(random, kDims, Kind::kOrdinary)});
        }
        return rows;
    }

    const Page &page(uint32_t block) const { return index_.store().read(block); }

    // See api/testing/failing_machine.h.
    template <typename AfterPage>
    PgsRequest pump(Caller &call, PgsMachine *machine, AfterPage after_page) const {
        return pgslab::pump(
            call, machine, [this](uint32_t block) -> const Page & { return page(block); },
            after_page);
    }
    PgsRequest pump(Caller &call, PgsMachine *machine) const {
        return pump(call, machine, [] {});
    }

    void carry_out(Caller &call, PgsTask *task, const ListedRows &rows) const {
        PgsError error;
        size_t row = 0;
        pgslab::carry_out(
            call, task, page(0), [this](uint32_t block) -> const Page & { return page(block); },
            [&] {
                const bool more = row < rows.size();
                call("pgs_task_row", [&] {
                    return pgs_task_row(task, more ? rows[row].second.data() : nullptr,
                                        more ? rows[row].first : 0, &error);
                });
                row++;
            });
    }

    MemoryIndex index_;
};

TEST_F(OutOfMemory, LoadingACodebook) {
    fail_in_turn(
        [&](Caller &call) {
            PgsError error;
            const auto load = call.make<PgsCodebookLoad>(
                "pgs_codebook_load_create", pgs_codebook_load_destroy, [&](PgsCodebookLoad **made) {
                    return pgs_codebook_load_create(&index_.meta(), made);
                });
            pump(call, pgs_codebook_load_machine(load.get()));
            call.make<PgsCodebook>("pgs_codebook_load_finish", pgs_codebook_destroy,
                                   [&](PgsCodebook **made) {
                                       return pgs_codebook_load_finish(load.get(), made, &error);
                                   });
        },
        {"pgs_next", "pgs_page"});
}

TEST_F(OutOfMemory, Training) {
    const std::vector<TestRow> sample = rows(40);
    fail_in_turn([&](Caller &call) {
        const PgsOptions shape = options();
        PgsPlan plan = {3, 0};
        pgs_plan(&shape, 40, 1 << 20, &plan);
        const auto training = call.make<PgsTraining>(
            "pgs_training_create", pgs_training_destroy,
            [&](PgsTraining **made) { return pgs_training_create(&shape, &plan, nullptr, made); });
        for (const TestRow &row : sample) {
            bool taken = false;
            call("pgs_training_add",
                 [&] { return pgs_training_add(training.get(), row.vector.data(), &taken); });
        }
        PgsProgress progress = {};
        while (!progress.finished) {
            call("pgs_training_step", [&] { return pgs_training_step(training.get(), &progress); });
        }
        call.make<PgsCodebook>(
            "pgs_training_finish", pgs_codebook_destroy,
            [&](PgsCodebook **made) { return pgs_training_finish(training.get(), 1, made); });
    });
}

// The server keeps an encoder: it encodes the same row afterwards.
TEST_F(OutOfMemory, EncodingARow) {
    const TestRow row = rows(1).front();
    const std::vector<uint64_t> keys = keys_of_row(kColumns, number_of(row.tid));
    uint32_t list = 0;
    const EncodedRow expected = index_.encoded(row, &list).value();
    fail_in_turn([&](Caller &call) {
        const auto encoder = call.make<PgsEncoder>(
            "pgs_encoder_create", pgs_encoder_destroy,
            [&](PgsEncoder **made) { return pgs_encoder_create(index_.codebook(), made); });
        EncodedRow bytes(expected.size());
        const auto encode = [&] {
            bool indexed = false;
            uint32_t found = 0;
            call("pgs_encode_row", [&] {
                return pgs_encode_row(encoder.get(), row.vector.data(), keys.data(), row.tid,
                                      bytes.data(), &found, &indexed);
            });
            EXPECT_TRUE(indexed);
            EXPECT_EQ(found, list);
            EXPECT_EQ(bytes, expected);
        };
        try {
            encode();
        } catch (const Stopped &) {
            encode();
        }
    });
}

// A row that could not be encoded is the next one still.
TEST_F(OutOfMemory, EncodingStoredRows) {
    const ListedRows all = stored_rows(index_, index_.codebook(), {1});
    const auto life = [&](Caller &call) {
        const auto stored = call.make<PgsStoredRows>(
            "pgs_stored_rows_create", pgs_stored_rows_destroy, [&](PgsStoredRows **made) {
                return pgs_stored_rows_create(&index_.meta(), {1}, made);
            });
        const auto encoder = call.make<PgsEncoder>(
            "pgs_encoder_create", pgs_encoder_destroy,
            [&](PgsEncoder **made) { return pgs_encoder_create(index_.codebook(), made); });
        size_t encoded = 0;
        const auto encode = [&] {
            EncodedRow row(pgs_row_bytes(index_.codebook()) / sizeof(uint64_t));
            uint32_t list = 0;
            bool more = true;
            while (more) {
                call("pgs_encode_stored", [&] {
                    return pgs_encode_stored(encoder.get(), stored.get(), row.data(), &list, &more);
                });
                encoded += more ? 1 : 0;
            }
        };
        pump(call, pgs_stored_rows_machine(stored.get()), [&] {
            try {
                encode();
            } catch (const Stopped &) {
                encode();
            }
        });
        EXPECT_EQ(encoded, all.size());
    };
    fail_in_turn(life, {"pgs_next"});
}

TEST_F(OutOfMemory, Building) {
    const ListedRows all = stored_rows(index_, index_.codebook(), {1});
    fail_in_turn([&](Caller &call) {
        const PgsOptions shape = options();
        PgsError error;
        uint32_t blocks = 0, block = 0;
        const auto build = call.make<PgsBuild>(
            "pgs_build_create", pgs_build_destroy,
            [&](PgsBuild **made) { return pgs_build_create(&shape, index_.codebook(), made); });
        call("pgs_build_begin_rows",
             [&] { return pgs_build_begin_rows(build.get(), all.size(), &blocks, &error); });
        for (const auto &listed : all) {
            call("pgs_build_add_row", [&] {
                return pgs_build_add_row(build.get(), listed.second.data(), listed.first, &error);
            });
        }
        call("pgs_build_end_rows", [&] { return pgs_build_end_rows(build.get(), &error); });
        while (pgs_build_page(build.get(), &block) != nullptr) {
        }
    });
}

// The server keeps a scan: started again it finds what it would have found.
class OutOfMemoryScanning : public OutOfMemory, public testing::WithParamInterface<bool> {
  protected:
    using OutOfMemory::OutOfMemory;

    void scan_named_rows();

    std::vector<uint64_t> scan(Caller &call, PgsScan *scan,
                               const PgsFilter *filter = nullptr) const {
        const PgsEffort effort = {GetParam(), false, GetParam() ? 0 : 0.9, 0, 0, 0};
        const std::vector<TestRow> table = rows(150);
        const Vector query = table[2].vector;
        std::vector<uint64_t> slots;
        PgsMachine *const machine = pgs_scan_machine(scan);
        PgsError error = {};
        if (goes_by_told_values_) {
            pgs_scan_goes_by_told_values(scan);
        }
        call("pgs_scan_start", [&] {
            return pgs_scan_start(scan, &index_.meta(), index_.codebook(), query.data(), filter,
                                  &effort, false, &error);
        });
        for (;;) {
            const PgsRequest request = pump(call, machine);
            if (request.kind == PGS_REQUEST_DONE) {
                return slots;
            }
            if (request.kind == PGS_REQUEST_FOUND) {
                slots.push_back(request.slot);
            } else if (goes_by_told_values_) {
                const double value = pgs_operator_value(
                    index_.info().metric, table[number_of(request.tid)].vector.data(), query.data(),
                    static_cast<int>(query.size()));
                call("pgs_scan_told", [&] { return pgs_scan_told(scan, value, &error); });
            } else {
                const float *vector = table[number_of(request.tid)].vector.data();
                call("pgs_scan_looked_up",
                     [&] { return pgs_scan_looked_up(scan, vector, &error); });
            }
        }
    }

    // A scan that ran out of memory is started again, and finds all rows.
    void expect_all(const PgsFilter *filter) const {
        fail_in_turn(
            [&](Caller &call) {
                const auto made = make(call);
                try {
                    scan(call, made.get(), filter);
                } catch (const Stopped &) {
                    const std::vector<uint64_t> slots = scan(call, made.get(), filter);
                    EXPECT_EQ(std::set(slots.begin(), slots.end()).size(), slots.size());
                    EXPECT_EQ(slots.size(), 136u);
                    throw;
                }
            },
            {"pgs_scan_looked_up", "pgs_scan_told"});
    }

    bool goes_by_told_values_ = false;

    static Owned<PgsScan> make(Caller &call) {
        return call.make<PgsScan>("pgs_scan_create", pgs_scan_destroy,
                                  [](PgsScan **made) { return pgs_scan_create(1 << 16, made); });
    }
};

TEST_P(OutOfMemoryScanning, AScan) {
    expect_all(nullptr);
}

TEST_P(OutOfMemoryScanning, AScanByToldValues) {
    goes_by_told_values_ = true;
    expect_all(nullptr);
}

// A set that an address could not be added to takes it afterwards.
void OutOfMemoryScanning::scan_named_rows() {
    fail_in_turn(
        [&](Caller &call) {
            const auto set =
                call.make<PgsTidSet>("pgs_tid_set_create", pgs_tid_set_destroy, pgs_tid_set_create);
            const uint16_t offsets[] = {3, 20, 41};
            PgsError error = {};
            const auto add = [&](uint32_t block, uint32_t n) {
                const auto once = [&] {
                    call("pgs_tid_set_add",
                         [&] { return pgs_tid_set_add(set.get(), block, offsets, n, &error); });
                };
                try {
                    once();
                } catch (const Stopped &) {
                    once();
                }
            };
            add(0, 0);
            add(1, 3);
            const PgsFilter filter = {nullptr, 0, nullptr, 0, set.get(), false, false, 0};
            const auto made = make(call);
            std::vector<uint64_t> slots;
            try {
                slots = scan(call, made.get(), &filter);
            } catch (const Stopped &) {
                slots = scan(call, made.get(), &filter);
            }
            EXPECT_EQ(std::set(slots.begin(), slots.end()).size(), slots.size());
            EXPECT_EQ(slots.size(), 98u);
        },
        {"pgs_scan_looked_up"});
}

TEST_P(OutOfMemoryScanning, AScanOfRowsThatAreNamed) {
    scan_named_rows();
}

class OutOfMemoryScanningByAddress : public OutOfMemoryScanning {
  protected:
    OutOfMemoryScanningByAddress() : OutOfMemoryScanning({2, {{4, 1}, {8, 1, true}}}) {}
};

TEST_P(OutOfMemoryScanningByAddress, AScanOfRowsThatAreNamed) {
    scan_named_rows();
}

// What the table says of a row is kept, which may run out of memory as well.
TEST_P(OutOfMemoryScanning, AScanOfRowsThatAreLookedUp) {
    const NamedRows named({20, 21});
    PgsFilter filter = {};
    filter.tids = named.set();
    filter.may_look_up = true;
    fail_in_turn(
        [&](Caller &call) {
            const auto made = make(call);
            try {
                scan(call, made.get(), &filter);
            } catch (const Stopped &) {
                EXPECT_EQ(scan(call, made.get(), &filter), std::vector<uint64_t>(2, PGS_NO_SLOT));
                throw;
            }
        },
        {"pgs_next"});
}

TEST_P(OutOfMemoryScanning, AScanOfRowsWithin) {
    PgsFilter filter = {};
    filter.is_bounded = true;
    filter.bound = 1e9;
    expect_all(&filter);
}

// Conditions that postings answer, and one that leaves something to keys; an exact search of so few
// rows asks postings how many satisfy them, and then looks at all rows.
TEST_P(OutOfMemoryScanning, AScanWithConditions) {
    Condition most, few, either;
    most.keys(0, {{0, 2}});
    few.group(PGS_FILTER_ALL, [&] {
        few.keys(0, {{1, 1}});
        few.keys(1, {{pgs_no_key(4), pgs_no_key(4)}});
    });
    either.group(PGS_FILTER_ANY, [&] {
        either.group(PGS_FILTER_ALL, [&] {
            either.keys(1, {{0, 0}, {2, 3}});
            either.keys(0, {{2, 2}});
        });
        either.keys(0, {{0, 0}, {pgs_null_key(4), pgs_null_key(4)}});
    });
    uint64_t key_pages = 0;
    for (const Condition *condition : {&most, &few, &either}) {
        const PgsFilter filter = condition->filter();
        Names called, failed;
        Caller unharmed(0, called, failed);
        const auto first = make(unharmed);
        const std::vector<uint64_t> expected = scan(unharmed, first.get(), &filter);
        EXPECT_GT(expected.size(), 3u);
        EXPECT_EQ(pgs_scan_filtering(first.get()),
                  GetParam() ? PGS_FILTERING_ROWS : PGS_FILTERING_MATCHES);
        PgsWork work = {};
        pgs_scan_work(first.get(), &work);
        EXPECT_GT(work.posting_pages, 0u);
        key_pages += work.key_pages;
        fail_in_turn(
            [&](Caller &call) {
                const auto made = make(call);
                try {
                    EXPECT_EQ(scan(call, made.get(), &filter), expected);
                } catch (const Stopped &) {
                    EXPECT_EQ(scan(call, made.get(), &filter), expected);
                    throw;
                }
            },
            {"pgs_scan_looked_up"});
    }
    EXPECT_TRUE(GetParam() || key_pages > 0);
}

INSTANTIATE_TEST_SUITE_P(ApproximateAndExact, OutOfMemoryScanning, testing::Bool());
INSTANTIATE_TEST_SUITE_P(ApproximateAndExact, OutOfMemoryScanningByAddress, testing::Bool());

TEST_F(OutOfMemory, RankingATable) {
    const std::vector<TestRow> table = rows(150);
    const PgsOptions signs = {kDims, PGS_HAMMING, PGS_BITS, "", "", 0, {}, 0, true};
    Page meta;
    pgs_meta_init(&meta, &signs);
    fail_in_turn(
        [&](Caller &call) {
            std::vector<PgsTableRow> drawn;
            for (uint32_t i = 0; i < 4; i++) {
                drawn.push_back({table[i].vector.data(), i});
            }
            const auto ranks = call.make<PgsSignRanks>(
                "pgs_sign_ranks_create", pgs_sign_ranks_destroy, [&](PgsSignRanks **made) {
                    return pgs_sign_ranks_create(PGS_L2, kDims, drawn.data(), 4,
                                                 table[5].vector.data(), 1, made);
                });
            for (uint32_t i = 0; i < table.size(); i++) {
                const PgsTableRow row = {table[i].vector.data(), i};
                call("pgs_sign_ranks_add", [&] { return pgs_sign_ranks_add(ranks.get(), &row); });
            }
            call("pgs_sign_ranks_finish", [&] { return pgs_sign_ranks_finish(ranks.get()); });
            pgs_meta_set_candidates(&meta, ranks.get());
        },
        {"pgs_sign_ranks_add"});
}

TEST_F(OutOfMemory, Calibrating) {
    fail_in_turn([&](Caller &call) {
        const auto sampler = call.make<PgsSampler>(
            "pgs_sampler_create", pgs_sampler_destroy, [&](PgsSampler **made) {
                return pgs_sampler_create(&index_.meta(), index_.codebook(), 4, PGS_DRAW_ALL, 1,
                                          made);
            });
        pump(call, pgs_sampler_machine(sampler.get()));
        const auto calibration = call.make<PgsCalibration>(
            "pgs_calibration_create", pgs_calibration_destroy, [&](PgsCalibration **made) {
                const PgsCalibrationOptions options = {136, 1 << 16, false, false, nullptr, 0};
                return pgs_calibration_create(&index_.meta(), index_.codebook(), sampler.get(),
                                              &options, made);
            });
        pump(call, pgs_calibration_machine(calibration.get()));
    });
}

TEST_F(OutOfMemory, GuessingHowManyRowsLieWithin) {
    index_.calibrate(20, true);
    const Vector query = rows(1)[0].vector;
    fail_in_turn([&](Caller &call) {
        double share = 0;
        call("pgs_expected_within", [&] {
            return pgs_expected_within(&index_.meta(), index_.codebook(), query.data(), 10, &share);
        });
        EXPECT_TRUE(share >= 0 && share <= 1) << share;
    });
}

TEST_F(OutOfMemory, Verifying) {
    fail_in_turn([&](Caller &call) {
        const auto verify = call.make<PgsVerify>(
            "pgs_verify_create", pgs_verify_destroy,
            [&](PgsVerify **made) { return pgs_verify_create(&index_.meta(), made); });
        pump(call, pgs_verify_machine(verify.get()));
    });
}

TEST_F(OutOfMemory, Flushing) {
    fail_in_turn([&](Caller &call) {
        const auto task =
            call.make<PgsTask>("pgs_flush_create", pgs_task_destroy, [&](PgsTask **made) {
                return pgs_flush_create(&index_.meta(), index_.info().sealed_parts, 1 << 16, made);
            });
        carry_out(call, task.get(), {});
    });
}

TEST_F(OutOfMemory, Merging) {
    fail_in_turn([&](Caller &call) {
        const auto task =
            call.make<PgsTask>("pgs_merge_create", pgs_task_destroy, [&](PgsTask **made) {
                return pgs_merge_create(&index_.meta(), all_segments(index_), {1}, made);
            });
        carry_out(call, task.get(), {});
    });
}

TEST_F(OutOfMemory, Moving) {
    const uint32_t first = table_block(meta_of(index_.meta()), 0, kRecordColumn);
    fail_in_turn(
        [&](Caller &call) {
            const auto task = call.make<PgsTask>(
                "pgs_move_create", pgs_task_destroy,
                [&](PgsTask **made) { return pgs_move_create(&index_.meta(), first, made); });
            carry_out(call, task.get(), {});
        },
        {"pgs_next", "pgs_page", "pgs_task_reserved"});
}

TEST_F(OutOfMemory, Rewriting) {
    const ListedRows all = stored_rows(index_, index_.codebook(), {1});
    fail_in_turn(
        [&](Caller &call) {
            const auto task =
                call.make<PgsTask>("pgs_rewrite_create", pgs_task_destroy, [&](PgsTask **made) {
                    return pgs_rewrite_create(&index_.meta(), index_.codebook(), {1}, all.size(),
                                              made);
                });
            carry_out(call, task.get(), all);
        },
        {"pgs_next"});
}

}  // namespace
}  // namespace pgslab
