// pgslab_core.h: build.
#include <cstring>

#include "api/guard.h"
#include "format/page.h"
#include "index/build.h"
#include "pgslab_core.h"

using namespace pgslab;

struct PgsBuild {
    Build build;
};

PgsStatus pgs_build_create(const PgsOptions *options, PgsBuild **build) {
    return guard(nullptr, [&] {
        *build = new PgsBuild{Build(*options)};
        return PGS_OK;
    });
}

void pgs_build_destroy(PgsBuild *build) {
    delete build;
}

bool pgs_build_add(PgsBuild *build, const float *vector, PgsTid tid, PgsRecord *record) {
    Record unpacked;
    if (!build->build.add(vector, tid, &unpacked)) {
        return false;
    }
    std::memcpy(record, &unpacked, sizeof unpacked);
    return true;
}

void pgs_build_end_rows(PgsBuild *build) {
    build->build.end_rows();
}

void pgs_build_add_record(PgsBuild *build, const PgsRecord *record) {
    Record unpacked;
    std::memcpy(&unpacked, record, sizeof unpacked);
    build->build.add_record(unpacked);
}

void pgs_build_end_records(PgsBuild *build) {
    build->build.end_records();
}

const void *pgs_build_page(PgsBuild *build) {
    return build->build.next_page();
}

void pgs_build_meta(const PgsBuild *build, void *page) {
    build->build.write_meta(as_page(page));
}
