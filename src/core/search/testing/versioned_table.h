// A table whose rows go without their index being told, as they do before VACUUM, and what share of
// the nearest rows that are left a search finds.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "ivf/testing/memory_index.h"
#include "ivf/testing/order.h"
#include "ivf/testing/scanner.h"
#include "quantize/testing/hard_vectors.h"
#include "search/testing/delivered.h"

namespace pgslab {

class VersionedTable {
  public:
    // All rows are in the index as it is built; then it measures itself.
    VersionedTable(const PgsOptions &options, const std::vector<Vector> &rows, uint32_t lists)
        : metric_(options.metric), index_(options, numbered(rows), lists) {
        index_.calibrate(160, true);
    }

    MemoryIndex &index() { return index_; }
    size_t rows() const { return live_.size(); }

    void insert(const Vector &vector) {
        const TestRow row = {tid_number(drawn_++), vector};
        if (index_.insert(row)) {
            live_[number_of(row.tid)] = vector;
        }
    }

    // Each row by another.
    void update(const std::function<Vector(const Vector &)> &change) {
        const std::map<uint32_t, Vector> before = std::move(live_);
        live_.clear();
        for (const auto &[number, vector] : before) {
            insert(change(vector));
        }
    }

    // About one in `of` rows.
    void remove(Random &random, uint32_t of) {
        std::erase_if(live_, [&](const auto &) { return random() % of == 0; });
    }

    void vacuum() {
        index_.vacuum([&](PgsTid tid) { return !live_.contains(number_of(tid)); });
    }

    // Of the nearest k rows of queries, by the operator.
    Delivered delivered(const std::vector<Vector> &queries, uint32_t k, double target) const {
        std::vector<double> recalls;
        for (const Vector &query : queries) {
            recalls.push_back(recall_of(query, k, target));
        }
        return mean_of(recalls);
    }

  private:
    std::vector<TestRow> numbered(const std::vector<Vector> &rows) {
        std::vector<TestRow> numbered;
        for (const Vector &vector : rows) {
            live_[drawn_] = vector;
            numbered.push_back({tid_number(drawn_++), vector});
        }
        return numbered;
    }

    double recall_of(const Vector &query, uint32_t k, double target) const {
        std::vector<double> truth;
        for (const auto &[number, vector] : live_) {
            truth.push_back(operator_value(metric_, query, vector));
        }
        std::nth_element(truth.begin(), truth.begin() + (k - 1), truth.end());
        PgsEffort effort = {};
        effort.target_recall = target;
        effort.rows = k;
        Scanner scanner(size_t{4} << 20);
        scanner.start(index_, query.data(), false, effort);
        uint32_t hits = 0;
        for (uint32_t taken = 0; taken < k;) {
            const std::optional<ScannedRow> row = scanner.next();
            if (!row) {
                break;
            }
            const auto version = live_.find(number_of(row->tid));
            if (version != live_.end()) {
                taken++;
                hits += operator_value(metric_, query, version->second) <= truth[k - 1] ? 1 : 0;
            }
        }
        return static_cast<double>(hits) / k;
    }

    PgsMetric metric_;
    uint32_t drawn_ = 0;
    std::map<uint32_t, Vector> live_;
    MemoryIndex index_;  // after what numbered() fills
};

}  // namespace pgslab
