// What the client can do. Each command connects as --conninfo says, applies every --guc NAME=VALUE
// to its session, and ends the program when anything goes wrong.
#pragma once

#include "common/options.h"

namespace bench {

// Fills --table with --rows rows of --base (all), from row --first (0) on; id is the number of the
// row, counted from --first-id (--first). Unless there is --append it creates the table first,
// (id bigint, embedding --type (dims)), and gives it a primary key afterwards.
void load_table(const Options &options);

// Runs --sql, which has to do with the index --index. Records its seconds as NAME_seconds with
// NAME from --name, CPU seconds of the server, WAL bytes, the bytes of the index and what others
// used of the processors.
void run_statement(const Options &options);

// Inserts rows of --base into --table, numbered as by load: one row a transaction, prepared. It
// begins with row --first, goes there again behind the last, and ends after --rows rows or
// --seconds; without either, behind the last. --rate limits the rows a second, --cpu N keeps client
// and backend on that processor. Records rows a second and the time of one, counting the statements
// alone, and WAL bytes a row.
void insert_rows(const Options &options);

// Searches --table with the first --limit of --queries, with the settings of --guc and again with
// slab.exact, and records which share of the exact answers was found. The first --check (0) of the
// exact answers are compared with those of a sequential scan. The plan must contain --expect.
void check_recall(const Options &options);

// Top --k (10) of --table by --operator for the first --limit of --queries, timed; by --clients (1)
// at the same time, of whom each asks them all. Records recall against --truth, if given. The plan
// must contain --expect.
void run_queries(const Options &options);

// The fastest statement there is, for comparison: the row with a given id.
void run_floor(const Options &options);

// Records what the first --limit of --queries cost in counted work: buffer accesses of the plan,
// and with --last-scan each number that slab_last_scan() reports, as scan_...; means over the
// queries. The plan must contain --expect.
void count_work(const Options &options);

}  // namespace bench
