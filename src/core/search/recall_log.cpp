#include "search/recall_log.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "search/effort.h"

namespace pgslab {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr uint32_t kNever = std::numeric_limits<uint32_t>::max();

// Which rows lie at some addresses.
class ByAddress {
  public:
    explicit ByAddress(const std::vector<LoggedRow> &rows) {
        for (uint32_t i = 0; i < rows.size(); i++) {
            rows_.push_back({rows[i].address, i});
        }
        std::sort(rows_.begin(), rows_.end(),
                  [](const Row &a, const Row &b) { return a.address < b.address; });
    }

    // The number of the row; kNever where there is none.
    uint32_t find(uint64_t address) const noexcept {
        const auto at =
            std::lower_bound(rows_.begin(), rows_.end(), address,
                             [](const Row &row, uint64_t wanted) { return row.address < wanted; });
        return at != rows_.end() && at->address == address ? at->number : kNever;
    }

  private:
    struct Row {
        uint64_t address;
        uint32_t number;
    };
    std::vector<Row> rows_;
};

}  // namespace

void RecallLog::begin(uint32_t lists, uint32_t rows) {
    numbers_ =
        static_cast<size_t>(std::upper_bound(kRows.begin(), kRows.end(), rows) - kRows.begin());
    uppers_.clear();
    uppers_changed_ = false;
    bars_.assign(1, {});
    bars_[0].fill(kInfinity);
    survivors_.clear();
    refined_.clear();
    turn_.assign(lists, kNever);
    margins_.clear();
}

void RecallLog::before_list(uint32_t list, double add, const StopRule &rule,
                            const CodeBound &bound) {
    survivors_were_offered(bound);
    if (turn_[list] != kNever) {
        return;  // another pass
    }
    const double tail = rule.tail();
    turn_[list] = static_cast<uint32_t>(margins_.size());
    auto margins = margins_.empty() ? std::array<float, kRows.size()>{} : margins_.back();
    if (margins_.empty()) {
        margins.fill(-kInfinity);
    }
    for (size_t i = 0; i < numbers_; i++) {
        const auto margin = static_cast<float>(rule.margin(add, bars_.back()[i]) - tail);
        margins[i] = std::max(margins[i], margin);
    }
    margins_.push_back(margins);
}

void RecallLog::survivor(uint64_t address, float estimate, float unit) {
    survivors_.push_back({address, estimate, unit, static_cast<uint32_t>(bars_.size() - 1)});
}

void RecallLog::survivors_in_hand(const std::vector<double> &uppers) {
    in_hand_ = uppers;
    std::sort(in_hand_.begin(), in_hand_.end());
    Bars bars = bars_.back();
    for (size_t i = 0; i < numbers_; i++) {
        const size_t wanted = rows_wanted(kRows[i]);
        if (in_hand_.size() >= wanted) {
            bars[i] = std::min(bars[i], static_cast<float>(in_hand_[wanted - 1]));
        }
    }
    bars_.push_back(bars);
}

void RecallLog::offer(uint64_t address, double estimate, double unit, double upper) {
    refined_.push_back({address, static_cast<float>(estimate), static_cast<float>(unit), 0});
    const size_t most = rows_wanted(kRows[std::max<size_t>(numbers_, 1) - 1]);
    if (uppers_.size() == most && !(upper < uppers_.back())) {
        return;
    }
    uppers_.insert(std::upper_bound(uppers_.begin(), uppers_.end(), upper), upper);
    if (uppers_.size() > most) {
        uppers_.pop_back();
    }
    uppers_changed_ = true;
}

void RecallLog::survivors_were_offered(const CodeBound &bound) {
    if (!uppers_changed_) {
        return;
    }
    uppers_changed_ = false;
    Bars bars = bars_.back();
    for (size_t i = 0; i < numbers_; i++) {
        const size_t wanted = rows_wanted(kRows[i]);
        if (uppers_.size() >= wanted) {
            bars[i] = static_cast<float>(bound.to_estimate(uppers_[wanted - 1]));
        }
    }
    bars_.push_back(bars);
}

const std::vector<RecallLog::NeededByRows> &RecallLog::end(const std::vector<LoggedRow> &nearest,
                                                           const CodeBound &bound) {
    needed_.resize(nearest.size());
    for (size_t row = 0; row < nearest.size(); row++) {
        needed_[row].fill({-kInfinity, -kInfinity});
        need_list(nearest[row], needed_[row]);
    }
    // A row of the sidecar is among neither.
    const ByAddress rows(nearest);
    for (const Seen &seen : survivors_) {
        if (const uint32_t row = rows.find(seen.address); row != kNever) {
            need_survival(seen, needed_[row]);
        }
    }
    for (const Seen &seen : refined_) {
        if (const uint32_t row = rows.find(seen.address); row != kNever) {
            need_place(seen, nearest, row, bound, needed_[row]);
        }
    }
    put_easiest_first(nearest);
    return needed_;
}

// Of rows that are equally far any will do, so those that are found most easily.
void RecallLog::put_easiest_first(const std::vector<LoggedRow> &nearest) {
    const auto easier = [](const NeededByRows &a, const NeededByRows &b) {
        return a[0].deviations != b[0].deviations ? a[0].deviations < b[0].deviations
                                                  : a[0].margin < b[0].margin;
    };
    for (size_t begin = 0, end = 0; begin < nearest.size(); begin = end) {
        while (end < nearest.size() && nearest[end].value == nearest[begin].value) {
            end++;
        }
        if (end - begin > 1) {
            std::sort(needed_.begin() + static_cast<ptrdiff_t>(begin),
                      needed_.begin() + static_cast<ptrdiff_t>(end), easier);
        }
    }
}

// Its list is to be visited.
void RecallLog::need_list(const LoggedRow &row, NeededByRows &needed) const noexcept {
    const uint32_t turn = row.list < turn_.size() ? turn_[row.list] : kNever;
    for (size_t i = 0; i < numbers_ && turn < margins_.size(); i++) {
        needed[i].margin = margins_[turn][i];
    }
}

// Its one-bit code is not to be ruled out by the bar of that moment.
void RecallLog::need_survival(const Seen &seen, NeededByRows &needed) const noexcept {
    for (size_t i = 0; i < numbers_ && seen.unit > 0; i++) {
        needed[i].deviations =
            std::max(needed[i].deviations, (seen.estimate - bars_[seen.bars][i]) / seen.unit);
    }
}

// The bound of its refinement code is to lie before the last row that is wanted, or so many are
// returned without it; unless the next is as far, so that another one does.
void RecallLog::need_place(const Seen &seen, const std::vector<LoggedRow> &nearest, uint32_t row,
                           const CodeBound &bound, NeededByRows &needed) const noexcept {
    for (size_t i = 0; i < numbers_ && kRows[i] <= nearest.size() && seen.unit > 0; i++) {
        const double last = nearest[kRows[i] - 1].value;
        const double next = nearest[std::min<size_t>(kRows[i], nearest.size() - 1)].value;
        if (row < kRows[i] && nearest[row].value < next) {
            const auto beyond = static_cast<float>(seen.estimate - bound.to_estimate(last));
            needed[i].deviations = std::max(needed[i].deviations, beyond / seen.unit);
        }
    }
}

}  // namespace pgslab
