#include <cstdlib>
#include <map>
#include <string>

#include "client/commands.h"
#include "client/search.h"
#include "client/session.h"
#include "common/record.h"
#include "common/vecs.h"

namespace bench {
namespace {

using Counters = std::map<std::string, double>;

// The first number behind "name": in a plan as JSON. The top node comes first, and includes the
// others.
double json_number(const std::string &json, const std::string &name) {
    const size_t found = json.find("\"" + name + "\":");
    if (found == std::string::npos) {
        die("EXPLAIN reports no '" + name + "'");
    }
    return std::stod(json.substr(found + name.size() + 3));
}

// Adds the numbers of what slab_last_scan() reports; columns that hold none are left out.
void add_last_scan(Connection &connection, Counters &sums) {
    const Rows scan = connection.run("SELECT * FROM slab_last_scan()");
    for (int column = 0; scan.count() > 0 && column < scan.columns(); column++) {
        const std::string value = scan.text(0, column);
        char *end = nullptr;
        const double number = std::strtod(value.c_str(), &end);
        if (end != value.c_str() && *end == '\0') {
            sums["scan_" + scan.name(column)] += number;
        }
    }
}

}  // namespace

void count_work(const Options &options) {
    const auto connection = open_session(options);
    const std::vector<std::string> queries = read_queries(options);
    check_plan(*connection, options, queries.at(0));
    connection->prepare("q", search_sql(options));
    connection->prepare(
        "explain", "EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json) " + search_sql(options));
    // The first scan of a session reads the index's metadata as well.
    connection->execute("q", queries.at(0), true);
    Counters sums;
    for (const std::string &query : queries) {
        const std::string plan = connection->execute("explain", query, false).text(0, 0);
        sums["buffers"] +=
            json_number(plan, "Shared Hit Blocks") + json_number(plan, "Shared Read Blocks");
        if (options.has("last-scan")) {
            add_last_scan(*connection, sums);
        }
    }
    Record all(options);
    for (const auto &[counter, sum] : sums) {
        const double mean = sum / static_cast<double>(queries.size());
        all.add(counter, mean, 2);
        Record one(options);
        one.add("counter", counter);
        one.add("value", mean, 2);
        one.append();
    }
    all.print();
}

}  // namespace bench
