// pgslab/build.h.
#include "api/codebook_api.h"
#include "api/guard.h"
#include "format/meta.h"
#include "format/page.h"
#include "index/build.h"
#include "pgslab/build.h"
#include "pgslab/codebook.h"
#include "pgslab/index.h"
#include "pgslab/status.h"

using namespace pgslab;

struct PgsBuild {
    Build build;
};

PgsStatus pgs_build_create(const PgsOptions *options, const PgsCodebook *codebook,
                           PgsBuild **build) {
    return guard(nullptr, [&] {
        if (!is_possible(*options) || shape_of(*options) != codebook->codebook->shape()) {
            return PGS_MISUSE;
        }
        *build = new PgsBuild{Build(*options, *codebook->codebook)};
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
