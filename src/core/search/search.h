// Ordered search: rows by ascending distance from a query, for as long as the caller asks. Exact
// and approximate search are one loop.
//
// A pass looks at codes and keeps the rows that may be among the nearest (top_k.h):
//
//   approximate  the lists nearest to the query (probe.h): one-bit codes first (code_filter.h),
//   then
//                the refinement codes of what those leave (refine.h); then the sidecar's rows of
//                the same lists (flat.h). It stops at the list that is not expected to have
//                anything nearer than what was found. Bounds hold with a probability.
//   exact        the refinement codes of all rows (flat.h), with bounds that hold always.
//   either, without refinement codes to look at: the vectors themselves.
//
// Then the rows kept are taken in the order of their bounds, their stored vectors compared, and
// returned as soon as nothing can come before them (rerank.h).
//
// When the caller has taken what the pass was made for and wants more, another pass follows, for
// eight times as many rows, that leaves out what was returned. An exact search returns every row.
// An approximate one may come upon rows that lie before those it has returned, and leaves them out:
// rows always come in the operator's order.
//
// Sans-IO: next() says which page or row is wanted, page() and looked_up() take it. What was asked
// for is kept (request.h), and a page goes to the part that it was asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/page.h"
#include "index/codebook.h"
#include "pgslab_core.h"
#include "search/code_filter.h"
#include "search/context.h"
#include "search/flat.h"
#include "search/probe.h"
#include "search/query.h"
#include "search/refine.h"
#include "search/request.h"
#include "search/rerank.h"
#include "search/top_k.h"
#include "search/unordered.h"

namespace pgslab {

class Search final {
  public:
    explicit Search(size_t memory_bytes) noexcept;
    Search(const Search &) = delete;
    Search &operator=(const Search &) = delete;

    // See pgs_scan_start(). May throw std::bad_alloc, as may next(), page() and looked_up().
    void start(const Page &meta, const Codebook &codebook, const float *query,
               const PgsEffort &effort, bool believe_killed);
    PgsStatus next(PgsStep &step, PgsError *error);
    PgsStatus page(const Page &page, PgsError *error);

    // The vector, float[dims], of the row that was asked for; null when the caller sees none there.
    void looked_up(const float *vector) { rerank_.looked_up(vector); }

    // Where the record of a slot lies that was returned or asked for.
    PgsRecordPage record_page(uint64_t address, uint32_t *index) const noexcept;
    const PgsWork &work() const noexcept { return context_.work; }

    // What the last next() has found out of what comes next; see pgs_scan_upcoming().
    const std::vector<PgsUpcoming> &upcoming() const noexcept { return context_.upcoming.pages(); }

    // Of the row last returned.
    uint32_t list() const noexcept { return rerank_.list(); }
    const Query &query() const noexcept { return context_.query; }

  private:
    // kLists, if there are lists, kFlat and kRerank are the phases of a pass.
    enum class Phase { kUnordered, kLists, kFlat, kRerank };

    void begin_pass();
    PgsStatus advance(PgsStep &step, bool *is_step, PgsError *error);
    void next_unordered(PgsStep &step);
    PgsStatus next_of_lists(PgsStep &step, bool *is_step, PgsError *error);
    PgsStatus next_run(PgsStep &step, bool *is_step, PgsError *error);
    void next_of_flat(PgsStep &step, bool *is_step);
    PgsStatus next_of_rerank(PgsStep &step, bool *is_step, PgsError *error);
    void ask(Stage stage, const PageIdentity &page, PgsStep &step) noexcept;

    SearchContext context_;
    TopK top_;
    Unordered unordered_;
    Probe probe_;
    CodeFilter filter_;
    Refine refine_;
    Flat flat_;
    Rerank rerank_;
    Phase phase_ = Phase::kUnordered;
    Request request_;
};

}  // namespace pgslab
