// Runs one prepared statement with many parameters, and measures it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/connection.h"
#include "common/options.h"
#include "common/record.h"

namespace bench {

struct Timing {
    std::vector<double> seconds;  // of every execution, sorted
    double elapsed = 0;
    double cpu = 0;      // seconds of client and server
    double foreign = 0;  // share of one processor that others used meanwhile
};

// Executes statement "q" with all parameters in turn, at least once and for at least --seconds (2);
// over each of the connections, at the same time. --cpu N keeps client and backend on that
// processor, of a further connection on the next one. --wait-idle S waits up to S seconds for
// others to be quiet. While others used more than --max-foreign (0.05) of a processor it is tried
// again, up to --attempts (1) times, and the quietest attempt counts.
Timing time_statement(const std::vector<Connection *> &connections,
                      const std::vector<std::string> &parameters, const Options &options);

// Of sorted values, of which there is one at least: what `share` of them do not exceed.
double percentile(const std::vector<double> &sorted, double share);

// Adds qps, mean_ms, p50_ms, p95_ms, p99_ms, cpu_ms (a query) and foreign_cpu.
void add_timing(Record &record, const Timing &timing);

}  // namespace bench
