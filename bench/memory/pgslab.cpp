// pgslab's search core over pages in memory, by target recall: what the server runs, without it.
#include <algorithm>
#include <memory>
#include <string>

#include "ivf/testing/memory_index.h"
#include "store/testing/pump.h"
#include "memory/measure.h"

namespace bench {
namespace {

using pgslab::MemoryIndex;

constexpr uint32_t kCalibrationQueries = 400;
constexpr size_t kScanMemory = size_t{4} << 20;  // as work_mem

std::vector<pgslab::TestRow> rows_of(const Matrix<float> &base) {
    std::vector<pgslab::TestRow> rows;
    rows.reserve(base.rows);
    for (size_t i = 0; i < base.rows; i++) {
        rows.push_back({pgslab::tid_number(static_cast<uint32_t>(i)),
                        pgslab::Vector(base.row(i), base.row(i) + base.dims)});
    }
    return rows;
}

std::unique_ptr<MemoryIndex> build(const SearchSet &set) {
    const auto dims = static_cast<int>(set.base.dims);
    const PgsOptions options = {dims, set.cosine ? PGS_COSINE : PGS_L2, PGS_F16, "",
                                "",   pgs_auto_refine_bits(dims)};
    auto index = std::make_unique<MemoryIndex>(options, rows_of(set.base));
    index->calibrate(kCalibrationQueries, true);
    return index;
}

// Pages are not verified: a backend has done that at its first sight of them.
PgsRequest next_row(PgsMachine *machine, const pgslab::PageStore &store) {
    for (;;) {
        const PgsRequest request = pgslab::ask(machine);
        if (request.kind != PGS_REQUEST_PAGE) {
            return request;
        }
        PgsError error = {};
        pgslab::require(pgs_page(machine, &store.read_again(request.block), &error), error);
    }
}

// As the server's side does it, which looks rows up in their table.
void search(PgsScan *scan, const MemoryIndex &index, const PgsEffort &effort, const float *query,
            int64_t *ids) {
    PgsError error;
    std::fill(ids, ids + kNeighbours, -1);
    pgslab::require(
        pgs_scan_start(scan, &index.meta(), index.codebook(), query, nullptr, &effort, false,
                       &error),
        error);
    for (size_t found = 0; found < kNeighbours;) {
        const PgsRequest request = next_row(pgs_scan_machine(scan), index.store());
        if (request.kind == PGS_REQUEST_FOUND) {
            ids[found++] = pgslab::number_of(request.tid);
        } else if (request.kind == PGS_REQUEST_LOOK_UP) {
            const pgslab::Vector &vector = index.vectors()->at(pgslab::number_of(request.tid));
            pgslab::require(pgs_scan_looked_up(scan, vector.data(), &error), error);
        } else {
            return;
        }
    }
}

void run(const Options &options) {
    const SearchSet set(options);
    const double start = clock_seconds();
    const std::unique_ptr<MemoryIndex> index = build(set);
    record_build(options, "lists " + std::to_string(index->info().lists), clock_seconds() - start,
                 1);
    const auto scan = pgslab::make_owned<PgsScan>(
        pgs_scan_destroy, [](PgsScan **made) { return pgs_scan_create(kScanMemory, made); });

    std::vector<Search> searches;
    for (const char *target : {"0.80", "0.90", "0.95", "0.97", "0.99", "0.995"}) {
        const PgsEffort effort = {false, false, std::stod(target), 0, 0, kNeighbours};
        searches.push_back({std::string("target_recall=") + target, [] {},
                            [&index, &scan, effort](const float *query, int64_t *ids) {
                                search(scan.get(), *index, effort, query, ids);
                            }});
    }
    // By the stored vectors' distances: the server would put rows in the order of the table's.
    const PgsEffort exact = {true, true, 1, 0, 0, kNeighbours};
    searches.push_back({"exact", [] {},
                        [&index, &scan, exact](const float *query, int64_t *ids) {
                            search(scan.get(), *index, exact, query, ids);
                        },
                        100});
    measure(options, set, searches);
}

}  // namespace
}  // namespace bench

int main(int argc, char **argv) {
    bench::run(bench::Options(argc, argv, 1));
    return 0;
}
