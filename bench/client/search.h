// The search that is measured: the top k of a table for each query of a file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/connection.h"
#include "common/options.h"

namespace bench {

size_t neighbours(const Options &options);

// The statement; its parameter is the query.
std::string search_sql(const Options &options);

// The first --limit of --queries, as parameters.
std::vector<std::string> read_queries(const Options &options);

// Ends the program when the statement's plan does not contain --expect, or what else is expected.
void check_plan(Connection &connection, const Options &options, const std::string &query);
void check_plan(Connection &connection, const Options &options, const std::string &query,
                const std::string &expected);

}  // namespace bench
