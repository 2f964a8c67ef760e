// What a search of all lists tells about those that would have stopped before: for the recall of
// each number of rows, which margin to stop at (stop_rule.h) and which deviations of bounds each of
// the nearest rows needs to be found.
//
// While the search goes on, rows are offered as to its candidates. The bar of a search for fewer
// rows would have been the same at any time, since what its own bar rules out cannot lower it; so
// one search tells about all numbers of rows.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "quantize/code_bound.h"
#include "search/stop_rule.h"

namespace pgslab {

// What a row needs so that a search finds it.
struct Needed {
    float margin;      // to stop at, more than
    float deviations;  // of bounds, more than
};

// A row that the search has found.
struct LoggedRow {
    uint64_t address;
    uint32_t list;
    double value;
};

class RecallLog {
  public:
    // Numbers of rows that are told about.
    static constexpr std::array<uint32_t, 14> kRows = {1,  2,  3,  5,   7,   10,  14,
                                                       20, 30, 50, 100, 200, 500, 1000};
    using NeededByRows = std::array<Needed, kRows.size()>;

    // Begins with a query. lists: of the codebook; rows: that are searched for, no more of them are
    // told about. May throw std::bad_alloc, as may the others.
    void begin(uint32_t lists, uint32_t rows);

    // ---- while the search goes on

    // Before a list is visited that has this ListQuery::add.
    void before_list(uint32_t list, double add, const StopRule &rule, const CodeBound &bound);

    // A row whose one-bit code meets the bar, and again whenever it meets another before it is
    // offered. unit: the margin of one deviation.
    void survivor(uint64_t address, float estimate, float unit);

    // Upper bounds, as estimates, of the survivors in hand: a bar for those that are told of next,
    // where it is below the one that there is.
    void survivors_in_hand(const std::vector<double> &uppers);

    // A row by its refinement code, and an upper bound of its value; the bar follows when all
    // survivors in hand were offered.
    void offer(uint64_t address, double estimate, double unit, double upper);
    void survivors_were_offered(const CodeBound &bound);

    // ---- afterwards

    // What the nearest rows, which are given in order, need for each of kRows. Of those that are
    // equally far, the ones that need least come first.
    const std::vector<NeededByRows> &end(const std::vector<LoggedRow> &nearest,
                                         const CodeBound &bound);

  private:
    using Bars = std::array<float, kRows.size()>;

    // unit: the margin of one deviation. bars: in bars_, those that a survivor met.
    struct Seen {
        uint64_t address;
        float estimate;
        float unit;
        uint32_t bars;
    };

    void put_easiest_first(const std::vector<LoggedRow> &nearest);
    void need_list(const LoggedRow &row, NeededByRows &needed) const noexcept;
    void need_survival(const Seen &seen, NeededByRows &needed) const noexcept;
    void need_place(const Seen &seen, const std::vector<LoggedRow> &nearest, uint32_t row,
                    const CodeBound &bound, NeededByRows &needed) const noexcept;

    size_t numbers_ = 0;          // of kRows
    std::vector<double> uppers_;  // the smallest, ascending
    bool uppers_changed_ = false;
    std::vector<double> in_hand_;  // upper bounds, ascending
    std::vector<Bars> bars_;       // that survivors met, one after the other
    std::vector<Seen> survivors_;
    std::vector<Seen> refined_;
    std::vector<uint32_t> turn_;                            // by list: when it was visited
    std::vector<std::array<float, kRows.size()>> margins_;  // by turn: the largest so far
    std::vector<NeededByRows> needed_;
};

}  // namespace pgslab
