// Drives a machine of the boundary for a Caller: the pages that it wants are read by read(block).
#pragma once

#include "api/testing/failing_allocations.h"
#include "pgslab/maintain.h"
#include "store/page.h"

namespace pgslab {

// What the machine wants besides pages, which it is given; after_page() after each.
template <typename Read, typename AfterPage>
PgsRequest pump(Caller &call, PgsMachine *machine, Read read, AfterPage after_page) {
    PgsRequest request;
    PgsError error;
    for (;;) {
        call("pgs_next", [&] { return pgs_next(machine, &request, &error); });
        if (request.kind != PGS_REQUEST_PAGE) {
            return request;
        }
        const Page &page = read(request.block);
        call("pgs_page", [&] { return pgs_page(machine, &page, &error); });
        after_page();
    }
}
template <typename Read>
PgsRequest pump(Caller &call, PgsMachine *machine, Read read) {
    return pump(call, machine, read, [] {});
}

// Answers all that a task asks for, by a copy of the metapage; give_row() hands it the next row.
template <typename Read, typename GiveRow>
void carry_out(Caller &call, PgsTask *task, Page meta, Read read, GiveRow give_row) {
    PgsError error;
    for (;;) {
        const PgsRequest request = pump(call, pgs_task_machine(task), read);
        if (request.kind == PGS_REQUEST_DONE) {
            return;
        }
        if (request.kind == PGS_REQUEST_RUN) {
            PgsReservation reserved = {};
            require(pgs_meta_reserve(&meta, request.least, request.blocks, request.ids, &reserved,
                                     &error),
                    error);
            call("pgs_task_reserved", [&] { return pgs_task_reserved(task, &reserved, &error); });
        } else if (request.kind == PGS_REQUEST_ROW) {
            give_row();
        }
    }
}

}  // namespace pgslab
