#include "client/timing.h"

#include <algorithm>
#include <numeric>

#include "client/cpu.h"
#include "common/vecs.h"

namespace bench {
namespace {

Timing attempt(Connection &connection, const std::vector<std::string> &parameters, double seconds,
               const CpuMeter &meter) {
    Timing timing;
    const CpuSample before = meter.sample();
    const double start = now();
    double last = start;
    do {
        for (const std::string &parameter : parameters) {
            connection.execute("q", parameter, true);
            const double end = now();
            timing.seconds.push_back(end - last);
            last = end;
        }
    } while (last - start < seconds);
    const CpuSample after = meter.sample();
    timing.elapsed = last - start;
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

Timing time_statement(Connection &connection, const std::vector<std::string> &parameters,
                      const Options &options) {
    if (parameters.empty()) {
        die("there are no queries");
    }
    if (options.has("cpu")) {
        const auto cpu = static_cast<int>(options.count("cpu", 0));
        pin(0, cpu);
        pin(connection.backend_pid(), cpu);
    }
    const double limit = options.number("max-foreign", 0.05);
    const CpuMeter meter(connection.backend_pid());
    Timing best;
    for (size_t i = 0; i < std::max<size_t>(1, options.count("attempts", 1)); i++) {
        meter.wait_until_idle(options.number("wait-idle", 0), limit);
        Timing timing = attempt(connection, parameters, options.number("seconds", 2), meter);
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
