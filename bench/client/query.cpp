#include <algorithm>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "client/commands.h"
#include "client/search.h"
#include "client/session.h"
#include "client/timing.h"
#include "common/record.h"
#include "common/vecs.h"

namespace bench {
namespace {

// Runs each query once, to bring what it reads into memory.
void warm_up(Connection &connection, const std::vector<std::string> &queries) {
    for (const std::string &query : queries) {
        connection.execute("q", query, true);
    }
}

// Warms up as well.
double measure_recall(Connection &connection, const Options &options,
                      const std::vector<std::string> &queries) {
    const size_t k = neighbours(options);
    const Matrix<int32_t> truth = read_vecs<int32_t>(options.text("truth"), queries.size());
    if (truth.rows < queries.size() || truth.dims < k) {
        die(options.text("truth") + " has too few rows or neighbours");
    }
    size_t found = 0;
    for (size_t q = 0; q < queries.size(); q++) {
        const Rows rows = connection.execute("q", queries[q], true);
        const std::unordered_set<int64_t> nearest(truth.row(q), truth.row(q) + k);
        for (int i = 0; i < rows.count(); i++) {
            found += nearest.count(rows.bigint(i, 0));
        }
    }
    return static_cast<double>(found) / static_cast<double>(k * queries.size());
}

}  // namespace

void run_queries(const Options &options) {
    const std::vector<std::string> queries = read_queries(options);
    std::vector<std::unique_ptr<Connection>> sessions;
    std::vector<Connection *> connections;
    for (size_t i = 0; i < std::max<size_t>(1, options.count("clients", 1)); i++) {
        sessions.push_back(open_session(options));
        connections.push_back(sessions.back().get());
        connections.back()->prepare("q", search_sql(options));
        check_plan(*connections.back(), options, queries.at(0));
    }
    double recall = 0;
    for (Connection *connection : connections) {
        if (options.has("truth")) {
            recall = measure_recall(*connection, options, queries);
        } else {
            warm_up(*connection, queries);
        }
    }
    const Timing timing = time_statement(connections, queries, options);

    Record record(options);
    record.add("queries", static_cast<double>(timing.seconds.size()), 0);
    if (options.has("truth")) {
        record.add("recall", recall, 4);
    } else {
        record.add("recall", "");
    }
    add_timing(record, timing);
    record.write();
}

}  // namespace bench
