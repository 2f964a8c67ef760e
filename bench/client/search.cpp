#include "client/search.h"

#include <algorithm>

#include "common/vecs.h"

namespace bench {

size_t neighbours(const Options &options) {
    return options.count("k", 10);
}

std::string search_sql(const Options &options) {
    return "SELECT id FROM " + options.text("table") + " ORDER BY embedding " +
           options.text("operator") + " $1 LIMIT " + std::to_string(neighbours(options));
}

std::vector<std::string> read_queries(const Options &options) {
    VecsReader<float> reader(options.text("queries"));
    const size_t limit = std::min(reader.rows(), options.count("limit", reader.rows()));
    std::vector<std::string> queries;
    for (size_t i = 0; i < limit; i++) {
        queries.push_back(encode_vector(reader.next(), reader.dims()));
    }
    return queries;
}

void check_plan(Connection &connection, const Options &options, const std::string &query) {
    check_plan(connection, options, query, options.text("expect"));
}

void check_plan(Connection &connection, const Options &options, const std::string &query,
                const std::string &expected) {
    connection.prepare("plan", "EXPLAIN (COSTS OFF) " + search_sql(options));
    const Rows lines = connection.execute("plan", query, false);
    std::string plan;
    for (int i = 0; i < lines.count(); i++) {
        plan += lines.text(i, 0).substr(0, 100) + "\n";
    }
    if (plan.find(expected) == std::string::npos) {
        die("the plan has no '" + expected + "':\n" + plan);
    }
}

}  // namespace bench
