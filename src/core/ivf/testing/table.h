// A table with an index on it, built and then inserted into and deleted from, and what an
// ordered scan of it must give.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "ivf/testing/memory_index.h"
#include "ivf/testing/order.h"
#include "ivf/testing/scanner.h"
#include "quantize/testing/hard_vectors.h"

namespace pgslab {

class Table {
  public:
    // rows of them: the first half built with so many lists, the others inserted, a random tenth
    // deleted afterwards. draw() gives the next vector.
    template <typename Draw>
    Table(Random &random, const PgsOptions &options, uint32_t rows, Draw draw, uint32_t lists = 5)
        : metric_(options.metric), index_(options, draw_rows(rows / 2, draw), lists) {
        while (drawn_ < rows) {
            insert(draw());
        }
        std::vector<bool> dead(rows);
        for (uint32_t i = 0; i < rows; i++) {
            dead[i] = random() % 10 == 0;
        }
        index_.vacuum([&](PgsTid tid) { return dead[number_of(tid)]; });
        std::erase_if(live_, [&](const auto &row) { return dead[row.first]; });
    }

    void insert(const Vector &vector) {
        const TestRow row = {tid_number(drawn_++), vector};
        if (index_.insert(row)) {
            live_[number_of(row.tid)] = vector;
        }
    }

    MemoryIndex &index() { return index_; }
    const MemoryIndex &index() const { return index_; }
    PgsMetric metric() const { return metric_; }

    // Vectors of the rows a scan must return, by the number of their tid.
    const std::map<uint32_t, Vector> &live() const { return live_; }

    const Vector &some_vector(Random &random) const {
        return std::next(live_.begin(), static_cast<ptrdiff_t>(random() % live_.size()))->second;
    }

    double value(const ScannedRow &row, const Vector &query) const {
        return operator_value(metric_, query, live_.at(number_of(row.tid)));
    }

    std::vector<double> values(const std::vector<ScannedRow> &rows, const Vector &query) const {
        std::vector<double> all;
        for (const ScannedRow &row : rows) {
            all.push_back(value(row, query));
        }
        return all;
    }

    // The operator's values of all live rows, by the number of their tid.
    RowValues live_values(const Vector &query) const {
        RowValues all;
        for (const auto &[number, vector] : live_) {
            all[number] = operator_value(metric_, query, vector);
        }
        return all;
    }

    // The same, ascending.
    std::vector<double> brute_force(const Vector &query) const {
        std::vector<double> all;
        for (const auto &[number, vector] : live_) {
            all.push_back(operator_value(metric_, query, vector));
        }
        std::sort(all.begin(), all.end());
        return all;
    }

  private:
    template <typename Draw>
    std::vector<TestRow> draw_rows(uint32_t rows, Draw draw) {
        std::vector<TestRow> drawn;
        while (drawn_ < rows) {
            drawn.push_back({tid_number(drawn_++), draw()});
            const Vector &v = drawn.back().vector;
            const bool zero = std::all_of(v.begin(), v.end(), [](float x) { return x == 0; });
            if (metric_ != PGS_COSINE || !zero) {
                live_[drawn_ - 1] = v;
            }
        }
        return drawn;
    }

    PgsMetric metric_;
    uint32_t drawn_ = 0;
    std::map<uint32_t, Vector> live_;
    MemoryIndex index_;  // after what draw_rows() fills
};

// Vectors that are hard one by one and hard to tell from one another.
class HardDraw {
  public:
    HardDraw(Random &random, size_t dims) : random_(random), dims_(dims) {}

    Vector operator()() {
        const bool related = !drawn_.empty() && random_() % 3 == 0;
        drawn_.push_back(related ? neighbour(random_, drawn_[random_() % drawn_.size()])
                                 : any_hard_vector(random_, dims_));
        return drawn_.back();
    }

  private:
    Random &random_;
    size_t dims_;
    std::vector<Vector> drawn_;
};

}  // namespace pgslab
