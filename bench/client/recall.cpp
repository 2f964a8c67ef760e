#include <algorithm>
#include <cstdint>
#include <unordered_set>

#include "client/commands.h"
#include "client/search.h"
#include "client/session.h"
#include "common/record.h"
#include "common/vecs.h"

namespace bench {
namespace {

using Answer = std::unordered_set<int64_t>;

Answer search(Connection &connection, const std::string &query) {
    const Rows rows = connection.execute("q", query, true);
    Answer answer;
    for (int i = 0; i < rows.count(); i++) {
        answer.insert(rows.bigint(i, 0));
    }
    return answer;
}

std::unique_ptr<Connection> open_search(const Options &options, const std::string &setting) {
    auto connection = open_session(options);
    connection->configure(setting);
    connection->prepare("q", search_sql(options));
    return connection;
}

// The share of the true answer that is in the other one.
double found(const Answer &truth, const Answer &answer) {
    size_t common = 0;
    for (const int64_t id : truth) {
        common += answer.count(id);
    }
    return static_cast<double>(common) / static_cast<double>(truth.size());
}

}  // namespace

void check_recall(const Options &options) {
    const std::vector<std::string> queries = read_queries(options);
    const size_t check = std::min(options.count("check", 0), queries.size());
    const auto approximate = open_search(options, "slab.exact=off");
    const auto exact = open_search(options, "slab.exact=on");
    const auto sequential = open_search(options, "enable_indexscan=off");
    sequential->configure("enable_seqscan=on");
    check_plan(*sequential, options, queries.at(0), "Seq Scan");
    check_plan(*approximate, options, queries.at(0));
    check_plan(*exact, options, queries.at(0));
    double sum = 0, worst = 1, agreed = 0;
    for (size_t i = 0; i < queries.size(); i++) {
        const Answer truth = search(*exact, queries[i]);
        if (truth.size() < neighbours(options)) {
            die(options.text("table") + " has too few rows");
        }
        const double recall = found(truth, search(*approximate, queries[i]));
        sum += recall;
        worst = std::min(worst, recall);
        if (i < check) {
            agreed += found(search(*sequential, queries[i]), truth);
        }
    }
    Record record(options);
    record.add("rows", approximate->value("SELECT count(*) FROM " + options.text("table")));
    record.add("queries", static_cast<double>(queries.size()), 0);
    record.add("recall", sum / static_cast<double>(queries.size()), 4);
    record.add("worst_query", worst, 2);
    record.add("checked", static_cast<double>(check), 0);
    if (check > 0) {
        record.add("exact_is_sequential", agreed / static_cast<double>(check), 4);
    } else {
        record.add("exact_is_sequential", "");
    }
    record.write();
}

}  // namespace bench
