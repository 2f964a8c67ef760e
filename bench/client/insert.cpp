#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "client/commands.h"
#include "client/cpu.h"
#include "client/session.h"
#include "client/timing.h"
#include "common/record.h"
#include "common/vecs.h"

namespace bench {
namespace {

// Rows are encoded a chunk at a time, and statements alone are timed.
constexpr size_t kChunk = 256;

// The next rows as parameters of the statement; behind the last one comes --first again.
std::vector<std::vector<std::string>> encode_chunk(VecsReader<float> &base, size_t first,
                                                   size_t first_id, size_t rows) {
    std::vector<std::vector<std::string>> chunk(rows);
    for (size_t i = 0; i < rows; i++) {
        if (base.at_end()) {
            base.seek(first);
        }
        std::string id;
        append_int64(id, static_cast<int64_t>(first_id + i));
        chunk[i] = {id, encode_vector(base.next(), base.dims())};
    }
    return chunk;
}

void wait_until(double time) {
    const double left = time - now();
    if (left > 0) {
        usleep(static_cast<useconds_t>(left * 1e6));
    }
}

// Seconds that each insert took.
std::vector<double> run_inserts(Connection &connection, VecsReader<float> &base,
                                const Options &options) {
    const size_t first = options.count("first", 0);
    const size_t first_id = options.count("first-id", first);
    base.seek(first);
    if (base.at_end()) {
        die(options.text("base") + " has no row " + std::to_string(first));
    }
    const size_t rows =
        options.count("rows", options.has("seconds") ? SIZE_MAX : base.rows() - first);
    const double interval = options.has("rate") ? 1 / options.number("rate") : 0;
    const double start = now();
    const double end = start + options.number("seconds", 1e9);
    std::vector<double> seconds;
    while (seconds.size() < rows && now() < end) {
        const auto chunk = encode_chunk(base, first, first_id + seconds.size(),
                                        std::min(kChunk, rows - seconds.size()));
        for (size_t i = 0; i < chunk.size() && now() < end; i++) {
            wait_until(start + static_cast<double>(seconds.size()) * interval);
            const double before = now();
            connection.execute("insert", chunk[i], true);
            seconds.push_back(now() - before);
        }
    }
    return seconds;
}

}  // namespace

void insert_rows(const Options &options) {
    const auto connection = open_session(options);
    VecsReader<float> base(options.text("base"));
    connection->prepare(
        "insert", "INSERT INTO " + options.text("table") + " (id, embedding) VALUES ($1, $2)");
    if (options.has("cpu")) {
        pin(0, static_cast<int>(options.count("cpu", 0)));
        pin(connection->backend_pid(), static_cast<int>(options.count("cpu", 0)));
    }
    const CpuMeter meter(connection->backend_pid());
    const std::string lsn = connection->value("SELECT pg_current_wal_insert_lsn()");
    const CpuSample before = meter.sample();
    std::vector<double> seconds = run_inserts(*connection, base, options);
    const CpuSample after = meter.sample();
    if (seconds.empty()) {
        die("there was no time to insert a row");
    }
    const double wal =
        std::stod(connection->value("SELECT pg_current_wal_insert_lsn() - '" + lsn + "'::pg_lsn"));
    const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
    const auto n = static_cast<double>(seconds.size());
    std::sort(seconds.begin(), seconds.end());

    Record record(options);
    record.add("rows", n, 0);
    record.add("rows_per_second", n / sum, 1);
    record.add("p50_us", percentile(seconds, 0.5) * 1e6, 1);
    record.add("p99_us", percentile(seconds, 0.99) * 1e6, 1);
    record.add("cpu_us", (after.own - before.own) / n * 1e6, 1);
    record.add("wal_bytes_per_row", wal / n, 1);
    record.add("foreign_cpu", foreign_share(before, after), 2);
    record.write();
}

}  // namespace bench
