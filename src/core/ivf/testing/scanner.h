// Scans and verifications of a PageStore, to their end, through the boundary.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "ivf/testing/memory_index.h"
#include "pgslab_core.h"
#include "store/testing/page_store.h"
#include "store/testing/pump.h"

namespace pgslab {

struct ScannedRow {
    PgsTid tid;
    double bound;  // that the operator's value is not below
    uint64_t slot;
};

constexpr PgsEffort kExact = {true, false, 0, 0, 0, 0};
constexpr PgsEffort kExactAsStored = {true, true, 0, 0, 0, 0};
constexpr PgsEffort effort_for(double recall, uint32_t rows = 0) {
    return {false, false, recall, 0, 0, rows};
}
// For all rows, so that none is missed.
constexpr PgsEffort effort_as_stored(double recall) {
    return {false, true, recall, 0, 0, 1 << 20};
}

class Scanner {
  public:
    // Memory 0 keeps as few candidates as a scan can.
    explicit Scanner(size_t memory_bytes = 0) : scan_(nullptr, pgs_scan_destroy) {
        PgsScan *scan = nullptr;
        require(pgs_scan_create(memory_bytes, &scan), {PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "scan"});
        scan_.reset(scan);
    }

    // The store is read until the scan's end or the next start, and so are the vectors, in which
    // rows are looked up; what is not there is not visible.
    void start(const PageStore &store, const Page &meta, const PgsCodebook *codebook,
               const RowVectors *vectors, const float *query, bool believe_killed = false,
               const PgsEffort &effort = kExact, const PgsFilter *filter = nullptr) {
        store_ = &store;
        vectors_ = vectors;
        invisible_.clear();
        reads_ = 0;
        unannounced_ = 0;
        announced_.clear();
        read_.clear();
        PgsError error;
        require(pgs_scan_start(scan_.get(), &meta, codebook, query, filter, &effort, believe_killed,
                               &error),
                error);
    }
    void start(const MemoryIndex &index, const float *query, bool believe_killed = false,
               const PgsEffort &effort = kExact, const PgsFilter *filter = nullptr) {
        start(index.store(), index.meta(), index.codebook(), index.vectors(), query, believe_killed,
              effort, filter);
    }

    // A row that is not found when it is looked up.
    void hide(uint32_t number) { invisible_.insert(number); }

    // The next row, or nothing at the end.
    std::optional<ScannedRow> next() {
        PgsError error = {};
        for (;;) {
            const PgsRequest request = ask(machine());
            switch (request.kind) {
                case PGS_REQUEST_PAGE:
                    note_upcoming(request.block);
                    reads_++;
                    give_page(machine(), *store_, request.block);
                    break;
                case PGS_REQUEST_LOOK_UP:
                    require(pgs_scan_looked_up(scan_.get(), vector_of(request.tid), &error), error);
                    break;
                case PGS_REQUEST_FOUND:
                    return ScannedRow{request.tid, request.value, request.slot};
                case PGS_REQUEST_DONE:
                    return std::nullopt;
                default:
                    throw std::logic_error("a scan asks for what is no scan's");
            }
        }
    }

    // The rows that are left, or the next ones, if there are more.
    std::vector<ScannedRow> rest(size_t most = std::numeric_limits<size_t>::max()) {
        std::vector<ScannedRow> rows;
        while (rows.size() < most) {
            const std::optional<ScannedRow> row = next();
            if (!row) {
                break;
            }
            rows.push_back(*row);
        }
        return rows;
    }

    PgsRecordPage record_page(uint64_t slot, uint32_t *index) const {
        return pgs_scan_record(scan_.get(), slot, index);
    }

    PgsWork work() const {
        PgsWork work;
        pgs_scan_work(scan_.get(), &work);
        return work;
    }

    PgsFiltering filtering() const { return pgs_scan_filtering(scan_.get()); }

    // Pages read since the start; how many of them, read for the first time, had not been
    // announced; and how many were announced and not read so far.
    uint64_t reads() const { return reads_; }
    uint64_t unannounced() const { return unannounced_; }
    uint64_t not_read() const { return announced_.size(); }

  private:
    PgsMachine *machine() const { return pgs_scan_machine(scan_.get()); }

    const float *vector_of(PgsTid tid) const {
        if (vectors_ == nullptr) {
            throw std::logic_error("a row was to be looked up");
        }
        const auto found = vectors_->find(number_of(tid));
        const bool is_visible = found != vectors_->end() && !invisible_.contains(number_of(tid));
        return is_visible ? found->second.data() : nullptr;
    }

    void note_upcoming(uint32_t block) {
        const PgsUpcoming *upcoming = nullptr;
        const uint32_t n = pgs_upcoming(machine(), &upcoming);
        for (uint32_t i = 0; i < n; i++) {
            const PgsUpcoming &page = upcoming[i];
            if (page.block == kMetaBlock || page.block >= store_->blocks() ||
                page.offset < kPayloadOffset || page.bytes == 0 ||
                page.offset + page.bytes > kPageBytes) {
                throw std::logic_error("what is announced does not exist");
            }
            if (!read_.contains(page.block)) {
                announced_.insert(page.block);
            }
        }
        const bool foreseen = announced_.erase(block) > 0;
        unannounced_ += read_.insert(block).second && !foreseen ? 1 : 0;
    }

    std::unique_ptr<PgsScan, void (*)(PgsScan *)> scan_;
    const PageStore *store_ = nullptr;
    const RowVectors *vectors_ = nullptr;
    std::set<uint32_t> invisible_;
    uint64_t reads_ = 0;
    uint64_t unannounced_ = 0;
    std::set<uint32_t> announced_;  // and not read
    std::set<uint32_t> read_;
};

inline std::vector<ScannedRow> scan_all(const MemoryIndex &index, const Vector &query) {
    Scanner scanner;
    scanner.start(index, query.data());
    return scanner.rest();
}

struct Verified {
    std::vector<PgsVerifiedRow> rows;
    std::set<uint32_t> blocks;  // asked for, without the metapage
};

// Verifies everything a metapage names; before_page() is called before each page is read. Throws
// CoreFailure at the first contradiction.
template <typename BeforePage>
Verified verify(const PageStore &store, const Page &meta, BeforePage before_page) {
    PgsVerify *created = nullptr;
    require(pgs_verify_create(&meta, &created), {PGS_OUT_OF_MEMORY, PGS_NO_BLOCK, "verify"});
    const std::unique_ptr<PgsVerify, void (*)(PgsVerify *)> verify(created, pgs_verify_destroy);
    PgsMachine *const machine = pgs_verify_machine(created);
    Verified verified;
    for (;;) {
        const PgsRequest request = ask(machine);
        if (request.kind == PGS_REQUEST_DONE) {
            return verified;
        }
        before_page();
        verified.blocks.insert(request.block);
        give_page(machine, store, request.block);
        size_t count = 0;
        const PgsVerifiedRow *rows = pgs_verify_rows(created, &count);
        verified.rows.insert(verified.rows.end(), rows, rows + count);
    }
}

// The same from the metapage on, which is checked first.
inline Verified verify(const PageStore &store) {
    PgsError error;
    const Page meta = store.read(0);
    require(pgs_meta_check(&meta, &error), error);
    return verify(store, meta, [] {});
}

}  // namespace pgslab
