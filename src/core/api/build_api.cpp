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

bool pgs_build_add(PgsBuild *build, const float *vector, PgsTid tid, PgsRecord *packed) {
    Record record;
    if (!build->build.add(vector, tid, &record)) {
        return false;
    }
    std::memcpy(packed, &record, sizeof record);
    return true;
}

void pgs_build_end_rows(PgsBuild *build) {
    build->build.end_rows();
}

void pgs_build_add_record(PgsBuild *build, const PgsRecord *packed) {
    Record record;
    std::memcpy(&record, packed, sizeof record);
    build->build.add_record(record);
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
