// pgslab/verify.h.
#include <algorithm>

#include "api/guard.h"
#include "api/page_kinds.h"
#include "ivf/verify.h"
#include "pgslab/index.h"
#include "pgslab/machine.h"
#include "pgslab/status.h"
#include "pgslab/verify.h"
#include "store/layout.h"
#include "store/meta.h"
#include "store/page.h"

using namespace pgslab;

struct PgsVerify {
    Verify verify;
};

namespace {

const char *kind_name(const Page &page) noexcept {
    if (const NamedKind *named = named_kind(page.slab.kind)) {
        return named->name;
    }
    return is_blank(page) ? "empty" : "unknown";
}

}  // namespace

PgsStatus pgs_verify_create(const void *meta, PgsVerify **verify) {
    return guard(nullptr, [&] {
        *verify = new PgsVerify{Verify(as_page(meta))};
        return PGS_OK;
    });
}

void pgs_verify_destroy(PgsVerify *verify) {
    delete verify;
}

PgsMachine *pgs_verify_machine(PgsVerify *verify) {
    return &verify->verify;
}

const PgsVerifiedRow *pgs_verify_rows(const PgsVerify *verify, size_t *count) {
    *count = verify->verify.rows().size();
    return verify->verify.rows().data();
}

bool pgs_page_verify(void *page_bytes) {
    Page &page = as_page(page_bytes);
    const bool intact = is_intact(page);
    if (!intact) {
        mark(page);
    }
    return intact;
}

bool pgs_page_damaged(const void *page) {
    return is_blank(as_page(page)) || (is_marked(as_page(page)) && !is_intact(as_page(page)));
}

void pgs_page_info(const void *page_bytes, PgsPageInfo *info) {
    const Page &page = as_page(page_bytes);
    *info = {};
    info->kind = kind_name(page);
    info->part = page.slab.owner;
    info->generation = page.slab.generation;
    info->sequence = page.slab.sequence;
    if (!bounds_are_sane(page)) {
        return;
    }
    info->used_bytes = used_bytes(page);
    info->checksum_ok = page.slab.checksum == page_checksum(page);
    if (page.slab.kind == PageKind::kRecord) {
        const auto *records = reinterpret_cast<const Record *>(page.payload);
        info->records = info->used_bytes / sizeof(Record);
        info->tombstones = static_cast<uint32_t>(std::count_if(
            records, records + info->records, [](const Record &r) { return r.flags != 0; }));
    }
}
