// pgslab/codebook.h.
#include "api/codebook_api.h"

#include <memory>

#include "api/guard.h"
#include "api/machine_api.h"
#include "ivf/encoder.h"
#include "ivf/meta.h"
#include "ivf/training.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "pgslab/types.h"
#include "store/meta.h"
#include "store/page.h"

using namespace pgslab;

static_assert(PGS_MAX_LISTS == kMaxLists);

struct PgsCodebookLoad {
    CodebookLoad load;
};

struct PgsTraining {
    Training training;
};

void pgs_codebook_destroy(PgsCodebook *codebook) {
    delete codebook;
}

size_t pgs_codebook_memory(const PgsCodebook *codebook) {
    return codebook->codebook->memory_bytes();
}

PgsStatus pgs_codebook_load_create(const void *meta, PgsCodebookLoad **load) {
    return guard(nullptr, [&] {
        *load = new PgsCodebookLoad{CodebookLoad(as_page(meta))};
        return PGS_OK;
    });
}

void pgs_codebook_load_destroy(PgsCodebookLoad *load) {
    delete load;
}

PgsMachine *pgs_codebook_load_machine(PgsCodebookLoad *load) {
    return &load->load;
}

PgsStatus pgs_codebook_load_finish(PgsCodebookLoad *load, PgsCodebook **codebook, PgsError *error) {
    return guard(error, [&] {
        if (PgsStatus status = require_done(load->load, error)) {
            return status;
        }
        auto made = std::make_unique<PgsCodebook>();
        if (PgsStatus status = load->load.finish(made->codebook, error)) {
            return status;
        }
        *codebook = made.release();
        return PGS_OK;
    });
}

void pgs_plan(const PgsOptions *options, double rows, size_t memory_bytes, PgsPlan *plan) {
    plan_training(shape_of(*options), rows, memory_bytes, *plan);
}

bool pgs_held_out(PgsTid tid) {
    return held_out(tid);
}

PgsStatus pgs_training_create(const PgsOptions *options, const PgsPlan *plan,
                              const PgsCodebook *present, PgsTraining **training) {
    return guard(nullptr, [&] {
        const Codebook *const codebook = present == nullptr ? nullptr : present->codebook.get();
        if (!is_possible(*options) || plan->lists > PGS_MAX_LISTS ||
            (codebook != nullptr && codebook->shape() != shape_of(*options))) {
            return PGS_MISUSE;
        }
        *training = new PgsTraining{Training(shape_of(*options), *plan, codebook)};
        return PGS_OK;
    });
}

void pgs_training_destroy(PgsTraining *training) {
    delete training;
}

PgsStatus pgs_training_add(PgsTraining *training, const float *vector, bool *taken) {
    return guard(nullptr, [&] {
        *taken = training->training.add(vector);
        return PGS_OK;
    });
}

bool pgs_training_replace(PgsTraining *training, uint32_t i, const float *vector) {
    return training->training.replace(i, vector);
}

uint32_t pgs_training_rows(const PgsTraining *training) {
    return training->training.rows();
}

PgsStatus pgs_training_step(PgsTraining *training, PgsProgress *progress) {
    return guard(nullptr, [&] {
        training->training.step(*progress);
        return PGS_OK;
    });
}

PgsStatus pgs_training_finish(PgsTraining *training, uint64_t identity, PgsCodebook **codebook) {
    return guard(nullptr, [&] {
        auto made = std::make_unique<PgsCodebook>();
        made->codebook = training->training.finish(identity);
        *codebook = made.release();
        return PGS_OK;
    });
}

PgsStatus pgs_encoder_create(const PgsCodebook *codebook, PgsEncoder **encoder) {
    return guard(nullptr, [&] {
        *encoder = new PgsEncoder{Encoder(*codebook->codebook)};
        return PGS_OK;
    });
}

void pgs_encoder_destroy(PgsEncoder *encoder) {
    delete encoder;
}

size_t pgs_row_bytes(const PgsCodebook *codebook) {
    return row_layout(columns_of(codebook->codebook->shape())).bytes;
}

PgsStatus pgs_encode_row(PgsEncoder *encoder, const float *vector, const uint64_t *keys, PgsTid tid,
                         void *row, uint32_t *list, bool *indexed) {
    return guard(nullptr, [&] {
        *indexed =
            encoder->encoder.encode_row(vector, keys, tid, static_cast<uint8_t *>(row), list);
        return PGS_OK;
    });
}

const PgsRecord *pgs_row_record(const void *row) {
    return static_cast<const PgsRecord *>(row);
}

const void *pgs_row_item(const void *meta, const void *row) {
    const Columns &columns = meta_of(as_page(meta)).columns;
    return static_cast<const uint8_t *>(row) + row_layout(columns).item[kSlabColumn];
}

size_t pgs_key_bytes(const PgsCodebook *codebook) {
    return key_bytes(codebook->codebook->shape().keys);
}

bool pgs_encode_value(const PgsCodebook *codebook, const float *vector, const uint64_t *keys,
                      PgsTid tid, void *item, PgsRecord *record) {
    const Shape &shape = codebook->codebook->shape();
    VectorRecord unpacked;
    if (!encode(shape.metric, shape.storage, vector, shape.dims, item, &unpacked,
                codebook->codebook->offset())) {
        return false;
    }
    set_tid(unpacked, tid);
    std::memcpy(record, &unpacked, sizeof unpacked);
    store_keys(key_columns(shape.keys), keys, tid, record->bytes + sizeof *record);
    return true;
}
