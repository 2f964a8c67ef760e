// pgslab/build.h.
#include <memory>

#include "api/codebook_api.h"
#include "api/guard.h"
#include "ivf/build.h"
#include "ivf/meta.h"
#include "pgslab/build.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/status.h"
#include "store/meta.h"
#include "store/page.h"

using namespace pgslab;

struct PgsBuild {
    PgsBuild(const PgsOptions &options, const Codebook &codebook) : build(options, codebook) {}
    Build build;
};

PgsStatus pgs_build_create(const PgsOptions *options, const PgsCodebook *codebook,
                           PgsBuild **build) {
    return guard(nullptr, [&] {
        if (!is_possible(*options) || shape_of(*options) != codebook->codebook->shape()) {
            return PGS_MISUSE;
        }
        auto made = std::make_unique<PgsBuild>(*options, *codebook->codebook);
        if (PgsStatus status = made->build.begin()) {
            return status;
        }
        *build = made.release();
        return PGS_OK;
    });
}

void pgs_build_destroy(PgsBuild *build) {
    delete build;
}

PgsStatus pgs_build_begin_rows(PgsBuild *build, uint64_t rows, uint32_t *blocks, PgsError *error) {
    return guard(error, [&] { return build->build.begin_rows(rows, blocks, error); });
}

PgsStatus pgs_build_add_row(PgsBuild *build, const void *row, uint32_t list, PgsError *error) {
    return guard(error, [&] {
        return build->build.add_row(static_cast<const uint8_t *>(row), list, error);
    });
}

PgsStatus pgs_build_end_rows(PgsBuild *build, PgsError *error) {
    return guard(error, [&] { return build->build.end_rows(error); });
}

const void *pgs_build_page(PgsBuild *build, uint32_t *block) {
    return build->build.next_page(block);
}

void pgs_build_meta(const PgsBuild *build, void *page) {
    build->build.write_meta(as_page(page));
}
