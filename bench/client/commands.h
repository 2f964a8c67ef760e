// What the client can do. Each command connects as --conninfo says, applies every --guc NAME=VALUE
// to its session, and ends the program when anything goes wrong.
#pragma once

#include "common/options.h"

namespace bench {

// Creates --table (id bigint, embedding --type (dims)) and fills it with the first --rows rows of
// --base; id is the number of the row.
void load_table(const Options &options);

// Runs --sql, which makes the index --index. Records seconds, CPU seconds of the server, WAL bytes,
// the bytes of the index and what others used of the processors.
void build_index(const Options &options);

// Top --k (10) of --table by --operator for the first --limit of --queries, timed. Records recall
// against --truth. The plan must contain --expect.
void run_queries(const Options &options);

// The fastest statement there is, for comparison: the row with a given id.
void run_floor(const Options &options);

// Records what the first --limit of --queries cost in counted work: buffer accesses of the plan,
// and with --last-scan each number that slab_last_scan() reports, as scan_...; means over the
// queries. The plan must contain --expect.
void count_work(const Options &options);

}  // namespace bench
