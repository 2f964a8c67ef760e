// pgslab/calibrate.h.
#include <algorithm>

#include "api/codebook_api.h"
#include "api/guard.h"
#include "ivf/lessons.h"
#include "ivf/meta.h"
#include "ivf/needs.h"
#include "ivf/sampler.h"
#include "pgslab/calibrate.h"
#include "pgslab/codebook.h"
#include "pgslab/machine.h"
#include "pgslab/scan.h"
#include "pgslab/status.h"
#include "search/calibrate.h"
#include "search/effort.h"
#include "search/recall_fit.h"
#include "search/share_within.h"
#include "store/meta.h"
#include "store/page.h"

using namespace pgslab;

static_assert(PGS_LEVELS == kLevels && PGS_ROW_CLASSES == kRowClasses &&
              PGS_LEARNT_UNIT * kLearntUnits == 1);

struct PgsSampler {
    Sampler sampler;
};

struct PgsCalibration {
    Calibrate calibrate;
};

PgsStatus pgs_sampler_create(const void *meta, const PgsCodebook *codebook, uint32_t vectors,
                             PgsDraw draw, uint64_t seed, PgsSampler **sampler) {
    return guard(nullptr, [&] {
        if (!is_codebook_of(meta_of(as_page(meta)), *codebook->codebook)) {
            return PGS_MISUSE;
        }
        *sampler = new PgsSampler{Sampler(as_page(meta), *codebook->codebook, vectors, draw, seed)};
        return PGS_OK;
    });
}

void pgs_sampler_destroy(PgsSampler *sampler) {
    delete sampler;
}

PgsMachine *pgs_sampler_machine(PgsSampler *sampler) {
    return &sampler->sampler;
}

uint32_t pgs_sampler_vectors(const PgsSampler *sampler) {
    return sampler->sampler.vectors();
}

const float *pgs_sampler_vector(const PgsSampler *sampler, uint32_t i, uint64_t *slot) {
    *slot = sampler->sampler.address(i);
    return sampler->sampler.vector(i);
}

PgsStatus pgs_calibration_create(const void *meta, const PgsCodebook *codebook,
                                 const PgsSampler *sampler, const PgsCalibrationOptions *options,
                                 PgsCalibration **calibration) {
    return guard(nullptr, [&] {
        if (!is_codebook_of(meta_of(as_page(meta)), *codebook->codebook) ||
            sampler->sampler.dims() != vectors_of(meta_of(as_page(meta))).dims) {
            return PGS_MISUSE;
        }
        *calibration = new PgsCalibration{
            Calibrate(as_page(meta), *codebook->codebook, sampler->sampler, *options)};
        return PGS_OK;
    });
}

void pgs_calibration_destroy(PgsCalibration *calibration) {
    delete calibration;
}

PgsMachine *pgs_calibration_machine(PgsCalibration *calibration) {
    return &calibration->calibrate;
}

void pgs_calibration_progress(const PgsCalibration *calibration, PgsProgress *progress) {
    calibration->calibrate.progress(*progress);
}

bool pgs_calibration_falls_short(const PgsCalibration *calibration, bool given, double *promised,
                                 double *found) {
    constexpr double kChance = 0.03;
    const Calibrate::Shortfall &most =
        given ? calibration->calibrate.short_of_given() : calibration->calibrate.short_of_rows();
    *promised = most.promised;
    *found = most.found;
    return most.promised - most.found > kChance;
}

bool pgs_meta_level(const void *meta_page, int i, PgsLevel *level) {
    const Calibration &calibration = vectors_of(meta_of(as_page(meta_page))).calibration;
    if (calibration.queries == 0 || i < 0 || i >= PGS_LEVELS) {
        return false;
    }
    const Level &l = calibration.level[i];
    *level = {l.recall, l.lists, l.codes, l.refined, l.compared};
    return true;
}

void pgs_meta_calibrate(void *meta_page, const PgsCalibration *calibration) {
    set_calibration(as_page(meta_page), calibration->calibrate.result(),
                    calibration->calibrate.learnt_before());
}

uint32_t pgs_row_class(uint32_t rows) {
    return class_of(rows);
}

bool pgs_meta_goes_by_margins(const void *meta_page) {
    const Meta &meta = meta_of(as_page(meta_page));
    return vectors_of(meta).calibration.queries != 0 &&
           vectors_of(meta).element != Element::kSigns && !needs_all_lists(meta);
}

uint32_t pgs_level_of(double recall) {
    const auto *const level =
        std::lower_bound(kRecalls.begin(), kRecalls.end(), recall,
                         [](float a, double b) { return a < static_cast<float>(b); });
    return std::min(static_cast<uint32_t>(level - kRecalls.begin()), kLevels - 1);
}

bool pgs_meta_learn(void *meta_page, uint32_t row_class, double recall, double more) {
    Page &page = as_page(meta_page);
    const bool has_changed = learn(vectors_of(meta_of(page)).calibration, row_class, recall, more);
    if (has_changed) {
        finish_meta(page);
    }
    return has_changed;
}

double pgs_meta_learnt(const void *meta_page, uint32_t row_class, double recall) {
    return learnt_for(vectors_of(meta_of(as_page(meta_page))).calibration, row_class, recall);
}

void pgs_expected_work(const void *meta, const PgsEffort *effort, PgsWork *work) {
    expected_work(meta_of(as_page(meta)), *effort, *work);
}

PgsFiltering pgs_expected_filtering(const PgsEffort *effort, uint32_t lists, double rows,
                                    double share, PgsWork *work) {
    return expected_filtering(*effort, lists, rows, share, *work);
}

PgsFiltering pgs_expected_named(const PgsEffort *effort, uint32_t lists, double rows, double share,
                                PgsWork *work) {
    return expected_named(*effort, lists, rows, share, *work);
}

PgsStatus pgs_expected_within(const void *meta, const PgsCodebook *codebook, const float *query,
                              double bound, double *share) {
    return guard(nullptr, [&] {
        if (!is_codebook_of(meta_of(as_page(meta)), *codebook->codebook)) {
            return PGS_MISUSE;
        }
        *share = share_within(as_page(meta), *codebook->codebook, query, bound);
        return PGS_OK;
    });
}
