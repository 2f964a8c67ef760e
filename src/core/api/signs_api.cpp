// pgslab/signs.h.
#include <cstdint>
#include <vector>

#include "api/guard.h"
#include "ivf/meta.h"
#include "pgslab/signs.h"
#include "pgslab/status.h"
#include "quantize/stored.h"
#include "search/sign_ranks.h"
#include "store/meta.h"
#include "store/page.h"

using namespace pgslab;

struct PgsSignRanks {
    SignRanks ranks;
};

PgsStatus pgs_sign_ranks_create(PgsMetric metric, int dims, const PgsTableRow *drawn, uint32_t n,
                                const float *queries, uint32_t given, PgsSignRanks **ranks) {
    return guard(nullptr, [&] {
        if (dims < 1 || dims > PGS_MAX_DIMS || is_of_sets(static_cast<Metric>(metric))) {
            return PGS_MISUSE;
        }
        const auto width = static_cast<uint32_t>(dims);
        std::vector<float> values;
        std::vector<uint64_t> addresses;
        for (uint32_t i = 0; i < n; i++) {
            values.insert(values.end(), drawn[i].vector, drawn[i].vector + width);
            addresses.push_back(drawn[i].address);
        }
        *ranks = new PgsSignRanks{SignRanks(metric, DrawnRows{width, values, addresses},
                                            {queries, size_t{given} * width})};
        return PGS_OK;
    });
}

void pgs_sign_ranks_destroy(PgsSignRanks *ranks) {
    delete ranks;
}

PgsStatus pgs_sign_ranks_add(PgsSignRanks *ranks, const PgsTableRow *row) {
    return guard(nullptr, [&] {
        ranks->ranks.add(row->vector, row->address);
        return PGS_OK;
    });
}

PgsStatus pgs_sign_ranks_finish(PgsSignRanks *ranks) {
    return guard(nullptr, [&] {
        ranks->ranks.finish();
        return PGS_OK;
    });
}

void pgs_meta_set_candidates(void *meta_page, const PgsSignRanks *ranks) {
    set_candidates(as_page(meta_page), ranks->ranks.candidates(), ranks->ranks.rows());
}

uint64_t pgs_meta_candidates(const void *meta, double recall, uint64_t rows, uint64_t now) {
    return candidates_for(meta_of(as_page(meta)), recall, rows, now);
}

double pgs_recall_by_signs(double recall) {
    return recall_by_signs(recall);
}
