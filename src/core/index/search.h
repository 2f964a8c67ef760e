// Ordered search: rows by ascending distance from a query, for as long as the caller asks. Exact
// and approximate search are one loop.
//
// A pass looks at codes and keeps the rows that may be among the nearest (candidates.h):
//
//   approximate  the lists nearest to the query, one-bit codes first, then the refinement codes of
//                what those leave; then the sidecar's rows of the same lists. It stops at the list
//                that is not expected to have anything nearer than what was found. Bounds hold with
//                a probability.
//   exact        the refinement codes of all rows, with bounds that hold always.
//   either, without refinement codes to look at: the vectors themselves.
//
// Then the rows kept are taken in the order of their bounds, their stored vectors compared, and
// returned as soon as nothing can come before them. A stored vector says of the operator's value
// in which interval it lies; where intervals overlap, the vector itself is asked for.
//
// When the caller has taken what the pass was made for and wants more, another pass follows, for
// eight times as many rows, that leaves out what was returned. An exact search returns every row.
// An approximate one may come upon rows that lie before those it has returned, and leaves them out:
// rows always come in the operator's order.
//
// Sans-IO: next() says which page or row is wanted, page() and looked_up() take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "index/candidates.h"
#include "index/choice.h"
#include "index/codebook.h"
#include "index/evaluation.h"
#include "index/last_row.h"
#include "index/list_scan.h"
#include "index/machine.h"
#include "index/places.h"
#include "index/query.h"
#include "index/slot_set.h"
#include "index/upcoming.h"
#include "index/walker.h"
#include "kernels/kernels.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"
#include "quantize/code_bound.h"

namespace pgslab {

class Search final : public Machine, private RowSink, private BlockSink {
  public:
    explicit Search(size_t memory_bytes) noexcept;

    // See pgs_scan_start(). May throw std::bad_alloc, as may next(), page() and looked_up().
    void start(const Page &meta, const Codebook &codebook, const float *query,
               const PgsEffort &effort, bool believe_killed);
    PgsStatus next(PgsRequest &step, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;

    // The vector, float[dims], of the row that was asked for; null when the caller sees none there.
    void looked_up(const float *vector);

    PgsRecordPage record_page(uint64_t address, uint32_t *index) const noexcept;
    const PgsWork &work() const noexcept { return work_; }

    std::span<const PgsUpcoming> upcoming() const noexcept override { return upcoming_.pages(); }

    // Of the row last returned.
    uint32_t list() const noexcept { return list_of_row_; }
    const Query &query() const noexcept { return query_; }

  private:
    enum class Phase { kRows, kLists, kWalk, kEmit };

    // A row whose one-bit code did not rule it out.
    struct Survivor {
        uint64_t address;
        float estimate;
        float margin;
    };

    bool by_lists() const noexcept;
    void begin_pass();
    void begin_next_pass();
    PgsStatus collect(uint32_t *block, PgsError *error);
    PgsStatus next_of_lists(uint32_t *block, PgsError *error);
    PgsStatus next_of_survivors(uint32_t *block, PgsError *error);
    bool choose_list();
    const ListRun *run_of(uint32_t segment, uint32_t list) const noexcept;
    void announce_next_list();
    void announce_survivors();
    void announce_candidates();
    PgsStatus open_list(uint32_t *block, PgsError *error);
    PgsStatus take_directory(const Page &page, PgsError *error);
    PgsStatus take_refinements(const Page &page, PgsError *error);
    void block(const uint32_t *sums, const BlockTail &tail, uint32_t begin, uint32_t end) override;
    void keep_survivors();
    void end_of_survivors();
    void end_of_collecting();

    void piece(const Row &row, uint32_t offset, const uint8_t *bytes, uint32_t n) override;
    void row(const Row &row) override;
    void offer_code(uint64_t address, const uint8_t *code);
    const ListQuery &list_query(uint32_t list);

    PgsStatus emit(PgsRequest &step, bool *again, PgsError *error);
    bool emit_first(PgsRequest &step);
    void leave_out_first();
    PgsStatus evaluate(const Candidate &candidate, PgsError *error);
    void end_of_evaluation();
    bool next_unordered(PgsRequest &step);

    const Meta &meta() const noexcept { return meta_of_page(); }
    const Meta &meta_of_page() const noexcept;
    bool was_returned(uint64_t address) const noexcept {
        return !returned_.empty() && returned_.contains(address);
    }

    const size_t memory_bytes_;
    Page meta_;
    const Codebook *codebook_ = nullptr;
    Shape shape_ = {};
    PgsEffort effort_ = {};
    uint16_t skip_ = 0;  // flags of records to pass over
    double reach_ = 0;
    double deviations_ = 0;  // of estimates, in approximate bounds
    PgsWork work_ = {};

    Query query_;
    Places places_;
    const Kernels *kernels_ = nullptr;
    std::optional<CodeBound> bound_;  // of codes

    Phase phase_ = Phase::kRows;
    uint32_t pass_ = 0;
    Candidates candidates_;
    Upcoming upcoming_;
    double bar_estimate_ = 0;  // the candidates' bar, as an estimate is measured

    // Unordered: rows of the page in hand.
    double unordered_value_ = 0;
    std::vector<PgsRequest> rows_;
    size_t next_row_ = 0;

    // Lists.
    ListChoice choice_;
    uint64_t visited_ = 0;          // in this pass
    std::vector<bool> is_visited_;  // by list
    uint32_t list_ = 0;
    uint32_t segment_ = 0;   // of the list, being scanned; the manifest's number when all were
    bool scanning_ = false;  // list_scan_ has a list
    ListQuery at_ = {};      // the query, as seen from the list
    ListScan list_scan_;
    std::vector<std::vector<ListRun>> directories_;  // by segment
    std::vector<std::vector<bool>> directory_read_;  // by segment and page
    PageIdentity wanted_directory_ = {};
    std::vector<Survivor> survivors_;
    size_t survivor_ = 0;                  // the first not refined
    std::vector<ListQuery> list_queries_;  // by list, for rows met in slot order; distance < 0: not
                                           // computed

    // All rows, or the sidecar's, in slot order.
    Walker walker_;
    Evaluation flat_;  // of vectors met by the walk

    // Rows in the order of their bounds.
    Evaluation evaluation_;
    bool evaluating_ = false;
    LastRow last_row_;
    bool asked_for_last_row_ = false;  // to be looked up; else the first of the candidates
    uint32_t list_of_row_ = 0;         // last returned
    std::vector<uint64_t> seen_;       // slots returned, left out or found dead, in this pass
    SlotSet returned_;                 // in earlier ones
    size_t spread_ = 1;                // times the memory a pass should take
};

}  // namespace pgslab
