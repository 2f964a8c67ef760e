// Ordered search: rows by ascending distance from a query, for as long as the caller asks. Exact
// and approximate search are one loop.
//
// A pass looks at codes and keeps the rows that may be among the nearest (top_k.h):
//
//   approximate  the lists nearest to the query (probe.h): one-bit codes (code_filter.h), and the
//                refinement codes of what those leave (refine.h); then the sidecar's rows of the
//                same lists (flat.h). It stops where the stop rule says (stop_rule.h). Bounds hold
//                with a probability.
//   exact        the refinement codes of all rows (flat.h), with bounds that hold always.
//   either, without refinement codes to look at: the vectors themselves.
//
// With a filter, what postings there are to it is looked at first, and the strategy chosen by that:
//
//   few rows satisfy it   they are found by postings (matches.h) and all compared, list by list,
//                         with bounds that hold always: an exact search at the price of the rows;
//   more                  an approximate search that leaves out the codes of other rows, and lists
//                         without any that satisfy it. Postings tell which those are;
//   most                  the same, but the keys of the rows of each list tell (row_mask.h). Should
//                         that take as many pages as the postings have, these are read after all.
//
// Where the filter names rows of the table, as other indexes have found them, very few are looked
// up there (look_ups.h). If the index has a column of addresses, that a row is named is a condition
// on its keys. Else all records are walked over, as they alone know which rows those are: few are
// compared one by one on the way; of many it is kept which they are (selected.h), and an
// approximate search leaves out all others.
//
// Then the rows kept are taken in the order of their bounds, their stored vectors compared, and
// returned as soon as nothing can come before them (rerank.h).
//
// When the caller has taken what the pass was made for and wants more, another pass follows, for
// eight times as many rows, that leaves out what was returned. An exact search returns every row.
// An approximate one may come upon rows that lie before those it has returned, and leaves them out:
// rows always come in the operator's order.
//
// A machine that asks for pages and for rows to be looked up. Which page it has asked for is kept
// (page_request.h), and the page goes to the part that it was asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ivf/codebook.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"
#include "search/code_filter.h"
#include "search/context.h"
#include "search/flat.h"
#include "search/look_ups.h"
#include "search/matches.h"
#include "search/page_request.h"
#include "search/probe.h"
#include "search/query.h"
#include "search/recall_log.h"
#include "search/refine.h"
#include "search/rerank.h"
#include "search/selected.h"
#include "search/stop_rule.h"
#include "search/top_k.h"
#include "search/unordered.h"
#include "store/machine.h"
#include "store/page.h"

namespace pgslab {

class Search final : public Machine {
  public:
    explicit Search(size_t memory_bytes) noexcept;

    // See pgs_scan_start(). May throw std::bad_alloc, as may next(), page() and looked_up().
    PgsStatus start(const Page &meta, const Codebook &codebook, const float *query,
                    const PgsFilter *filter, const PgsEffort &effort, bool believe_killed,
                    PgsError *error);
    PgsStatus next(PgsRequest &request, PgsError *error) override;
    PgsStatus page(const Page &page, PgsError *error) override;
    std::span<const PgsUpcoming> upcoming() const noexcept override {
        return context_.upcoming.pages();
    }

    // The vector, float[dims], of the row that was asked for; null when the caller sees none there.
    void looked_up(const float *vector);

    // See pgs_scan_goes_by_told_values() and pgs_scan_told(), which may throw, too.
    void go_by_told_values() noexcept { context_.query.is_told = true; }
    void told(double value);

    // Where the record of a slot lies that was returned or asked for.
    PgsRecordPage record_page(uint64_t address, uint32_t *index) const noexcept;
    const PgsWork &work() const noexcept { return context_.work; }

    // See pgs_scan_estimated_recall(), pgs_scan_filtering().
    double estimated_recall() const noexcept;
    PgsFiltering filtering() const noexcept;

    // Tells a log about this search, until the next start; it must live as long.
    void keep_log(RecallLog &log) noexcept { context_.log = &log; }
    const StopRule &stop_rule() const noexcept { return context_.stop; }

    // Of the row last returned.
    uint32_t list() const noexcept { return rerank_.list(); }
    const Query &query() const noexcept { return context_.query; }
    const CodeBound &bound() const noexcept { return *context_.bound; }

  private:
    // kByLists, if there are lists, kFlat and kRerank are the phases of a pass. kMatches comes
    // before all passes, or while lists are visited; kSelect before all. kLookUps has no pass.
    enum class Phase { kEnd, kUnordered, kLookUps, kMatches, kSelect, kByLists, kFlat, kRerank };

    void begin_search();
    void begin_pass();
    double lists_to_visit(double share) const noexcept;
    double key_page_price() const noexcept;
    double key_pages_expected() const noexcept;
    bool is_worth_resolving() const noexcept;
    void choose_strategy();
    bool begin_with_tids();
    void compare_all();
    void leave_lists();
    bool are_few_named_rows(double rows) const noexcept;
    void next_of_selected(PgsRequest &request, bool *is_request);
    void next_of_matches(PgsRequest &request, bool *is_request);
    PgsStatus advance(PgsRequest &request, bool *is_request, PgsError *error);
    void next_unordered(PgsRequest &request);
    PgsStatus next_of_lists(PgsRequest &request, bool *is_request, PgsError *error);
    PgsStatus next_run(PgsRequest &request, bool *is_request, PgsError *error);
    void next_of_flat(PgsRequest &request, bool *is_request);
    PgsStatus next_of_rerank(PgsRequest &request, bool *is_request, PgsError *error);
    void ask(Stage stage, const PageIdentity &page, PgsRequest &request) noexcept;

    SearchContext context_;
    TopK top_;
    Unordered unordered_;
    LookUps look_ups_;
    Matches matches_;
    Selected selected_;
    Probe probe_;
    CodeFilter filter_;
    Refine refine_;
    Flat flat_;
    Rerank rerank_;
    Phase phase_ = Phase::kUnordered;
    bool is_begun_ = false;  // the first pass
    PageRequest asked_;
};

}  // namespace pgslab
