#include "client/timing.h"

#include <algorithm>
#include <future>
#include <numeric>

#include "client/cpu.h"
#include "common/vecs.h"

namespace bench {
namespace {

// The seconds of each execution.
std::vector<double> run_all(Connection &connection, const std::vector<std::string> &parameters,
                            double seconds) {
    std::vector<double> times;
    const double start = now();
    double last = start;
    do {
        for (const std::string &parameter : parameters) {
            connection.execute("q", parameter, true);
            const double end = now();
            times.push_back(end - last);
            last = end;
        }
    } while (last - start < seconds);
    return times;
}

// The first connection is of the thread that calls.
Timing attempt(const std::vector<Connection *> &connections,
               const std::vector<std::string> &parameters, const Options &options,
               const CpuMeter &meter) {
    const double seconds = options.number("seconds", 2);
    const auto run = [&](size_t i) {
        if (options.has("cpu")) {
            const auto cpu = static_cast<int>(options.count("cpu", 0) + i);
            pin(0, cpu);
            pin(connections[i]->backend_pid(), cpu);
        }
        return run_all(*connections[i], parameters, seconds);
    };
    Timing timing;
    const CpuSample before = meter.sample();
    std::vector<std::future<std::vector<double>>> others;
    for (size_t i = 1; i < connections.size(); i++) {
        others.push_back(std::async(std::launch::async, run, i));
    }
    const auto take = [&](const std::vector<double> &times) {
        timing.elapsed = std::max(timing.elapsed, std::accumulate(times.begin(), times.end(), 0.0));
        timing.seconds.insert(timing.seconds.end(), times.begin(), times.end());
    };
    take(run(0));
    for (std::future<std::vector<double>> &other : others) {
        take(other.get());
    }
    const CpuSample after = meter.sample();
    timing.cpu = after.own - before.own;
    timing.foreign = foreign_share(before, after);
    std::sort(timing.seconds.begin(), timing.seconds.end());
    return timing;
}

double percentile_ms(const Timing &timing, double share) {
    return percentile(timing.seconds, share) * 1e3;
}

}  // namespace

double percentile(const std::vector<double> &sorted, double share) {
    const auto rank = static_cast<size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(rank, sorted.size() - 1)];
}

Timing time_statement(const std::vector<Connection *> &connections,
                      const std::vector<std::string> &parameters, const Options &options) {
    if (parameters.empty()) {
        die("there are no queries");
    }
    const double limit = options.number("max-foreign", 0.05);
    const CpuMeter meter(connections.at(0)->backend_pid());
    Timing best;
    for (size_t i = 0; i < std::max<size_t>(1, options.count("attempts", 1)); i++) {
        meter.wait_until_idle(options.number("wait-idle", 0), limit);
        Timing timing = attempt(connections, parameters, options, meter);
        if (best.seconds.empty() || timing.foreign < best.foreign) {
            best = std::move(timing);
        }
        if (best.foreign <= limit) {
            break;
        }
    }
    return best;
}

void add_timing(Record &record, const Timing &timing) {
    const auto n = static_cast<double>(timing.seconds.size());
    const double sum = std::accumulate(timing.seconds.begin(), timing.seconds.end(), 0.0);
    record.add("qps", n / timing.elapsed, 1);
    record.add("mean_ms", sum / n * 1e3, 4);
    record.add("p50_ms", percentile_ms(timing, 0.5), 4);
    record.add("p95_ms", percentile_ms(timing, 0.95), 4);
    record.add("p99_ms", percentile_ms(timing, 0.99), 4);
    record.add("cpu_ms", timing.cpu / n * 1e3, 4);
    record.add("foreign_cpu", timing.foreign, 2);
}

}  // namespace bench
