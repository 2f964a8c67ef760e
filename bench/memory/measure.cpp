#include "memory/measure.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "common/record.h"

namespace bench {
namespace {

struct Pass {
    double recall = 0;
    double qps = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    double cpu_ms = 0;
};

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Pass run_pass(const SearchSet &set, const Search &search) {
    const size_t n = std::min(search.queries, set.queries.rows);
    std::vector<double> seconds(n);
    double sum = 0;
    size_t found = 0;
    const double cpu_start = cpu_seconds();
    for (size_t q = 0; q < n; q++) {
        int64_t ids[kNeighbours];
        const double start = clock_seconds();
        search.run(set.queries.row(q), ids);
        seconds[q] = clock_seconds() - start;
        sum += seconds[q];
        const int32_t *nearest = set.truth.row(q);
        const std::unordered_set<int64_t> truth(nearest, nearest + kNeighbours);
        for (int64_t id : ids) {
            found += truth.count(id);
        }
    }
    const double cpu = cpu_seconds() - cpu_start;
    std::sort(seconds.begin(), seconds.end());
    return {static_cast<double>(found) / static_cast<double>(kNeighbours * n),
            static_cast<double>(n) / sum, seconds[n / 2] * 1e3, seconds[n * 99 / 100] * 1e3,
            cpu / static_cast<double>(n) * 1e3};
}

double median(const std::vector<Pass> &passes, double Pass::*figure) {
    std::vector<double> values;
    for (const Pass &pass : passes) {
        values.push_back(pass.*figure);
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

SearchSet::SearchSet(const Options &options)
    : cosine(options.text("metric") == "cosine"),
      base(read_vecs<float>(options.text("base"), options.count("rows", SIZE_MAX))),
      queries(read_vecs<float>(options.text("queries"))),
      truth(read_vecs<int32_t>(options.text("truth"))) {
    if (truth.rows < queries.rows || truth.dims < kNeighbours || queries.dims != base.dims) {
        die("base, queries and truth do not belong together");
    }
    if (cosine) {
        normalize_rows(base);
        normalize_rows(queries);
    }
}

void measure(const Options &options, const SearchSet &set, const std::vector<Search> &searches) {
    std::vector<std::vector<Pass>> passes(searches.size());
    for (size_t i = 0; i < options.count("repetitions", 3); i++) {
        for (size_t s = 0; s < searches.size(); s++) {
            searches[s].prepare();
            run_pass(set, searches[s]);
            passes[s].push_back(run_pass(set, searches[s]));
        }
    }
    for (size_t s = 0; s < searches.size(); s++) {
        Record record(options);
        record.add("search", searches[s].setting);
        record.add("recall", median(passes[s], &Pass::recall), 4);
        record.add("qps", median(passes[s], &Pass::qps), 1);
        record.add("p50_ms", median(passes[s], &Pass::p50_ms), 4);
        record.add("p99_ms", median(passes[s], &Pass::p99_ms), 4);
        record.add("cpu_ms", median(passes[s], &Pass::cpu_ms), 4);
        record.write();
    }
}

void record_build(const Options &options, const std::string &what, double seconds, size_t threads) {
    Record record(options);
    record.add("built", what);
    record.add("seconds", seconds, 1);
    record.add("threads", static_cast<double>(threads), 0);
    record.print();
}

double clock_seconds() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
}

}  // namespace bench
